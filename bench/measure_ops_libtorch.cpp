// Measures single ops of libtorch: see op_table.hpp. The argument is the number of threads.

#include "op_table.hpp"

#include <cstdlib>
#include <torch/torch.h>

namespace
{

using torch::Tensor;

template <class T, class Op>
void add(bench::Works& works, const std::string& name, Op op, double low, double high, bool of_rows)
{
    const bool is_float = sizeof(T) == sizeof(float);
    for (const bool backward : {false, true})
        works[bench::op_work(name, is_float ? "float" : "double", backward)] = [=](std::size_t size) {
            std::vector<T> numbers = bench::drawn<T>(size, low, high);
            const auto count = static_cast<std::int64_t>(size), row = static_cast<std::int64_t>(bench::row_length);
            const Tensor flat =
                torch::from_blob(numbers.data(), {count}, is_float ? torch::kFloat : torch::kDouble).clone();
            const Tensor x = (of_rows ? flat.view({count / row, row}) : flat).requires_grad_(backward);
            return bench::nanoseconds(size, [&] {
                if (!backward) {
                    const torch::NoGradGuard none;
                    return static_cast<void>(op(x));
                }
                const Tensor y = op(x);
                static_cast<void>(torch::autograd::grad({y}, {x}, {y.detach()}));
            });
        };
}

template <class T>
void add_all(bench::Works& works)
{
#define BENCH_ROW(name, ours, theirs, low, high)                                                                       \
    add<T>(                                                                                                            \
        works, #name, [](const Tensor& x) { return theirs; }, low, high, false);
    BENCH_OPS(BENCH_ROW)
#undef BENCH_ROW
#define BENCH_ROW(name, ours, theirs, low, high)                                                                       \
    add<T>(                                                                                                            \
        works, #name, [](const Tensor& x) { return theirs; }, low, high, true);
    BENCH_OPS_OF_ROWS(BENCH_ROW)
#undef BENCH_ROW
}

} // namespace

int main(int, char** arguments)
{
    torch::set_num_threads(std::atoi(arguments[1]));
    bench::Works works;
    add_all<float>(works);
    add_all<double>(works);
    return bench::serve(works);
}
