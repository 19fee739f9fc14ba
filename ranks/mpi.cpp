#include <xgrad/base/error.hpp>
#include <xgrad/ranks/mpi.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <mpi.h>

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

/** Calls f(offset, count) for pieces of a message, since MPI counts by `int`. */
template <class F>
void in_pieces(std::size_t count, F f)
{
    constexpr std::size_t most = std::size_t{1} << 30;
    for (std::size_t offset = 0; offset < count; offset += most)
        f(offset, static_cast<int>(std::min(most, count - offset)));
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
    if (level < MPI_THREAD_FUNNELED)
        throw Error("[ranks] MPI was started without threads: call MPI_Init_thread with MPI_THREAD_FUNNELED or more, "
                    "or let World start it");
    return !is_started;
}

constexpr int tag = 0;

} // namespace

struct World::State
{
    bool must_end;
    MPI_Comm all = MPI_COMM_NULL;
    int rank = 0, size = 1;
};

World::World(int* argc, char*** argv) : state_(new State{start(argc, argv)})
{
    check(MPI_Comm_dup(MPI_COMM_WORLD, &state_->all), "making a communicator");
    MPI_Comm_set_errhandler(state_->all, MPI_ERRORS_RETURN);
    MPI_Comm_rank(state_->all, &state_->rank);
    MPI_Comm_size(state_->all, &state_->size);
}

World::~World()
{
    int is_ended = 0;
    MPI_Finalized(&is_ended);
    if (is_ended)
        return;
    MPI_Comm_free(&state_->all);
    if (state_->must_end)
        MPI_Finalize();
}

std::size_t World::rank() const { return static_cast<std::size_t>(state_->rank); }
std::size_t World::size() const { return static_cast<std::size_t>(state_->size); }

void World::send(const void* bytes, std::size_t count, std::size_t to)
{
    in_pieces(count, [&](std::size_t offset, int piece) {
        check(
            MPI_Send(static_cast<const char*>(bytes) + offset, piece, MPI_BYTE, static_cast<int>(to), tag, state_->all),
            "sending");
    });
}

void World::receive(void* bytes, std::size_t count, std::size_t from)
{
    in_pieces(count, [&](std::size_t offset, int piece) {
        MPI_Status status;
        check(MPI_Recv(static_cast<char*>(bytes) + offset, piece, MPI_BYTE, static_cast<int>(from), tag, state_->all,
                       &status),
              "receiving");
        int received = 0;
        MPI_Get_count(&status, MPI_BYTE, &received);
        if (received != piece)
            throw Error(
                fmt::format("[ranks] rank {} sent {} bytes, rank {} expected {}", from, received, rank(), piece));
    });
}

void World::broadcast(void* bytes, std::size_t count, std::size_t from)
{
    in_pieces(count, [&](std::size_t offset, int piece) {
        check(MPI_Bcast(static_cast<char*>(bytes) + offset, piece, MPI_BYTE, static_cast<int>(from), state_->all),
              "broadcasting");
    });
}

} // namespace xgrad::mpi
