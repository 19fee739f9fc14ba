#include <xgrad/base/error.hpp>
#include <xgrad/ranks/mpi.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mpi.h>
#include <thread>
#include <vector>

namespace xgrad::mpi
{

namespace
{

/** @throws Error if an MPI function failed */
void check(int status, const char* what)
{
    if (status == MPI_SUCCESS)
        return;
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    MPI_Error_string(status, text, &length);
    throw Error(fmt::format("[ranks] {}: {}", what, text));
}

constexpr std::size_t longest_piece = std::size_t{1} << 30;

/** Calls f(offset, count) for pieces of a message, since MPI counts by `int`. */
template <class F>
void in_pieces(std::size_t count, F f)
{
    for (std::size_t offset = 0; offset < count; offset += longest_piece)
        f(offset, static_cast<int>(std::min(longest_piece, count - offset)));
}

/** Starts MPI if need be. @return whether it did */
bool start(int* argc, char*** argv)
{
    int is_started = 0, is_ended = 0, level = MPI_THREAD_SINGLE;
    MPI_Initialized(&is_started);
    MPI_Finalized(&is_ended);
    if (is_ended)
        throw Error("[ranks] MPI was finalized: make the World before that");
    if (is_started)
        check(MPI_Query_thread(&level), "asking for the thread level");
    else
        check(MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &level), "starting MPI");
    if (level < MPI_THREAD_FUNNELED && !is_started)
        MPI_Finalize();
    if (level < MPI_THREAD_FUNNELED)
        throw Error("[ranks] MPI was started without threads: call MPI_Init_thread with MPI_THREAD_FUNNELED or more, "
                    "or let World start it");
    return !is_started;
}

constexpr int tag = 0;

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

/** Waits a little. Ranks may share a core, and a long wait should not heat it. */
void pause(Clock::duration waited)
{
    using namespace std::chrono_literals;
    if (waited > 2ms)
        std::this_thread::sleep_for(50us);
    else if (waited > 20us)
        std::this_thread::yield();
}

} // namespace

struct World::State
{
    bool must_end;
    MPI_Comm all = MPI_COMM_NULL;
    MPI_Comm leaving = MPI_COMM_NULL; // of its own: after an error others may wait for a broadcast
    int rank = 0, size = 1;
    Seconds timeout{30};
    std::string lost = {}; // the first error of a message
    bool has_left = false, is_together = false;

    /** Waits for the end of a message. It never blocks in MPI, where nothing could end it. */
    bool wait(MPI_Request& request, MPI_Status* status, const char* what, Seconds most)
    {
        const Clock::time_point begin = Clock::now();
        for (;;) {
            int is_done = 0;
            check(MPI_Test(&request, &is_done, status), what);
            if (is_done != 0)
                return true;
            const Clock::duration waited = Clock::now() - begin;
            if (waited > most)
                return false;
            pause(waited);
        }
    }

    /** A message that has begun. */
    struct Message
    {
        const char* what;
        std::size_t other;
        int count;
        bool is_received;
        MPI_Request request = MPI_REQUEST_NULL;
    };

    Message begin_send(const void* bytes, int count, std::size_t to)
    {
        Message message{"sending", to, count, false};
        check(MPI_Isend(bytes, count, MPI_BYTE, static_cast<int>(to), tag, all, &message.request), message.what);
        return message;
    }
    Message begin_receive(void* bytes, int count, std::size_t from)
    {
        Message message{"receiving", from, count, true};
        check(MPI_Irecv(bytes, count, MPI_BYTE, static_cast<int>(from), tag, all, &message.request), message.what);
        return message;
    }
    Message begin_broadcast(void* bytes, int count, std::size_t from)
    {
        Message message{"broadcasting", from, count, false};
        check(MPI_Ibcast(bytes, count, MPI_BYTE, static_cast<int>(from), all, &message.request), message.what);
        return message;
    }

    void end(Message& message)
    {
        MPI_Status status;
        if (!wait(message.request, &status, message.what, timeout))
            throw Error(fmt::format(
                "[ranks] rank {} has waited {:g} s for {}: it is gone, or computes for longer than the timeout", rank,
                timeout.count(),
                message.other == static_cast<std::size_t>(rank) ? "another rank"
                                                                : fmt::format("rank {}", message.other)));
        int received = message.count;
        if (message.is_received)
            MPI_Get_count(&status, MPI_BYTE, &received);
        if (received != message.count)
            throw Error(fmt::format("[ranks] rank {} sent {} bytes, rank {} expected {}", message.other, received, rank,
                                    message.count));
    }

