// Predicts the time of training steps on many ranks from what measure_ranks has measured on a few of one machine, and
// holds the prediction against the few. It reads one JSON object a line.

#include "scaling.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

namespace
{

using Json = nlohmann::json;
using namespace bench;

struct Measured
{
    Json one;               ///< the figures of one rank
    std::vector<Json> many; ///< those of each other number of ranks
    Link link;              ///< the messages between two ranks of this machine
};

Measured read_all(std::istream& lines)
{
    Measured measured{};
    for (std::string line; std::getline(lines, line);) {
        const Json each = Json::parse(line);
        if (each.at("ranks") == 1)
            measured.one = each;
        else
            measured.many.push_back(each);
        if (each.at("ranks") == 2)
            measured.link = {each.at("latency"), each.at("bandwidth")};
    }
    if (measured.one.is_null() || measured.link.bandwidth <= 0)
        throw std::runtime_error("measurements of 1 and of 2 ranks are needed");
    return measured;
}

Trained trained(const Measured& measured, std::size_t network)
{
    const Json& net = measured.one.at("networks").at(network);
    return {net.at("weights"), net.at("sample"), net.at("rest"), measured.one.at("add")};
}

void print_machine(const Measured& measured)
{
    const std::size_t cores = measured.one.at("cores");
    fmt::print(
        "\nThis machine: {} cores, {:.1f} µs and {:.1f} GB/s between two ranks. Each rank has one thread; beyond "
        "{} ranks they share cores.\nTimes of a step in ms, predicted / measured:\n\n",
        cores, 1e6 * measured.link.latency, 1e-9 * measured.link.bandwidth, cores);
    fmt::print("| ranks | network | tree | step, the batch of one rank shared | step, a batch for each rank |\n"
               "|---|---|---|---|---|\n");
    for (const Json& run : measured.many)
        for (std::size_t n = 0; n < run.at("networks").size(); ++n) {
            const Json& net = run.at("networks").at(n);
            const Trained of = trained(measured, n);
            const std::size_t ranks = run.at("ranks"), batch = net.at("batch"), chunk = net.at("chunk");
            const double share = std::max(1.0, static_cast<double>(ranks) / static_cast<double>(cores)); // of a core
            const auto ms = [](double seconds) { return fmt::format("{:.2f}", 1e3 * seconds); };
            fmt::print("| {} | {} | {} / {} | {} / {} | {} / {} |\n", ranks, net.at("name").get<std::string>(),
                       ms(share * tree_time(measured.link, of, ranks)), ms(net.at("tree")),
                       ms(share * step_time(measured.link, of, batch, chunk, ranks)), ms(net.at("strong")),
                       ms(share * step_time(measured.link, of, batch * ranks, chunk, ranks)), ms(net.at("weak")));
        }
}

void print_prediction(const Measured& measured, const char* name, const Link& link)
{
    fmt::print("\nOne rank with one thread on each machine, {}, {:g} µs: efficiency in % with a batch for each rank / "
               "with 16 batches shared\n\n| network | batch |",
               name, 1e6 * link.latency);
    for (std::size_t ranks = 2; ranks <= 1024; ranks *= 2)
        fmt::print(" {} |", ranks);
    fmt::print("\n|---|---|");
    for (std::size_t ranks = 2; ranks <= 1024; ranks *= 2)
        fmt::print("---|");
    fmt::print("\n");
    for (std::size_t n = 0; n < measured.one.at("networks").size(); ++n) {
        const Json& net = measured.one.at("networks").at(n);
        const Trained of = trained(measured, n);
        const std::size_t batch = net.at("batch"), chunk = net.at("chunk");
        const auto time = [&](std::size_t samples, std::size_t ranks) {
            return step_time(link, of, samples, chunk, ranks);
        };
        fmt::print("| {} | {} |", net.at("name").get<std::string>(), batch);
        for (std::size_t ranks = 2; ranks <= 1024; ranks *= 2)
            fmt::print(" {:.0f} / {:.0f} |", 100 * time(batch, 1) / time(batch * ranks, ranks),
                       100 * time(16 * batch, 1) / time(16 * batch, ranks) / static_cast<double>(ranks));
        fmt::print("\n");
    }
}

} // namespace

int main()
try {
    const Measured measured = read_all(std::cin);
    print_machine(measured);
    print_prediction(measured, "10 Gbit/s", {20e-6, 1.25e9});
    print_prediction(measured, "100 Gbit/s", {2e-6, 12.5e9});
} catch (const std::exception& error) {
    fmt::print(stderr, "bench/ranks: {}\n", error.what());
    return 1;
}
