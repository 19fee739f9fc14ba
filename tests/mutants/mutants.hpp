#pragma once
// Mutants: single mistakes that are put into copies of the library's sources, to see whether the tests notice. Read
// from mutants.txt by the program that makes the copies, and by the test that the list still fits the sources.

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace xgrad::test
{

/** A piece of one line of a file, right and wrong, with enough of what stands around it to be there only once. */
struct Mutant
{
    std::string file, name;
    std::string before, right, wrong, after;
};

inline std::string text_of(const std::string& path)
{
    std::ifstream file(path);
    if (!file)
        throw std::runtime_error("mutants: " + path + " cannot be read");
    return {std::istreambuf_iterator<char>(file), {}};
}

/** The mutant of a line like "return «g * b => g»;". @throws std::runtime_error that quotes another one */
inline Mutant read_mutant(const std::string& file, const std::string& name, const std::string& line)
{
    const std::string open = "«", arrow = " => ", close = "»";
    const std::size_t first = line.find(open), second = line.find(arrow, first), third = line.find(close, second);
    if (first == line.npos || second == line.npos || third == line.npos)
        throw std::runtime_error("mutants: no «right => wrong» in: " + line);
    const std::size_t right = first + open.size(), wrong = second + arrow.size();
    return {file,
            name,
            line.substr(0, first),
            line.substr(right, second - right),
            line.substr(wrong, third - wrong),
            line.substr(third + close.size())};
}

inline std::vector<Mutant> read_mutants(const std::string& path)
{
    std::ifstream list(path);
    std::vector<Mutant> mutants;
    std::string file, name;
    for (std::string line; std::getline(list, line);)
        if (line.starts_with("== "))
            file = line.substr(3);
        else if (line.starts_with("    "))
            mutants.push_back(read_mutant(file, name, line.substr(4)));
        else if (!line.starts_with("#"))
            name = line;
    return mutants;
}

/** The place of the right piece in the source of its file. @throws std::runtime_error unless it is there once */
inline std::size_t place_of(const Mutant& mutant, const std::string& source)
{
    const std::string line = mutant.before + mutant.right + mutant.after;
    const std::size_t place = source.find(line);
    if (place == source.npos || source.find(line, place + 1) != source.npos)
        throw std::runtime_error("mutants: '" + mutant.name + "' needs this once in " + mutant.file + ", it is there " +
                                 (place == source.npos ? "not at all: " : "more than once: ") + line);
    return place + mutant.before.size();
}

/** The text that replaces the right piece: a choice between expressions, or between statements. */
inline std::string choice(const Mutant& mutant, std::size_t number)
{
    const std::string chosen = "::xgrad::test::is_mutant(" + std::to_string(number) + ")";
    if (mutant.right.ends_with(';'))
        return "if (" + chosen + ") { " + mutant.wrong + " } else { " + mutant.right + " }";
    return "(" + chosen + " ? (" + mutant.wrong + ") : (" + mutant.right + "))";
}

} // namespace xgrad::test
