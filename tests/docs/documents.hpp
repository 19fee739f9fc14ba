#pragma once
// The text of the repository's documents, for the tests that compare it with the code.

#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

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

inline std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

/** The anchors of a Markdown text's headings, as GitHub makes them. */
inline std::set<std::string> anchors_of(const std::string& text)
{
    std::set<std::string> anchors;
    bool in_block = false;
    for (const std::string& line : lines_of(text)) {
        in_block ^= line.starts_with("```");
        if (in_block || !line.starts_with("#"))
            continue;
        std::string anchor;
        for (const char c : line.substr(line.find(' ') + 1))
            if (const auto byte = static_cast<unsigned char>(c);
                byte >= 128 || std::isalnum(byte) || c == '-' || c == '_')
                anchor += static_cast<char>(byte < 128 ? std::tolower(byte) : byte);
            else if (c == ' ')
                anchor += '-';
        anchors.insert(anchor);
    }
    return anchors;
}

} // namespace xgrad::test
