// Holds xgrad against libtorch: values, gradients and second derivatives of random configurations. docs/agreement.md
// has the results. The script bench/agree builds this program and starts it.

#include "difference.hpp"
#include "run.hpp"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace
{

using namespace agree;

struct Options
{
    std::uint64_t count = 10000, seed = 1;
    std::optional<std::uint64_t> index;
    std::string only;
    bool list = false;
};

std::uint64_t number(const std::string& name, const std::string& text)
{
    if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string::npos)
        throw std::runtime_error(name + " " + text + ": a number, 0 or more, is needed");
    return std::stoull(text);
}

Options parse(int count, char** arguments)
{
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string name = arguments[i];
        const auto value = [&]() -> std::string {
            if (++i >= count)
                throw std::runtime_error(name + " needs a value");
            return arguments[i];
        };
        if (name == "--count")
            options.count = number(name, value());
        else if (name == "--seed")
            options.seed = number(name, value());
        else if (name == "--index")
            options.index = number(name, value());
        else if (name == "--only")
            options.only = value();
        else if (name == "--list")
            options.list = true;
        else
            throw std::runtime_error("there is no option " + name);
    }
    return options;
}

Families all_families()
{
    Families all;
    for (const auto& part : {elementwise_families, pair_families, reduction_families, move_families, indexing_families,
                             product_families, linalg_families, convolution_families, image_families, layer_families,
                             sequence_families, loss_families, optimizer_families})
        for (Family& family : part())
            all.push_back(std::move(family));
    return all;
}

/** The families in a list such as "sum,conv2d"; all if it is empty. */
Families chosen(std::string list)
{
    const Families all = all_families();
    if (list.empty())
        return all;
    Families result;
    list += ",";
    for (std::size_t begin = 0, end; (end = list.find(',', begin)) != std::string::npos; begin = end + 1) {
        const std::string name = list.substr(begin, end - begin);
        const auto found = std::find_if(all.begin(), all.end(), [&](const Family& f) { return f.name == name; });
        if (found == all.end())
            throw std::runtime_error("there is no family '" + name + "'; bench/agree --list lists them");
        result.push_back(*found);
    }
    return result;
}

/** A line of the table. */
struct Row
{
    std::string family;
    std::uint64_t configurations = 0, refused = 0, with_second = 0, different = 0, excused = 0;
    Worst worst;
};

std::string in_words(double difference)
{
    if (difference == 0)
        return "0";
    std::ostringstream text;
    text << std::scientific << std::setprecision(1) << difference;
    return text.str();
}

void print(const Row& row)
{
    std::cout << "| " << std::left << std::setw(28) << row.family << std::right << " | " << std::setw(14)
              << row.configurations << " | " << std::setw(7) << in_words(row.worst.values) << " | " << std::setw(9)
              << in_words(row.worst.gradients) << " | " << std::setw(18)
              << (row.with_second == 0 ? "" : in_words(row.worst.second)) << " | " << std::setw(11) << row.different
              << " | " << std::setw(13) << row.excused << " |\n";
}

int compare(const Options& options)
{
    const Families families = chosen(options.only);
    std::map<std::string, int> reasons; // and in how many configurations
    Row total{.family = "total", .worst = {}};
    std::cout
        << "| family                       | configurations |  values | gradients | second derivatives | differences "
           "| stated reason |\n"
           "|---|--:|--:|--:|--:|--:|--:|\n";
    for (std::size_t i = 0; i < families.size(); ++i) {
        const Family& family = families[i];
        const std::uint64_t share = (options.count * (i + 1)) / families.size() - options.count * i / families.size();
        Row row{.family = family.name, .worst = {}};
        std::string differences;
        for (std::uint64_t index = options.index.value_or(0); index < (options.index ? *options.index + 1 : share);
             ++index) {
            const Outcome outcome = run(family, options.seed, index);
            ++row.configurations;
            row.refused += outcome.both_refused;
            row.with_second += outcome.has_second;
            row.worst.include(outcome.worst);
            row.different += !outcome.difference.empty();
            row.excused += !outcome.reasons.empty();
            for (const std::string& reason : outcome.reasons)
                ++reasons["`" + family.name + "`: " + reason];
            if (!outcome.difference.empty() && row.different <= 3)
                differences += "    " + outcome.difference + "\n        " + outcome.text +
                               "\n        bench/agree --only " + family.name + " --seed " +
                               std::to_string(options.seed) + " --index " + std::to_string(index) + "\n";
        }
        print(row);
        std::cout << differences << std::flush;
        total.configurations += row.configurations;
        total.refused += row.refused;
        total.with_second += row.with_second;
        total.different += row.different;
        total.excused += row.excused;
        total.worst.include(row.worst);
    }
    print(total);
    std::cout << "\nBoth libraries refused " << total.refused << " configurations. Second derivatives were compared in "
              << total.with_second << ".\n";
    if (!reasons.empty())
        std::cout << "\nDifferences with a stated reason, and in how many configurations:\n\n";
    for (const auto& [reason, count] : reasons)
        std::cout << "- " << reason << " (" << count << ")\n";
    return total.different == 0 ? 0 : 1;
}

} // namespace

int main(int count, char** arguments)
{
    try {
        torch::set_num_threads(1);
        const Options options = parse(count, arguments);
        if (!options.list)
            return compare(options);
        for (const Family& family : all_families())
            std::cout << family.name << '\n';
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "bench/agree: " << error.what() << '\n';
        return 2;
    }
}
