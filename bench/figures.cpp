#include "figures.hpp"

#include "measure.hpp"
#include "networks.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>

namespace bench
{

namespace
{

using Rows = std::vector<Row>;

constexpr double flop_per_image = 2.26e6; // LeNet-5's multiply-adds, counted twice, without the image's gradient

std::string batch(std::size_t size) { return "batch " + std::to_string(size); }
std::string images_per_second(const Samples& seconds, std::size_t size)
{
    return in_words(static_cast<double>(size) / median(seconds), "images/s");
}
std::string nanoseconds(const Samples& seconds) { return in_words(1e9 * median(seconds), "ns"); }
std::string against(const std::string& mine, const std::string& peer) { return mine + " against " + peer; }

/** The row with the ratio of a peer's best time to xgrad's. */
Row over_best(Comparison& by, const char* figure, const std::string& part, const std::string& work, std::size_t size,
              std::optional<Bar> bar, Who peer = Who::libtorch)
{
    const auto times = by.against_best(work, size, peer);
    return {figure, part, ratio(times[1], times[0]),
            "×",    bar,  against(images_per_second(times[0], size), images_per_second(times[1], size))};
}

Rows batches(Comparison& by, const Surroundings&)
{
    Rows rows;
    for (const std::size_t size : {64u, 128u, 256u})
        rows.push_back(over_best(by, "P1", batch(size), "lenet5", size, above(7, 10)));
    return rows;
}

Rows online(Comparison& by, const Surroundings&) { return {over_best(by, "P2", "", "lenet5", 1, above(13, 18))}; }

Rows one_core(Comparison& by, const Surroundings&)
{
    const auto times = by.ask({{Who::xgrad, 1, "lenet5", 128}, {Who::libtorch, 1, "lenet5", 128}});
    return {{"P3", "", ratio(times[1], times[0]), "×", above(5.5, 7),
             against(images_per_second(times[0], 128), images_per_second(times[1], 128))}};
}

Rows by_hand(Comparison& by, const Surroundings&)
{
    Rows rows;
    for (const std::size_t size : {128u, 1u}) {
        const auto times = by.ask({{Who::xgrad, 1, "lenet5", size},
                                   {Who::xgrad, 1, "handwritten", size},
                                   {Who::xgrad, 1, "naive", size},
                                   {Who::xgrad, 1, "over_handwritten", size}});
        rows.push_back({"P4", batch(size), median(times[3]), "×", size == 1 ? below(1.08, 1) : below(1.02, 1),
                        against(images_per_second(times[0], size), images_per_second(times[1], size))});
        rows.push_back({"P4",
                        "naive loops' time, " + batch(size),
                        ratio(times[2], times[0]),
                        "×",
                        {},
                        images_per_second(times[2], size) + " by naive loops"});
    }
    return rows;
}

Rows small_op(Comparison& by, const Surroundings&)
{
    Rows rows;
    for (const std::string op : {"tanh", "add"}) {
        const std::string both = op + "_and_backward";
        const auto times =
            by.ask({{Who::xgrad, 1, op}, {Who::libtorch, 1, op}, {Who::xgrad, 1, both}, {Who::libtorch, 1, both}});
        const auto add_rows = [&](const std::string& way, const Samples& mine, const Samples& peer, const Bar& bar) {
            const std::string medians = against(nanoseconds(mine), nanoseconds(peer));
            rows.push_back({"P5", op + " " + way, 1e9 * median(mine), "ns", bar, medians});
            rows.push_back(
                {"P5", op + " " + way + " over libtorch's", ratio(mine, peer), "×", below(1.0 / 8, 1.0 / 8), medians});
        };
        add_rows("forward and record", times[0], times[1], below(80, 50));
        add_rows("backward", difference(times[2], times[0]), difference(times[3], times[1]), below(45, 30));
    }
    return rows;
}

Rows allocations(Comparison& by, const Surroundings&)
{
    Rows rows;
    for (const std::size_t threads : {std::size_t{1}, by.cores()})
        for (const std::size_t size : {128u, 1u}) {
            const auto counts = by.ask({{Who::xgrad, threads, "allocations", size}});
            rows.push_back({"P6",
                            batch(size) + ", " + std::to_string(threads) + (threads == 1 ? " thread" : " threads"),
                            median(counts[0]), "", below(0, 0), "calls of malloc in a step"});
        }
    return rows;
}

Rows peak(Comparison& by, const Surroundings&)
{
    const Samples mine = by.ask_fresh({Who::xgrad, by.cores(), "peak", 128}, 3);
    const Samples peer = by.ask_fresh({Who::libtorch, by.cores(), "peak", 128}, 3);
    return {{"P7", "", ratio(mine, peer), "×", below(0.4, 0.25),
             against(in_words(median(mine) / 1e6, "MB"), in_words(median(peer) / 1e6, "MB"))}};
}

Rows two_threads(Comparison& by, const Surroundings&)
{
    const auto times = by.ask({{Who::xgrad, 2, "lenet5", 128}, {Who::xgrad, 1, "lenet5", 128}});
    return {{"P8", "", ratio(times[1], times[0]), "×", above(1.92, 1.97),
             against(images_per_second(times[0], 128), images_per_second(times[1], 128))}};
}

Rows gradient_over_value(Comparison& by, const Surroundings&)
{
    const auto times = by.ask({{Who::xgrad, 1, "lenet5_gradient", 128}, {Who::xgrad, 1, "lenet5_value", 128}});
    return {{"P9", "", ratio(times[0], times[1]), "×", below(2.4, 2.2),
             against(images_per_second(times[0], 128), images_per_second(times[1], 128))}};
}

Rows same_bits(Comparison& by, const Surroundings&)
{
    const auto bits = by.ask({{Who::xgrad, 1, "fingerprint", 128}, {Who::xgrad, 2, "fingerprint", 128}});
    const auto times = by.ask({{Who::xgrad, 1, "sum_of_chunks", 128}, {Who::xgrad, 1, "lenet5", 128}});
    return {{"P10", "", bits[0] == bits[1] ? 1.0 : 0.0, "yes", above(1, 1), "loss and gradients of 128 images"},
            {"P10",
             "cost",
             100 * ratio(times[0], times[1]),
             "%",
             {},
             "of a step: adding up the chunks' gradients in a fixed order, all of it"}};
}

Rows useful_flop(Comparison& by, const Surroundings&)
{
    std::vector<Question> questions = {{Who::xgrad, 1, "lenet5", 128}};
    for (const std::size_t n : {256u, 512u, 1024u})
        for (const Who who : {Who::xgrad, Who::libtorch})
            questions.push_back({who, 1, "product", n});
    const auto answers = by.ask(questions);
    double roof = 0;
    for (std::size_t i = 1; i < answers.size(); ++i)
        roof = std::max(roof, median(answers[i]));
    const double rate = 128 * flop_per_image / median(answers[0]);
    return {{"P11", "", 100 * rate / roof, "%", above(60, 80),
             in_words(rate / 1e9, "GF/s") + " of " + in_words(roof / 1e9, "GF/s")}};
}

Rows user_s_file(Comparison& by, const Surroundings& surroundings)
{
    if (surroundings.compile.empty() || surroundings.library.empty())
        throw std::runtime_error("P12 needs --compile and --library");
    Samples seconds;
    for (std::size_t repeat = 0; repeat < by.repeats(); ++repeat) {
        const double begin = now();
        if (std::system(surroundings.compile.c_str()) != 0)
            throw std::runtime_error("cannot compile a user's file: " + surroundings.compile);
        seconds.push_back(now() - begin);
    }
    const auto bytes = static_cast<double>(std::filesystem::file_size(surroundings.library));
    return {{"P12", "compile time", median(seconds), "s", below(2, 1.5), "a file that includes the umbrella header"},
            {"P12", "library size", bytes / 1e6, "MB", below(8, 5), "shared and stripped"}};
}

Rows further_networks(Comparison& by, const Surroundings&)
{
    const auto bar_of = [](const std::string& work) {
        return above(work == "plain" || work == "strided" ? 1.6 : 2, 3);
    };
    std::vector<std::string> works = {"maps", "perceptron"};
    for (const auto& kind : convolution_kinds)
        works.emplace_back(kind.name);
    Rows rows;
    for (const std::string& work : works)
        for (const std::size_t size : {64u, 1u})
            rows.push_back(over_best(by, "N", work + ", " + batch(size), work, size, bar_of(work)));
    for (const std::size_t size : {32u, 1u}) {
        rows.push_back(over_best(by, "N", "transformer block, " + batch(size), "transformer_block", size, above(2, 3)));
        rows.push_back(over_best(by, "N", "LSTM, " + batch(size), "lstm", size, above(2, 3)));
    }
    return rows;
}

Rows other_peers(Comparison& by, const Surroundings&)
{
    Rows rows;
    for (const std::size_t size : {64u, 1u})
        rows.push_back(over_best(by, "peers", "dlib, " + batch(size), "lenet5", size, std::nullopt, Who::dlib));
    return rows;
}

} // namespace

const std::vector<Figure>& figures()
{
    static const std::vector<Figure> all = {
        {"P1", "training step of LeNet-5, all cores, over libtorch's best", batches},
        {"P2", "the same, batch 1", online},
        {"P3", "one core over one core, batch 128", one_core},
        {"P4", "autodiff over the same step written by hand", by_hand},
        {"P5", "an op of 10 floats", small_op},
        {"P6", "heap allocations in a steady-state step", allocations},
        {"P7", "peak bytes against libtorch's", peak},
        {"P8", "two threads over one, batch 128", two_threads},
        {"P9", "value and gradient over value, batch 128", gradient_over_value},
        {"P10", "same bits for 1 and 2 threads", same_bits},
        {"P11", "useful FLOP/s over a matrix product's, one core", useful_flop},
        {"P12", "compile time of a user's file, size of the library", user_s_file},
        {"N", "further networks and layers, all cores, over libtorch's best", further_networks},
    };
    return all;
}

const Figure& peers()
{
    static const Figure figure = {"peers", "training step of LeNet-5, all cores, over the best of other libraries",
                                  other_peers};
    return figure;
}

} // namespace bench
