#pragma once
// Programs that the tests run through a shell.

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <string>

namespace xgrad::test
{

/** The output of a shell command, with that on the error stream. */
inline std::string output_of(const std::string& command)
{
    std::string output;
    FILE* pipe = popen(("export LC_ALL=C; (" + command + ") 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer{};
    while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr)
        output += buffer.data();
    pclose(pipe);
    return output;
}

} // namespace xgrad::test
