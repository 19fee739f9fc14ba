// Measures single ops of xgrad: see op_table.hpp. The argument is the number of threads.

#include "op_table.hpp"
#include <xgrad/xgrad.hpp>

#include <xtensor/xadapt.hpp>

#include <cstdlib>

namespace
{

using namespace xgrad;

template <class T, class Op>
void add(bench::Works& works, const std::string& name, Op op, double low, double high, bool of_rows)
{
    const std::string type = sizeof(T) == sizeof(float) ? "float" : "double";
    for (const bool backward : {false, true})
        works[bench::op_work(name, type, backward)] = [=](std::size_t size) {
            const std::vector<T> numbers = bench::drawn<T>(size, low, high);
            const Shape shape = of_rows ? Shape{size / bench::row_length, bench::row_length} : Shape{size};
            const auto x = variable<T>(xt::adapt(numbers, shape));
            return bench::nanoseconds(size, [&] {
                if (!backward)
                    return static_cast<void>(op(x));
                Tape tape;
                const auto y = op(x);
                static_cast<void>(tape.vector_jacobian_product<T>({y}, {y}, {x}));
            });
        };
}

template <class T>
void add_all(bench::Works& works)
{
#define BENCH_ROW(name, ours, theirs, low, high)                                                                       \
    add<T>(                                                                                                            \
        works, #name, [](const Variable<T>& x) { return ours; }, low, high, false);
    BENCH_OPS(BENCH_ROW)
#undef BENCH_ROW
#define BENCH_ROW(name, ours, theirs, low, high)                                                                       \
    add<T>(                                                                                                            \
        works, #name, [](const Variable<T>& x) { return ours; }, low, high, true);
    BENCH_OPS_OF_ROWS(BENCH_ROW)
#undef BENCH_ROW
}

} // namespace

int main(int, char** arguments)
{
    set_threads(std::strtoul(arguments[1], nullptr, 10));
    bench::Works works;
    add_all<float>(works);
    add_all<double>(works);
    return bench::serve(works);
}
