#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/slices.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace xgrad::detail
{

namespace
{

bool has_four_values(const Array<double>& x, double apart)
{
    std::vector<double> found;
    for (const double value : x) {
        if (std::all_of(found.begin(), found.end(), [&](double other) { return std::abs(value - other) > apart; }))
            found.push_back(value);
        if (found.size() == 4)
            return true;
    }
    return false;
}

} // namespace

Slices::Slices(const Array<double>& array, std::size_t axis) : x(array), count(array.shape()[axis])
{
    for (std::size_t k = axis + 1; k < x.dimension(); ++k)
        inner *= x.shape()[k];
    outer = x.size() / (count * inner);
}

std::vector<double> Slices::keys() const
{
    std::vector<double> sums(count);
    for (std::size_t o = 0; o < outer; ++o)
        for (std::size_t slice = 0; slice < count; ++slice)
            for (std::size_t i = 0; i < inner; ++i)
                sums[slice] += at(o, slice, i) * uneven(o * inner + i);
    return sums;
}

std::optional<std::vector<std::size_t>> permutation(const Array<double>& right, const Array<double>& wrong,
                                                    std::size_t axis, double tolerance)
{
    const Slices slices(right, axis), moved(wrong, axis);
    const std::size_t count = slices.count, size = right.size() / count;
    const double apart = tolerance * largest_of(right);
    if (count < 2 || (size == 1 && !has_four_values(right, apart))) // few numbers match in some order too easily
        return std::nullopt;
    const auto same = [&](std::size_t a, std::size_t b) {
        for (std::size_t o = 0; o < slices.outer; ++o)
            for (std::size_t i = 0; i < slices.inner; ++i)
                if (std::abs(slices.at(o, a, i) - moved.at(o, b, i)) > apart)
                    return false;
        return true;
    };
    const std::vector<double> keys = slices.keys(), wanted = moved.keys();
    const double keys_apart = 2 * apart * static_cast<double>(size);
    std::vector<std::size_t> by_key(count), order;
    std::iota(by_key.begin(), by_key.end(), std::size_t{0});
    std::stable_sort(by_key.begin(), by_key.end(), [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
    std::vector<bool> used(count);
    for (std::size_t b = 0; b < count; ++b) {
        auto a = std::lower_bound(by_key.begin(), by_key.end(), wanted[b] - keys_apart,
                                  [&](std::size_t slice, double key) { return keys[slice] < key; });
        while (a != by_key.end() && keys[*a] <= wanted[b] + keys_apart && (used[*a] || !same(*a, b)))
            ++a;
        if (a == by_key.end() || keys[*a] > wanted[b] + keys_apart)
            return std::nullopt;
        used[*a] = true;
        order.push_back(*a);
    }
    return order;
}

bool is_flip(const std::vector<std::size_t>& order)
{
    return order.size() > 2 && std::is_sorted(order.rbegin(), order.rend());
}

} // namespace xgrad::detail
