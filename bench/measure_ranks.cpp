// Measures, on the processes that a launcher started, what the time of a training step is made of. Rank 0 prints one
// JSON object: bench/ranks collects those of several numbers of ranks.

#include "measure.hpp"
#include <xgrad/base/joining.hpp>
#include <xgrad/base/together.hpp>
#include <xgrad/ranks/mpi.hpp>
#include <xgrad/xgrad.hpp>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

namespace
{

using namespace xgrad;

struct Network
{
    const char* name;
    const char* model;
    Choices choices;
    std::size_t batch; ///< the usual batch; a rank's in weak scaling
};

const Network networks[] = {
    {"LeNet-5", "lenet5", {}, 256},
    {"residual CNN", "residual-cnn", {{"norm", "group"}}, 128},
    {"perceptron of 10⁷ weights", "mlp", {{"hidden", "3000-2500"}}, 256},
};

constexpr std::size_t chunk = 16;

/** Images that cost as much as real ones. */
Dataset noise(std::size_t count)
{
    Random random(1);
    Images images{empty_array<std::uint8_t>({count, 1, 28, 28}), empty_array<std::int32_t>({count}), 10};
    for (std::uint8_t& pixel : images.pixels)
        pixel = static_cast<std::uint8_t>(random.below(256));
    for (std::int32_t& label : images.labels)
        label = static_cast<std::int32_t>(random.below(10));
    return {"noise", images, images};
}

/** The median time of a training step, which ranks share. */
double step_time(const Network& network, std::size_t batch, std::size_t steps, Ranks* ranks)
{
    const Dataset data = noise(batch * (steps + 2));
    const TrainingOptions options{.batch = batch, .chunk = chunk, .learning_rate = 1e-6};
    Training training(make_classifier(network.model, 1, network.choices), data, options, ranks);
    std::vector<double> times;
    for (std::size_t i = 0; i < steps + 2; ++i) {
        const double begin = bench::now();
        training.step();
        if (i >= 2)
            times.push_back(bench::now() - begin);
    }
    return bench::median(times);
}

/** The time in which the gradients of all ranks are added up and given to all. */
double tree_time(Ranks& ranks, const Parameters<float>& parameters, std::size_t times)
{
    std::vector<std::vector<float>> gradients;
    for (const Variable<float>& parameter : parameters)
        gradients.emplace_back(parameter.size(), 1.0F);
    const detail::Shares shares(ranks.size(), ranks.size());
    std::vector<double> samples;
    for (std::size_t i = 0; i < times + 2; ++i) {
        detail::together(&ranks, [] {}); // all begin at the same time
        const double begin = bench::now();
        detail::Joining joining(ranks);
        detail::Pieces pieces;
        for (std::vector<float>& gradient : gradients)
            pieces.append(gradient.data(), gradient.size() * sizeof(float));
        joining.sum(shares, pieces, detail::add_numbers<float>);
        if (i >= 2)
            samples.push_back(bench::now() - begin);
    }
    return bench::median(samples);
}

/** The time in which two ranks exchange messages of so many bytes. */
double message_time(Ranks& ranks, std::size_t bytes, std::size_t times)
{
    std::vector<char> sent(bytes), received(bytes);
    std::vector<double> samples;
    for (std::size_t i = 0; i < times + 2; ++i) {
        const double begin = bench::now();
        if (ranks.rank() < 2)
            ranks.exchange(sent.data(), bytes, received.data(), bytes, 1 - ranks.rank());
        if (i >= 2)
            samples.push_back(bench::now() - begin);
    }
    detail::together(&ranks, [] {});
    return bench::median(samples);
}

/** The time in which a byte of a gradient is added, of a large one whose pieces come one after the other. */
double add_time()
{
    constexpr std::size_t floats = std::size_t{1} << 18, pieces = 64; // 64 MiB, more than most caches have
    std::vector<float> sum(pieces * floats, 0), part(floats, 1);
    std::vector<double> samples;
    for (int i = 0; i < 7; ++i) {
        const double begin = bench::now();
        for (std::size_t k = 0; k < pieces; ++k)
            detail::add_numbers<float>(sum.data() + k * floats, part.data(), floats * sizeof(float));
        samples.push_back((bench::now() - begin) / static_cast<double>(sum.size() * sizeof(float)));
    }
    return bench::median(samples);
}

} // namespace

int main(int argc, char** argv)
{
    mpi::World world(&argc, &argv);
    set_threads(1);
    nlohmann::json result = {{"ranks", world.size()}, {"cores", std::thread::hardware_concurrency()}};
    if (world.size() > 1) {
        constexpr std::size_t large = std::size_t{1} << 24;
        result["latency"] = message_time(world, 8, 2000);
        result["bandwidth"] = double(large) / message_time(world, large, 20);
    }
    result["add"] = add_time();
    for (const Network& network : networks) {
        const Parameters<float> parameters = make_classifier(network.model, 1, network.choices).parameters;
        const std::size_t weights = parameters.element_count();
        const std::size_t steps = weights > 1'000'000 ? 5 : 15;
        nlohmann::json of{{"name", network.name}, {"weights", weights}, {"batch", network.batch}, {"chunk", chunk}};
        if (world.size() == 1) { // a line through two sizes: the time of a sample, and of the rest
            const double half = step_time(network, network.batch / 2, steps, nullptr);
            const double whole = step_time(network, network.batch, steps, nullptr);
            of["sample"] = (whole - half) / double(network.batch / 2);
            of["rest"] = std::max(2 * half - whole, 0.0);
        } else {
            of["tree"] = tree_time(world, parameters, 2 * steps);
        }
        of["strong"] = step_time(network, network.batch, steps, &world);
        of["weak"] = step_time(network, network.batch * world.size(), steps, &world);
        result["networks"].push_back(of);
    }
    if (world.rank() == 0)
        fmt::print("{}\n", result.dump());
}
