// Threads of the user's own, which do at once all that the library can do.
#include "files.hpp"
#include "training.hpp"
#include <xgrad/base/memory.hpp>
#include <xgrad/graph/observer.hpp>
#include <xgrad/models/networks/mlp.hpp>
#include <xgrad/ops/derivatives.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <functional>
#include <memory>
#include <thread>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** Runs four threads at once, each of which has its own number. */
void on_four_threads(const std::function<void(std::size_t)>& f)
{
    std::vector<std::thread> threads;
    for (std::size_t number = 0; number < 4; ++number)
        threads.emplace_back([&, number] { f(number); });
    for (std::thread& thread : threads)
        thread.join();
}

std::string bits(const Variables<float>& xs)
{
    std::string all;
    for (const Variable<float>& x : xs)
        all.append(reinterpret_cast<const char*>(x.data()), x.size() * sizeof(float));
    return all;
}

} // namespace

TEST_CASE("threads of the user's own take gradients of shared parameters at once")
{
    const ThreadCount two(2);
    const MLP<float> net({12, 8, 5}, 1);
    const auto parameters = net.parameters();
    const auto x = Random(1).normal<float>({20, 12}, 0, 1);
    const auto loss = [&](const Variable<float>& part) { return mean(square(net(part))); };
    const auto run = [&] {
        std::string all = bits(value_and_gradient(parameters, x, loss, {.chunk = 3}).gradients);
        Tape tape;
        const auto first = tape.gradient(loss(constant(x)), parameters, {.record = true});
        Variable<float> norm = constant<float>(0);
        for (const auto& g : first)
            norm = norm + sum(square(g));
        all += bits(tape.gradient(norm, parameters, {.unused_is_zero = true}));
        all += bits(hessian_vector_product([&] { return loss(constant(x)); }, parameters, parameters.variables()));
        release_unused_memory();
        return all;
    };
    const std::string expected = run();
    std::atomic<int> differing{0};
    on_four_threads([&](std::size_t) {
        for (int repeat = 0; repeat < 4; ++repeat)
            if (run() != expected)
                ++differing;
    });
    CHECK(differing == 0);
}

TEST_CASE("threads of the user's own train, save and load at once")
{
    const ThreadCount two(2);
    const Folder folder;
    const auto train = [&](const std::string& name) {
        Training training = make_training("mlp");
        train_batches(training, 2);
        save_checkpoint(folder / name, training.checkpoint());
        save_checkpoint(folder / "shared", training.checkpoint());
        return load_checkpoint(folder / name);
    };
    const Checkpoint expected = train("expected");
    std::atomic<int> differing{0};
    on_four_threads([&](std::size_t number) {
        if (!same_checkpoints(train(std::to_string(number)), expected) ||
            !same_checkpoints(load_checkpoint(folder / "shared"), expected))
            ++differing;
    });
    CHECK(differing == 0);
    CHECK(folder.count() == 6);
}

TEST_CASE("threads of the user's own destroy each other's tapes")
{
    const auto x = variable<double>(3);
    std::array<std::unique_ptr<Tape>, 4> tapes;
    std::atomic<int> wrong{0};
    std::barrier all(4);
    on_four_threads([&](std::size_t number) {
        for (int round = 0; round < 20; ++round) {
            tapes[number] = std::make_unique<Tape>();
            const auto y = x * x;
            all.arrive_and_wait();
            auto theirs = std::move(tapes[(number + 1) % 4]);
            const auto z = x * x; // while the tape may be destroyed
            theirs.reset();
            all.arrive_and_wait();
            if (is_recording() || (x * x).requires_gradient() || y.item() != 9 || z.item() != 9)
                ++wrong;
            Tape own;
            if (own.gradient(x * x, x).item() != 6)
                ++wrong;
        }
    });
    CHECK(wrong == 0);
}
