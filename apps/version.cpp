#include "version.hpp"

#include <xgrad/kernels/architecture.hpp>

#include <CLI/Version.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

namespace xgrad::command
{

namespace
{

#ifdef __clang__
constexpr const char* compiler = "clang " __clang_version__;
#else
constexpr const char* compiler = "g++ " __VERSION__;
#endif

/** "9.1.0" of 90100 */
std::string dotted(int version)
{
    constexpr int part = 100;
    return fmt::format("{}.{}.{}", version / (part * part), version / part % part, version % part);
}

} // namespace

std::string version_text()
{
    std::string libraries =
        fmt::format("xtensor {}, xsimd {}, fmt {}, zlib {}, nlohmann-json {}.{}.{}, CLI11 {}", XGRAD_XTENSOR,
                    XGRAD_XSIMD, dotted(FMT_VERSION), zlibVersion(), NLOHMANN_JSON_VERSION_MAJOR,
                    NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH, CLI11_VERSION);
    const std::string optional = XGRAD_USED;
    if (!optional.empty())
        libraries += ", " + optional;
    return fmt::format("xgrad {}\n"
                       "compiler: {}\n"
                       "instruction set: {}, of {}\n"
                       "libraries: {}",
                       XGRAD_VERSION, compiler, kernels::architecture(),
                       fmt::join(kernels::available_architectures(), ", "), libraries);
}

} // namespace xgrad::command
