#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/optim/clipping.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace xgrad::optim
{

namespace
{

template <class T>
void check_bound(const char* op, T largest)
{
    if (!(largest > 0))
        throw Error(fmt::format("[{}] the bound is {}: it must be greater than 0", op, largest));
}

/** Applies a function to every number. The gradients get arrays of their own first, such that nothing has changed if
 *  there is not enough memory, and nobody else sees the change. */
template <class T, class F>
void for_each_number(Variables<T>& gradients, F f)
{
    for (Variable<T>& gradient : gradients)
        gradient = constant(std::move(gradient).value());
    for (Variable<T>& gradient : gradients)
        std::for_each_n(gradient.mutable_data(), gradient.size(), f);
}

} // namespace

template <class T>
T global_norm(const Variables<T>& gradients)
{
    double largest = 0;
    for (const Variable<T>& gradient : gradients)
        for (std::size_t i = 0; i < gradient.size(); ++i) {
            const double size = std::abs(static_cast<double>(gradient.data()[i]));
            if (!std::isfinite(size))
                return static_cast<T>(size);
            largest = std::max(largest, size);
        }
    if (largest == 0)
        return 0;
    double sum = 0; // of squares relative to the largest one, which neither overflow nor vanish
    for (const Variable<T>& gradient : gradients)
        for (std::size_t i = 0; i < gradient.size(); ++i) {
            const double part = static_cast<double>(gradient.data()[i]) / largest;
            sum += part * part;
        }
    return static_cast<T>(largest * std::sqrt(sum));
}

template <class T>
T clip_by_global_norm(Variables<T>& gradients, T largest)
{
    check_bound("clip_by_global_norm", largest);
    const T norm = global_norm(gradients);
    if (!std::isfinite(norm))
        throw NumericalError(fmt::format("[clip_by_global_norm] the norm of the gradients is {}: it must be finite",
                                         std::isnan(norm) ? "NaN" : "infinite"));
    if (norm > largest)
        for_each_number(gradients, [factor = largest / norm](T& g) { g *= factor; });
    return norm;
}

template <class T>
void clip_by_value(Variables<T>& gradients, T largest)
{
    check_bound("clip_by_value", largest);
    for_each_number(gradients, [largest](T& g) { g = std::clamp(g, -largest, largest); });
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template T global_norm(const Variables<T>&);                                                                       \
    template T clip_by_global_norm(Variables<T>&, T);                                                                  \
    template void clip_by_value(Variables<T>&, T);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::optim
