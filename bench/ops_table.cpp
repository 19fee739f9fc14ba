// Makes the table of single ops, xgrad beside libtorch: bench/ops --table runs it in the folder of the programs.
//
//     ops_table FOLDER REPEATS [OP…]

#include "op_table.hpp"
#include "peer.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{

using namespace bench;

constexpr std::size_t sizes[] = {64, 4096, 1'000'000};

/** The text "0.31 (0.62)": nanoseconds of an element, and their median ratio to libtorch's. */
std::string cell(Peer& ours, Peer& theirs, const std::string& work, std::size_t size, std::size_t repeats)
{
    std::vector<double> times, ratios;
    for (std::size_t i = 0; i < repeats; ++i) {
        const double own = ours.ask(work, size);
        times.push_back(own);
        ratios.push_back(own / theirs.ask(work, size));
    }
    const double time = median(times), ratio = median(ratios);
    char text[64];
    std::snprintf(text, sizeof text, ratio > 1 ? "%.*f (**%.2f**)" : "%.*f (%.2f)", time < 10 ? 2 : 0, time, ratio);
    return text;
}

/** The given ops, or all. @throws std::runtime_error if there is no such op; the message lists those that there are */
std::vector<std::string> chosen(const std::vector<std::string>& given)
{
    const std::vector<std::string> all = op_names();
    for (const std::string& op : given)
        if (std::find(all.begin(), all.end(), op) == all.end()) {
            std::string list;
            for (const std::string& each : all)
                list += " " + each;
            throw std::runtime_error("there is no op '" + op + "' in the table; there are:" + list);
        }
    return given.empty() ? all : given;
}

void write_table(const std::string& folder, std::size_t repeats, const std::vector<std::string>& ops)
{
    Peer ours(folder + "/measure_ops_xgrad", 1), theirs(folder + "/measure_ops_libtorch", 1);
    for (const std::string type : {"float", "double"})
        for (const bool backward : {false, true}) {
            std::cout << "\n| " << type << ", " << (backward ? "forward and backward" : "forward")
                      << " | 64 | 4,096 | 10⁶ |\n|---|---|---|---|\n";
            for (const std::string& op : ops) {
                if (backward && (op == "floor" || op == "round")) // nothing flows back
                    continue;
                std::cout << "| `" << op << "`";
                for (const std::size_t size : sizes)
                    std::cout << " | " << cell(ours, theirs, op_work(op, type, backward), size, repeats);
                std::cout << " |" << std::endl;
            }
        }
}

} // namespace

int main(int count, char** arguments)
{
    try {
        if (count < 3)
            throw std::runtime_error("ops_table FOLDER REPEATS [OP…]");
        write_table(arguments[1], std::strtoul(arguments[2], nullptr, 10), chosen({arguments + 3, arguments + count}));
    } catch (const std::exception& e) {
        std::cerr << "bench/ops: " << e.what() << "\n";
        return 1;
    }
}
