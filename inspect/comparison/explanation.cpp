// The search for the usual mistake that turns one gradient into another.
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/explanation.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace xgrad
{

namespace detail
{

namespace
{

using Kind = Explanation::Kind;

/** The factor c of wrong ≈ c·right, if there is one other than 0. */
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

/** The explanation of a factor, without words if it is 1. There is none for an unknown factor between few elements: one
 *  number is a multiple of any other. */
std::optional<Explanation> in_words(double factor, std::size_t elements, std::size_t samples)
{
    const auto n = static_cast<double>(samples);
    const auto known = [](std::string words) { return Explanation{std::move(words), "factor", Kind::known_factor}; };
    if (is(factor, 1))
        return known("");
    if (is(factor, -1))
        return known("the sign is wrong");
    if (samples > 1 && is(factor, n))
        return known(fmt::format(
            "it is too large by the factor {}, the number of samples: a sum where the loss has the mean", samples));
    if (samples > 1 && is(factor, 1 / n))
        return known(fmt::format(
            "it is too small by the factor {}, the number of samples: a mean where the loss has the sum", samples));
    if (is(factor, 2))
        return known(
            "it is twice as large: the ½ of a squared error is missing, or the 2 of its derivative is there twice");
    if (is(factor, 0.5))
        return known(
            "it is half as large: the ½ of a squared error is there twice, or the 2 of its derivative is missing");
    if (elements < 3)
        return std::nullopt;
    const auto any = [](std::string words) { return Explanation{std::move(words), "factor", Kind::factor}; };
    const double inverse = 1 / factor;
    if (inverse > 1 && inverse < 1e6 && is(inverse, std::round(inverse)))
        return any(
            fmt::format("it is too small by the constant factor {:.0f}: perhaps a mean where a sum is meant", inverse));
    if (factor > 1)
        return any(fmt::format("it is too large by the constant factor {:.6g}", factor));
    return any(fmt::format("it is {:.6g} times the right one", factor));
}

/** The slices of an array along an axis. */
struct Slices
{
    const Array<double>& x;
    std::size_t count, inner = 1, outer = 1;

    Slices(const Array<double>& array, std::size_t axis) : x(array), count(array.shape()[axis])
    {
        for (std::size_t k = axis + 1; k < x.dimension(); ++k)
            inner *= x.shape()[k];
        outer = x.size() / (count * inner);
    }
    double at(std::size_t o, std::size_t slice, std::size_t i) const
    {
        return x.data()[(o * count + slice) * inner + i];
    }

    /** A sum with uneven weights for each slice; equal slices have equal sums. */
    std::vector<double> keys() const
    {
        std::vector<double> sums(count);
        for (std::size_t o = 0; o < outer; ++o)
            for (std::size_t slice = 0; slice < count; ++slice)
                for (std::size_t i = 0; i < inner; ++i)
                    sums[slice] += at(o, slice, i) * uneven(o * inner + i);
        return sums;
    }
};

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

/** The order in which the slices of `right` along an axis are in `wrong`; nothing if other slices are in it. */
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

/** The numbers as "1, 2, 0"; only the first ones of a long list. */
std::string first_of(const std::vector<std::size_t>& places)
{
    const std::size_t shown = std::min<std::size_t>(places.size(), 8);
    return fmt::format("{}{}", fmt::join(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                       shown < places.size() ? ", …" : "");
}

/** The numbers of outer rows and columns of the last two axes that are 0, on all four sides. */
std::pair<std::size_t, std::size_t> border_of_zeros(const Array<double>& x)
{
    const std::size_t height = x.shape()[x.dimension() - 2], width = x.shape()[x.dimension() - 1];
    std::size_t rows = (height - 1) / 2, columns = (width - 1) / 2;
    for (std::size_t place = 0; place < x.size(); ++place)
        if (x.data()[place] != 0) {
            const std::size_t row = place / width % height, column = place % width;
            rows = std::min({rows, row, height - 1 - row});
            columns = std::min({columns, column, width - 1 - column});
        }
    return {rows, columns};
}

/** The search for the mistake that turns one gradient into the other. */
struct Search
{
    const Array<double>&right, &wrong;
    std::size_t samples;
    double tolerance;

    std::size_t rank() const { return right.dimension(); }
    std::size_t height(const Array<double>& x) const { return x.shape()[rank() - 2]; }
    std::size_t width(const Array<double>& x) const { return x.shape()[rank() - 1]; }

    /** The explanation `what`, with the factor, if b is a multiple of a. */
    std::optional<Explanation> multiple(const std::string& what, const char* section, const Array<double>& a,
                                        const Array<double>& b) const
    {
        if (a.shape() != b.shape())
            return std::nullopt;
        const auto factor = factor_between(a, b, tolerance);
        if (!factor)
            return std::nullopt;
        const auto found = in_words(*factor, a.size(), samples);
        if (!found || what.empty())
            return found;
        return Explanation{found->words.empty() ? what : fmt::format("{}; in addition, {}", what, found->words),
                           section, Kind::arrangement};
    }
    std::optional<Explanation> multiple(const std::string& what, const char* section, const Array<double>& a) const
    {
        return multiple(what, section, a, wrong);
    }

    std::optional<Explanation> zero() const
    {
        if (largest_of(wrong) > 0 || right.shape() != wrong.shape())
            return std::nullopt;
        return Explanation{"it is 0 everywhere", "", Kind::none};
    }

    std::optional<Explanation> factor() const
    {
        auto found = multiple("", "", right);
        return found && !found->words.empty() ? found : std::nullopt;
    }

    std::optional<Explanation> turn() const
    {
        if (rank() < 2)
            return std::nullopt;
        if (auto found = multiple("it agrees after rot180 of the last two axes: there is one rot180 too many or too "
                                  "few (convolution for correlation)",
                                  "convolution-for-correlation", turned(right)))
            return found;
        if (auto found = multiple("it is transposed in the last two axes", "transposed", transposed(right)))
            return found;
        return multiple("it is transposed in the last two axes and turned by rot180", "transposed",
                        turned(transposed(right)));
    }

    std::optional<Explanation> flip() const
    {
        for (std::size_t axis = 0; axis < rank(); ++axis)
            if (right.shape()[axis] > 1 && right.size() > 2)
                if (auto found =
                        multiple(fmt::format("it is flipped along axis {}", axis), "flipped", flipped(right, {axis})))
                    return found;
        return std::nullopt;
    }

    std::optional<Explanation> order() const
    {
        if (right.shape() == wrong.shape())
            for (std::size_t axis = 0; axis < rank(); ++axis)
                if (const auto places = permutation(right, wrong, axis, tolerance))
                    return Explanation{
                        fmt::format("the slices along axis {} are in another order: {}", axis, first_of(*places)),
                        "permuted", Kind::arrangement};
        return std::nullopt;
    }

    std::optional<Explanation> shape() const
    {
        if (right.shape() == wrong.shape() || right.size() != wrong.size())
            return std::nullopt;
        Array<double> reshaped = right;
        reshaped.reshape(wrong.shape());
        return multiple("it has the right elements in another shape", "another-shape", reshaped);
    }

    /** The explanation if the wrong gradient has only the middle of the last two axes. */
    std::optional<Explanation> middle() const
    {
        const char* const section = "valid-for-full";
        if (rank() < 2 || wrong.dimension() != rank())
            return std::nullopt;
        if (right.shape() == wrong.shape()) {
            const auto [rows, columns] = border_of_zeros(wrong);
            if (rows + columns == 0)
                return std::nullopt;
            return multiple("it is 0 at the border: a product is 'valid' or 'same' where 'full' is meant", section,
                            without_border(right, rows, columns));
        }
        if (height(wrong) > height(right) || width(wrong) > width(right) ||
            !std::equal(right.shape().begin(), right.shape().end() - 2, wrong.shape().begin()))
            return std::nullopt;
        const std::size_t rows = height(right) - height(wrong), columns = width(right) - width(wrong);
        for (const std::size_t odd : {0u, 1u}) // a border of an odd extent has two middles
            if (auto found = multiple("only the middle of it is there: a product is 'valid' or 'same' where 'full' is "
                                      "meant",
                                      section, part(right, wrong.shape(), (rows + odd) / 2, (columns + odd) / 2)))
                return found;
        return std::nullopt;
    }

    /** The explanation if the wrong gradient has one element for each block of the last two axes. */
    std::optional<Explanation> blocks() const
    {
        if (rank() < 2 || wrong.dimension() != rank() || right.shape() == wrong.shape() ||
            height(right) % height(wrong) != 0 || width(right) % width(wrong) != 0)
            return std::nullopt;
        const std::size_t rows = height(right) / height(wrong), columns = width(right) / width(wrong);
        const std::string what =
            fmt::format("it has one element for each block of {}×{}: the upsampling is missing", rows, columns);
        const char* const section = "missing-upsampling";
        if (are_close(repeated(wrong, rows, columns), right, tolerance))
            return Explanation{what, section, Kind::arrangement};
        const std::size_t maps = right.size() / (height(right) * width(right));
        Array<double> split = right;
        split.reshape(Shape{maps, height(wrong), rows, width(wrong), columns});
        Array<double> sums = summed(split, 0b10100);
        if (sums.size() != wrong.size())
            return std::nullopt;
        sums.reshape(wrong.shape());
        return multiple(what, section, sums);
    }

    std::optional<Explanation> sum() const
    {
        for (std::size_t axes = 1; wrong.dimension() > rank() && axes < (std::size_t{1} << wrong.dimension()); ++axes) {
            if (shape_of_sum(wrong.shape(), axes) != right.shape())
                continue;
            std::vector<std::size_t> over;
            for (std::size_t axis = 0; axis < wrong.dimension(); ++axis)
                if (axes >> axis & 1)
                    over.push_back(axis);
            if (auto found = multiple(fmt::format("the sum over axes {} is missing", fmt::join(over, ", ")),
                                      "missing-sum", right, summed(wrong, axes)))
                return found;
        }
        return std::nullopt;
    }
};

} // namespace

Explanation explain_arrangement(const Array<double>& right, const Array<double>& wrong, std::size_t samples,
                                double tolerance)
{
    if (right.size() == 0 || wrong.size() == 0)
        return {};
    const Search search{right, wrong, samples, tolerance};
    for (const auto question : {&Search::zero, &Search::factor, &Search::turn, &Search::flip, &Search::order,
                                &Search::shape, &Search::blocks, &Search::middle, &Search::sum})
        if (const auto answer = (search.*question)())
            return *answer;
    return {};
}

} // namespace detail

std::string explain_difference(const Array<double>& right, const Array<double>& wrong, std::size_t samples,
                               double tolerance)
{
    if (!detail::is_finite(right) || !detail::is_finite(wrong))
        return "one of them is not finite";
    if (detail::are_close(wrong, right, tolerance))
        return "nothing differs";
    return detail::explain_arrangement(right, wrong, samples, tolerance).words;
}

} // namespace xgrad