    /** Calls f, which begins and ends messages. After an error no message can be sent. */
    template <class F>
    void communicate(F f)
    {
        if (!lost.empty())
            throw Error(lost);
        try {
            f();
        } catch (const Error& error) {
            lost = error.what();
            throw;
        }
    }
};

World::World(int* argc, char*** argv) : state_(new State{start(argc, argv)})
{
    for (MPI_Comm* const each : {&state_->all, &state_->leaving}) {
        check(MPI_Comm_dup(MPI_COMM_WORLD, each), "making a communicator");
        MPI_Comm_set_errhandler(*each, MPI_ERRORS_RETURN);
    }
    MPI_Comm_rank(state_->all, &state_->rank);
    MPI_Comm_size(state_->all, &state_->size);
}

World::~World()
{
    int is_ended = 0;
    MPI_Finalized(&is_ended);
    if (is_ended)
        return;
    if (!leave(std::uncaught_exceptions() > 0)) {
        std::atexit([] { abort(1); }); // not now: the program may be about to tell why
        return;
    }
    MPI_Comm_free(&state_->all);
    MPI_Comm_free(&state_->leaving);
    if (state_->must_end)
        MPI_Finalize();
}

std::size_t World::rank() const { return static_cast<std::size_t>(state_->rank); }
std::size_t World::size() const { return static_cast<std::size_t>(state_->size); }
Seconds World::timeout() const { return state_->timeout; }
void World::set_timeout(Seconds timeout) { state_->timeout = timeout; }

void World::send(const void* bytes, std::size_t count, std::size_t to) { exchange(bytes, count, nullptr, 0, to); }

void World::receive(void* bytes, std::size_t count, std::size_t from) { exchange(nullptr, 0, bytes, count, from); }

void World::exchange(const void* sent, std::size_t sent_count, void* received, std::size_t received_count,
                     std::size_t other)
{
    state_->communicate([&] {
        std::vector<State::Message> messages;
        messages.reserve(2 + (sent_count + received_count) / longest_piece); // then nothing fails once they have begun
        in_pieces(received_count, [&](std::size_t offset, int piece) {
            messages.push_back(state_->begin_receive(static_cast<char*>(received) + offset, piece, other));
        });
        in_pieces(sent_count, [&](std::size_t offset, int piece) {
            messages.push_back(state_->begin_send(static_cast<const char*>(sent) + offset, piece, other));
        });
        for (State::Message& message : messages)
            state_->end(message);
    });
}

void World::broadcast(void* bytes, std::size_t count, std::size_t from)
{
    state_->communicate([&] {
        in_pieces(count, [&](std::size_t offset, int piece) {
            State::Message message = state_->begin_broadcast(static_cast<char*>(bytes) + offset, piece, from);
            state_->end(message);
        });
    });
}

bool World::leave(bool failed) noexcept
{
    if (state_->has_left)
        return state_->is_together;
    state_->has_left = true;
    const Seconds within = failed ? Seconds(2) : std::max(state_->timeout, Seconds(600));
    try {
        MPI_Request request = MPI_REQUEST_NULL;
        if (state_->lost.empty()) {
            check(MPI_Ibarrier(state_->leaving, &request), "leaving");
            state_->is_together = state_->wait(request, MPI_STATUS_IGNORE, "leaving", within);
        }
    } catch (const std::exception&) {
    }
    return state_->is_together;
}

void World::abort(int code)
{
    std::fflush(nullptr);
    std::this_thread::sleep_for(std::chrono::milliseconds(200)); // MPICH's mpirun drops what it has not read by the end
    MPI_Abort(MPI_COMM_WORLD, code);
    std::_Exit(code);
}

std::string World::library()
{
    char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    MPI_Get_library_version(text, &length);
    const std::string whole(text);
    return whole.substr(0, whole.find_first_of(",\n")); // then come build options
}

} // namespace xgrad::mpi
