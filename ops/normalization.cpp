#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/kernels/pieces.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/normalization.hpp>
#include <xgrad/ops/reduction.hpp>

#include <fmt/core.h>

#include <array>
#include <cmath>

namespace xgrad
{

namespace
{

/** The rows y and their factors r (…, 1). Rows that are not centred keep their mean. */
template <class T>
std::array<Variable<T>, 2> normalized_rows(const Variable<T>& x, T epsilon, bool centred)
{
    Shape factors = x.shape();
    const std::size_t extent = factors.back();
    factors.back() = 1;
    std::array<Variable<T>, 2> results{uninitialized<T>(x.shape()), uninitialized<T>(factors)};
    const T* from = x.data();
    T *y = results[0].mutable_data(), *r = results[1].mutable_data();
    const kernels::Table<T>& kernel = kernels::table<T>();
    const T n = static_cast<T>(extent);
    kernels::for_pieces(results[1].size(), extent, [&](const kernels::Range& rows) {
        for (std::size_t i = rows.begin; i < rows.end; ++i) {
            const T* const row = from + i * extent;
            T* const to = y + i * extent;
            const T middle = centred ? kernel.sum(row, extent) / n : T{0};
            kernel.binary(kernels::Binary::subtract, kernels::Operands::vector_scalar, row, &middle, to, extent);
            r[i] = 1 / std::sqrt(kernel.dot(to, to, extent) / n + epsilon);
            kernel.binary(kernels::Binary::multiply, kernels::Operands::vector_scalar, to, r + i, to, extent);
        }
    });
    return results;
}

/** The rows of x, with their factors r as a second result: the rule reads both, and so it has a rule itself. */
template <class T>
Variable<T> normalize(const char* op, const Variable<T>& x, T epsilon, bool centred)
{
    if (x.dimension() == 0)
        throw ShapeError(fmt::format("[{}] a scalar has no rows: an array (…, D) is needed", op));
    if (!(epsilon >= 0))
        throw ShapeError(fmt::format("[{}] ε is {}: it must not be negative", op, epsilon));
    if (x.size() == 0)
        return x;
    const auto value = [&] { return normalized_rows(x, epsilon, centred); };
    const auto rule = [centred](const Variables<T>& gs, const Variables<T>& ys) {
        const Variable<T>&g = gs[0], &y = ys[0], &r = ys[1];
        // The derivative of r is −r²·y/D.
        const Variable<T> along_y = mean(g * y, -1, true) + gs[1] * r / static_cast<T>(y.shape().back());
        Variable<T> rest = g - y * along_y;
        if (centred)
            rest = std::move(rest) - mean(g, -1, true);
        return std::move(rest) * r;
    };
    const auto tell = [epsilon] { return Attributes{.numbers = {epsilon}}; };
    if (centred)
        return record("standardize", tell, value, wrt(x, rule))[0];
    return record("rms_normalize", tell, value, wrt(x, rule))[0];
}

} // namespace

template <class T>
Variable<T> standardize(const Variable<T>& x, Number<T> epsilon)
{
    return normalize("standardize", x, T(epsilon), true);
}

template <class T>
Variable<T> rms_normalize(const Variable<T>& x, Number<T> epsilon)
{
    return normalize("rms_normalize", x, T(epsilon), false);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> standardize(const Variable<T>&, Number<T>);                                                   \
    template Variable<T> rms_normalize(const Variable<T>&, Number<T>);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
