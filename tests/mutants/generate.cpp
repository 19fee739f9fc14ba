// Makes the mutated copies of the sources: generate MUTANTS.TXT ROOT FOLDER. Each copy holds all of its mutants, which
// sleep until XGRAD_MUTANT names one. FOLDER/list.txt has a line for each.

#include "mutants.hpp"

#include <filesystem>
#include <iostream>
#include <map>

using namespace xgrad::test;

int main(int, char** arguments)
try {
    const std::filesystem::path root = arguments[2], folder = arguments[3];
    const std::vector<Mutant> mutants = read_mutants(arguments[1]);
    std::filesystem::create_directories(folder);
    std::ofstream list(folder / "list.txt");
    std::map<std::string, std::multimap<std::size_t, std::size_t>> places; // for each file the places of its mutants
    for (std::size_t i = 0; i < mutants.size(); ++i) {
        const Mutant& one = mutants[i];
        list << one.file << ": " << one.name << ": " << one.right << " => " << one.wrong << '\n';
        places[one.file].emplace(place_of(one, text_of(root / one.file)), i);
    }
    for (const auto& [file, of_file] : places) {
        const std::string source = text_of(root / file);
        std::filesystem::create_directories((folder / file).parent_path());
        std::ofstream copy(folder / file);
        const bool is_source = file.ends_with(".cpp"); // a wrong rule may need more ops than the right one
        copy << (is_source ? "" : "#pragma once\n") << "#include \"is_mutant.hpp\"\n"
             << (is_source ? "#include <xgrad/ops/ops.hpp>\n" : "") << "#line 1 \"" << (root / file).string() << "\"\n";
        std::size_t done = 0;
        for (const auto& [place, i] : of_file) {
            if (place < done)
                throw std::runtime_error("mutants: '" + mutants[i].name + "' changes what another one changes");
            copy << source.substr(done, place - done) << choice(mutants[i], i + 1);
            done = place + mutants[i].right.size();
        }
        copy << source.substr(done);
    }
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
