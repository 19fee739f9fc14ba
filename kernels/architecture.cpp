#include <xgrad/base/error.hpp>
#include <xgrad/kernels/architecture.hpp>
#include <xgrad/kernels/table.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <span>
#include <string_view>
#include <type_traits>

namespace xgrad::kernels
{

namespace baseline
{
const Table<float>& table_float();
const Table<double>& table_double();
} // namespace baseline
#ifdef XGRAD_HAS_AVX2
namespace avx2
{
const Table<float>& table_float();
const Table<double>& table_double();
} // namespace avx2
#endif
#ifdef XGRAD_HAS_AVX512
namespace avx512
{
const Table<float>& table_float();
const Table<double>& table_double();
} // namespace avx512
#endif

namespace
{

struct Architecture
{
    const char* name;
    const Table<float>* floats;
    const Table<double>* doubles;
    bool available;
};

#if defined(XGRAD_HAS_AVX2) || defined(XGRAD_HAS_AVX512)
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#endif
#ifdef XGRAD_HAS_AVX512
bool has_avx512()
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

/** All instruction sets that the library was built with, narrowest first. Nothing of the list is destroyed while the
 *  program ends. */
std::span<const Architecture> architectures()
{
    static const Architecture all[] = {
        {"baseline", &baseline::table_float(), &baseline::table_double(), true},
#ifdef XGRAD_HAS_AVX2
        {"avx2", &avx2::table_float(), &avx2::table_double(), has_avx2()},
#endif
#ifdef XGRAD_HAS_AVX512
        {"avx512", &avx512::table_float(), &avx512::table_double(), has_avx512()},
#endif
    };
    return all;
}

const Architecture& find(std::string_view name, const char* who)
{
    std::string choices;
    bool exists = false;
    for (const Architecture& each : architectures()) {
        if (each.name == name && each.available)
            return each;
        exists |= each.name == name;
        if (each.available)
            choices += std::string(choices.empty() ? "" : ", ") + each.name;
    }
    throw Error(std::string("[") + who + "] " +
                (exists ? "this machine lacks the instructions of '" : "there is no instruction set '") +
                std::string(name) + "'; choose one of " + choices);
}

const Architecture& widest_available()
{
    const std::span<const Architecture> all = architectures();
    return *std::find_if(all.rbegin(), all.rend(), [](const Architecture& each) { return each.available; });
}

std::atomic<const Architecture*> chosen{nullptr};

// Called at the first use, not by a static initialiser, whose exception could not be caught.
[[gnu::noinline]] const Architecture& choose()
{
    const char* wish = std::getenv("XGRAD_ARCH");
    const Architecture& choice = wish && *wish ? find(wish, "XGRAD_ARCH") : widest_available();
    // If several threads get here at once, the first one decides.
    const Architecture* none = nullptr;
    chosen.compare_exchange_strong(none, &choice);
    return *chosen.load();
}

inline const Architecture& current()
{
    const Architecture* architecture = chosen.load(std::memory_order_acquire);
    return architecture ? *architecture : choose();
}

} // namespace

std::vector<std::string> available_architectures()
{
    std::vector<std::string> names;
    for (const Architecture& each : architectures())
        if (each.available)
            names.emplace_back(each.name);
    return names;
}

std::string architecture() { return current().name; }

void use_architecture(const std::string& name) { chosen = &find(name, "use_architecture"); }

template <class T>
const Table<T>& table()
{
    if constexpr (std::is_same_v<T, float>)
        return *current().floats;
    else
        return *current().doubles;
}

template const Table<float>& table<float>();
template const Table<double>& table<double>();

} // namespace xgrad::kernels
