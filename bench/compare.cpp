// Measures xgrad, libtorch, handwritten steps and the machine's matrix product: docs/performance.md. The script
// bench/compare builds the measuring programs and starts this one.

#include "curves.hpp"
#include "figures.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

namespace
{

using namespace bench;

struct Options
{
    std::string only = "", folder = ".", results = "", curves = "";
    std::size_t repeats = 7;
    bool peers = false;
    Surroundings surroundings;
};

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
        if (name == "--only")
            options.only = value();
        else if (name == "--peers")
            options.peers = true;
        else if (name == "--repeats") {
            const std::string repeats = value();
            if (repeats.empty() || repeats.size() > 6 || repeats.find_first_not_of("0123456789") != std::string::npos ||
                (options.repeats = std::stoul(repeats)) == 0)
                throw std::runtime_error("--repeats " + repeats + ": a number, 1 or more, is needed");
        } else if (name == "--folder")
            options.folder = value();
        else if (name == "--results")
            options.results = value();
        else if (name == "--curves")
            options.curves = value();
        else if (name == "--compile")
            options.surroundings.compile = value();
        else if (name == "--library")
            options.surroundings.library = value();
        else
            throw std::runtime_error("there is no option " + name);
    }
    return options;
}

/** The figures in a list such as "P1,P2"; all if it is empty. */
std::vector<Figure> chosen(std::string list)
{
    if (list.empty())
        return figures();
    std::vector<Figure> result;
    list += ",";
    for (std::size_t begin = 0, end; (end = list.find(',', begin)) != std::string::npos; begin = end + 1) {
        const std::string name = list.substr(begin, end - begin);
        const auto found =
            std::find_if(figures().begin(), figures().end(), [&](const Figure& f) { return f.name == name; });
        if (found == figures().end())
            throw std::runtime_error("there is no figure '" + name + "': P1 to P12 and N");
        result.push_back(*found);
    }
    return result;
}

std::string processor()
{
    std::ifstream information("/proc/cpuinfo");
    for (std::string line; std::getline(information, line);)
        if (line.rfind("model name", 0) == 0)
            return line.substr(line.find(':') + 2);
    return "unknown processor";
}

void compare(const Options& options)
{
    std::vector<Figure> asked = chosen(options.only);
    if (options.peers)
        asked.push_back(peers());
    Comparison by(options.folder, options.repeats, std::max(1u, std::thread::hardware_concurrency()));
    if (!options.curves.empty())
        return draw_curves(by, options.curves);
    std::vector<Row> rows;
    std::string explained;
    for (const Figure& figure : asked) {
        std::cerr << figure.name << ": " << figure.what << std::endl;
        const auto measured = figure.measure(by, options.surroundings);
        rows.insert(rows.end(), measured.begin(), measured.end());
        explained += std::string("- ") + figure.name + ": " + figure.what + "\n";
    }
    if (!options.results.empty()) {
        std::ofstream out(options.results);
        out << "# Measured by bench/compare\n\n"
            << processor() << ", " << by.cores() << " cores. Median ratios of " << by.repeats()
            << " repeats; xgrad and its peers took turns. What is measured and how: "
               "[docs/performance.md](../docs/performance.md).\n\n"
            << explained << "\n";
        write_markdown(out, rows);
        if (!out)
            throw std::runtime_error("cannot write " + options.results);
    }
    write_markdown(std::cout, rows);
    std::cout << to_json(rows) << std::endl;
}

} // namespace

int main(int count, char** arguments)
{
    try {
        compare(parse(count, arguments));
    } catch (const std::exception& e) {
        std::cerr << "bench/compare: " << e.what() << "\n";
        return 1;
    }
}
