#include <xgrad/base/error.hpp>
#include <xgrad/kernels/architecture.hpp>
#include <xgrad/kernels/table.hpp>

#include <atomic>
#include <cstdlib>
#include <type_traits>

namespace xgrad::kernels
{

namespace baseline
{
const Table<float>& table_float();
const Table<double>& table_double();
} // namespace baseline
#ifdef XGRAD_X86
namespace avx2
{
const Table<float>& table_float();
const Table<double>& table_double();
} // namespace avx2
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
    std::string name;
    const Table<float>* floats;
    const Table<double>* doubles;
    bool available;
};

const std::vector<Architecture>& architectures()
{
    static const std::vector<Architecture> all = [] {
        std::vector<Architecture> list;
        list.push_back({"baseline", &baseline::table_float(), &baseline::table_double(), true});
#ifdef XGRAD_X86
        __builtin_cpu_init();
        const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
        const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
                                __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                                __builtin_cpu_supports("avx512vl");
        list.push_back({"avx2", &avx2::table_float(), &avx2::table_double(), has_avx2});
        list.push_back({"avx512", &avx512::table_float(), &avx512::table_double(), has_avx512});
#endif
        return list;
    }();
    return all;
}

const Architecture& find(const std::string& name, const std::string& who)
{
    std::string choices;
    for (const Architecture& each : architectures()) {
        if (each.name == name && each.available)
            return each;
        if (each.available)
            choices += (choices.empty() ? "" : ", ") + each.name;
    }
    for (const Architecture& each : architectures())
        if (each.name == name)
            throw Error("[" + who + "] this machine lacks the instructions of '" + name + "'; choose one of " +
                        choices);
    throw Error("[" + who + "] there is no instruction set '" + name + "'; choose one of " + choices);
}

std::atomic<const Architecture*> chosen{nullptr};

// Called at the first use, not by a static initialiser, whose exception could not be caught.
[[gnu::noinline]] const Architecture& choose()
{
    const char* wish = std::getenv("XGRAD_ARCH");
    const Architecture& choice =
        wish && *wish ? find(wish, "XGRAD_ARCH") : find(available_architectures().back(), "architecture");
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
            names.push_back(each.name);
    return names;
}

const std::string& architecture() { return current().name; }

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
