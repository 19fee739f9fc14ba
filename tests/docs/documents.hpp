#pragma once
// The text of the repository's documents, for the tests that hold it against the code.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace xgrad::test
{

inline std::filesystem::path source_folder() { return std::filesystem::path(XGRAD_SOURCE_DATA).parent_path(); }

inline std::string read_text(const std::filesystem::path& path)
{
    std::ifstream file(path);
    if (!file)
        throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace xgrad::test
