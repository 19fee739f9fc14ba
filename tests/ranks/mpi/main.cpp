// The ranks of MPI, run by mpirun. Each rank checks what it gets against what it computes alone; the exit code is 1 if
// that differs on any. An argument says how the program uses MPI itself: not at all, or before the World is made.

#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/ops/ops.hpp>
#include <xgrad/ranks/mpi.hpp>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <mpi.h>
#include <stdexcept>
#include <string>
#include <vector>

using namespace xgrad;

namespace
{

bool all_pass = true;
std::size_t this_rank = 0;

void check(bool passes, const char* what)
{
    if (passes)
        return;
    all_pass = false;
    std::fprintf(stderr, "rank %zu: %s\n", this_rank, what);
}

std::string bits_of(const ValueAndGradient<float>& result)
{
    std::string bits(reinterpret_cast<const char*>(&result.value), sizeof(float));
    for (const auto& gradient : result.gradients)
        bits.append(reinterpret_cast<const char*>(gradient.data()), gradient.size() * sizeof(float));
    return bits;
}

void check_bits(Ranks& ranks)
{
    const LeNet5<float> net(1);
    const auto parameters = net.parameters();
    Random random(2);
    const Array<float> images = random.normal<float>({48, 1, 32, 32}, 0, 1);
    Labels labels(Shape{48}, 0);
    for (std::int32_t& label : labels)
        label = static_cast<std::int32_t>(random.below(10));
    const auto of = [&](Ranks* shared) {
        return bits_of(value_and_gradient(
            parameters, images, labels,
            [&](const Variable<float>& x, const Labels& t) { return softmax_cross_entropy(net(x), t); },
            {.chunk = 3, .ranks = shared}));
    };
    const std::string alone = of(nullptr);
    for (int step = 0; step < 3; ++step)
        check(of(&ranks) == alone, "loss or gradients differ from those of one process");
}

void check_failure(Ranks& ranks)
{
    const auto w = variable<double>(2);
    const Parameters<double> parameters{{"w", w}};
    const std::size_t samples = 4 * ranks.size();
    std::string text;
    try {
        value_and_gradient(parameters, samples,
                           [&](std::size_t begin, std::size_t) {
                               if (begin + 1 == samples)
                                   throw std::runtime_error("the disk is full");
                               return w * 1.0;
                           },
                           {.chunk = 1, .ranks = &ranks});
    } catch (const std::exception& e) {
        text = e.what();
    }
    check(text.ends_with("the disk is full"), "what a rank throws does not end all");
}

void check_long_messages(Ranks& ranks)
{
    std::vector<char> bytes(100'000'000, static_cast<char>(ranks.rank()));
    const std::size_t last = ranks.size() - 1;
    if (last > 0 && ranks.rank() == last)
        ranks.send(bytes.data(), bytes.size(), 0);
    if (last > 0 && ranks.rank() == 0)
        ranks.receive(bytes.data(), bytes.size(), last);
    ranks.broadcast(bytes.data(), bytes.size(), 0);
    check(bytes.front() == static_cast<char>(last) && bytes.back() == static_cast<char>(last),
          "a long message is not what was sent");
}

/** A message that nobody sends is given up after the timeout. The World cannot be used then. */
void check_timeout(mpi::World& world)
{
    world.set_timeout(std::chrono::milliseconds(100));
    for (int i = 0; i < 2; ++i) {
        std::string text;
        try {
            char byte = 0;
            world.receive(&byte, 1, (world.rank() + 1) % world.size());
        } catch (const Error& error) {
            text = error.what();
        }
        check(text.find("has waited 0.1 s for rank") != std::string::npos, "a wait does not end");
    }
}

/** Checks that a World cannot be made, and why. */
int refused(const char* why)
{
    try {
        const mpi::World world;
    } catch (const Error& error) {
        check(std::string(error.what()).find(why) != std::string::npos, error.what());
        return all_pass ? 0 : 1;
    }
    std::fputs("a World was made\n", stderr);
    return 1;
}

void check_all()
{
    mpi::World world;
    this_rank = world.rank();
    check_bits(world);
    check_failure(world);
    check_long_messages(world);
}

} // namespace

int main(int argc, char** argv)
try {
    const std::string way = argc > 1 ? argv[1] : "";
    int level = 0;
    if (way == "finalized" || way == "single")
        MPI_Init_thread(&argc, &argv, MPI_THREAD_SINGLE, &level);
    if (way == "initialized")
        MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
    if (way == "finalized") {
        MPI_Finalize();
        return refused("MPI was finalized");
    }
    if (way == "single") {
        const int code = level < MPI_THREAD_FUNNELED ? refused("MPI was started without threads") : 0;
        MPI_Finalize();
        return code;
    }
    if (way == "timeout") {
        mpi::World world(&argc, &argv);
        check_timeout(world);
        MPI_Allreduce(MPI_IN_PLACE, &all_pass, 1, MPI_CXX_BOOL, MPI_LAND, MPI_COMM_WORLD);
        if (all_pass && world.rank() == 0)
            std::fputs("the wait was given up\n", stderr);
        MPI_Barrier(MPI_COMM_WORLD); // the first to return ends all, as nobody has left
        return 0;
    }
    if (way == "initialized") {
        for (int i = 0; i < 2; ++i) // one after the other, in a program that has MPI for itself
            check_all();
        MPI_Finalize();
    } else {
        check_all();
    }
    return all_pass ? 0 : 1;
} catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
