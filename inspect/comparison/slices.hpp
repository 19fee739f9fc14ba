#pragma once
// The slices of an array along an axis, and their order.

#include <xgrad/base/array.hpp>

#include <optional>
#include <vector>

namespace xgrad::detail
{

/** The slices of an array along an axis. */
struct Slices
{
    const Array<double>& x;
    std::size_t count, inner = 1, outer = 1;

    Slices(const Array<double>& array, std::size_t axis);
    double at(std::size_t o, std::size_t slice, std::size_t i) const
    {
        return x.data()[(o * count + slice) * inner + i];
    }

    /** A sum with uneven weights for each slice; equal slices have equal sums. */
    std::vector<double> keys() const;
};

/** The order in which the slices of `right` along an axis are in `wrong`; nothing if other slices are in it. */
std::optional<std::vector<std::size_t>> permutation(const Array<double>& right, const Array<double>& wrong,
                                                    std::size_t axis, double tolerance);

/** Returns whether an order of more than two is the opposite one. */
bool is_flip(const std::vector<std::size_t>& order);

} // namespace xgrad::detail
