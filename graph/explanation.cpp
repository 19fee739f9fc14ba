// Which usual mistake turns a gradient into another one.
#include <xgrad/graph/compare.hpp>
#include <xgrad/graph/shape.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace xgrad
{

namespace
{

using Index = std::vector<std::size_t>;

/** The array whose element at each index is that of x at source(index). */
template <class Source>
Array<double> moved(const Array<double>& x, const Shape& shape, Source source)
{
    Array<double> y = empty<double>(shape);
    Index index(shape.size());
    for (std::size_t place = 0; place < y.size(); ++place) {
        for (std::size_t axis = shape.size(), rest = place; axis-- > 0; rest /= shape[axis])
            index[axis] = rest % shape[axis];
        const Index from = source(index);
        std::size_t position = 0;
        for (std::size_t axis = 0; axis < from.size(); ++axis)
            position = position * x.shape()[axis] + from[axis];
        y.data()[place] = x.data()[position];
    }
    return y;
}

Array<double> flipped(const Array<double>& x, const std::vector<std::size_t>& axes)
{
    return moved(x, x.shape(), [&](Index index) {
        for (const std::size_t axis : axes)
            index[axis] = x.shape()[axis] - 1 - index[axis];
        return index;
    });
}

Array<double> transposed(const Array<double>& x)
{
    Shape shape = x.shape();
    const std::size_t last = shape.size() - 1;
    std::swap(shape[last], shape[last - 1]);
    return moved(x, shape, [&](Index index) {
        std::swap(index[last], index[last - 1]);
        return index;
    });
}

/** The sum over some of the axes, which are left out of the shape. */
Array<double> summed(const Array<double>& x, std::size_t axes)
{
    Shape shape;
    for (std::size_t axis = 0; axis < x.dimension(); ++axis)
        if (!(axes >> axis & 1))
            shape.push_back(x.shape()[axis]);
    Array<double> y(shape, 0.0);
    for (std::size_t place = 0; place < x.size(); ++place) {
        std::size_t position = 0, stride = 1;
        for (std::size_t axis = x.dimension(), rest = place; axis-- > 0; rest /= x.shape()[axis])
            if (!(axes >> axis & 1)) {
                position += rest % x.shape()[axis] * stride;
                stride *= x.shape()[axis];
            }
        y.data()[position] += x.data()[place];
    }
    return y;
}

/** c of wrong ≈ c·right, if there is one other than 0. */
std::optional<double> factor_between(const Array<double>& right, const Array<double>& wrong, double tolerance)
{
    if (right.size() != wrong.size() || right.size() == 0)
        return std::nullopt;
    double dot = 0, square = 0, largest = 0;
    for (std::size_t i = 0; i < right.size(); ++i) {
        dot += right.data()[i] * wrong.data()[i];
        square += right.data()[i] * right.data()[i];
        largest = std::max(largest, std::abs(wrong.data()[i]));
    }
    const double factor = dot / square;
    if (!std::isfinite(factor) || factor == 0)
        return std::nullopt;
    for (std::size_t i = 0; i < right.size(); ++i)
        if (std::abs(wrong.data()[i] - factor * right.data()[i]) > tolerance * largest)
            return std::nullopt;
    return factor;
}

bool is(double a, double b) { return std::abs(a - b) <= 1e-5 * std::abs(b); }

/** What a factor says, empty if it is 1; nothing if it says too little: a single number is a multiple of any other. */
std::optional<std::string> in_words(double factor, std::size_t elements, std::size_t samples)
{
    const auto n = static_cast<double>(samples);
    if (is(factor, 1))
        return "";
    if (is(factor, -1))
        return "the sign is turned";
    if (samples > 1 && is(factor, n))
        return fmt::format("it is too large by the factor {}, the number of samples: a sum where the loss has the mean",
                           samples);
    if (samples > 1 && is(factor, 1 / n))
        return fmt::format("it is too small by the factor {}, the number of samples: a mean where the loss has the sum",
                           samples);
    if (is(factor, 2) || is(factor, 0.5))
        return fmt::format("it is {}: the ½ of a squared error, or the 2 of its derivative, is {}",
                           factor > 1 ? "twice as large" : "half as large", factor > 1 ? "missing" : "there twice");
    if (elements < 3)
        return std::nullopt;
    const double inverse = 1 / factor;
    if (is(inverse, std::round(inverse)) && std::abs(inverse) < 1e6)
        return fmt::format("it is too small by the constant factor {:.0f}: a mean where a sum is meant, say", inverse);
    return fmt::format("it is too large by the constant factor {:.6g}", factor);
}

/** "", or the factor's words after `what`. */
std::optional<std::string> with_factor(const std::string& what, const Array<double>& right, const Array<double>& wrong,
                                       std::size_t samples, double tolerance)
{
    if (right.shape() != wrong.shape())
        return std::nullopt;
    const auto factor = factor_between(right, wrong, tolerance);
    if (!factor)
        return std::nullopt;
    const auto words = in_words(*factor, right.size(), samples);
    if (!words)
        return std::nullopt;
    if (what.empty())
        return words;
    return words->empty() ? what : fmt::format("{}; then {}", what, *words);
}

/** Whether the slices of both along an axis are the same ones in another order. */
std::optional<std::vector<std::size_t>> permutation(const Array<double>& right, const Array<double>& wrong,
                                                    std::size_t axis, double tolerance)
{
    const std::size_t count = right.shape()[axis];
    std::size_t inner = 1;
    for (std::size_t k = axis + 1; k < right.dimension(); ++k)
        inner *= right.shape()[k];
    const std::size_t outer = right.size() / (count * inner);
    if (right.size() / count < 2) // single numbers in any order look alike too easily
        return std::nullopt;
    double largest = 0;
    for (const double value : right)
        largest = std::max(largest, std::abs(value));
    const auto same = [&](std::size_t a, std::size_t b) {
        for (std::size_t o = 0; o < outer; ++o)
            for (std::size_t i = 0; i < inner; ++i)
                if (std::abs(right.data()[(o * count + a) * inner + i] - wrong.data()[(o * count + b) * inner + i]) >
                    tolerance * largest)
                    return false;
        return true;
    };
    std::vector<std::size_t> order;
    for (std::size_t b = 0; b < count; ++b) {
        std::size_t a = 0;
        while (a < count && (std::find(order.begin(), order.end(), a) != order.end() || !same(a, b)))
            ++a;
        if (a == count)
            return std::nullopt;
        order.push_back(a);
    }
    return order;
}

} // namespace

std::string explain_difference(const Array<double>& right, const Array<double>& wrong, std::size_t samples,
                               double tolerance)
{
    const auto attempt = [&](const std::string& what, const Array<double>& changed) {
        return with_factor(what, changed, wrong, samples, tolerance);
    };
    const std::size_t rank = right.dimension();
    if (const auto found = attempt("", right); found && !found->empty())
        return *found;
    if (rank >= 2) {
        const std::size_t rows = rank - 2, columns = rank - 1;
        if (const auto found = attempt("it agrees after rot180 of the last two axes: a kernel is turned that should "
                                       "not be, or is not that should be (convolution for correlation)",
                                       flipped(right, {rows, columns})))
            return *found;
        if (const auto found = attempt("it is transposed in the last two axes", transposed(right)))
            return *found;
        if (const auto found = attempt("it is transposed in the last two axes and turned by rot180",
                                       flipped(transposed(right), {rows, columns})))
            return *found;
    }
    for (std::size_t axis = 0; axis < rank; ++axis)
        if (right.shape()[axis] > 1 && right.size() > 2)
            if (const auto found = attempt(fmt::format("it is flipped along axis {}", axis), flipped(right, {axis})))
                return *found;
    if (right.shape() == wrong.shape())
        for (std::size_t axis = 0; axis < rank; ++axis)
            if (const auto order = permutation(right, wrong, axis, tolerance))
                return fmt::format("the slices along axis {} stand in another order: {}", axis,
                                   fmt::join(*order, ", "));
    for (std::size_t axes = 1; wrong.dimension() > rank && axes < (std::size_t{1} << wrong.dimension()); ++axes) {
        const Array<double> sum = summed(wrong, axes);
        if (sum.shape() != right.shape())
            continue;
        if (const auto found = with_factor("", right, sum, samples, tolerance)) {
            std::vector<std::size_t> over;
            for (std::size_t axis = 0; axis < wrong.dimension(); ++axis)
                if (axes >> axis & 1)
                    over.push_back(axis);
            return fmt::format("its sum over axes {} is missing{}{}", fmt::join(over, ", "),
                               found->empty() ? "" : "; then ", *found);
        }
    }
    return "no simple explanation";
}

} // namespace xgrad
