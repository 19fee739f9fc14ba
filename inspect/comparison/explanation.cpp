// The search for the usual mistake that turns one gradient into another.
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/explanation.hpp>
#include <xgrad/inspect/comparison/factors.hpp>
#include <xgrad/inspect/comparison/slices.hpp>

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

/** The explanation of a factor, without words if it is 1. There is none for an unknown factor between few elements: one
 *  number is a multiple of any other. */
std::optional<Explanation> in_words(double factor, std::size_t elements, const FactorContext& context)
{
    if (std::abs(factor - 1) <= 1e-6)
        return Explanation{"", "factor", Kind::known_factor};
    const FactorReading reading = read_factor(factor, elements, context);
    if (reading.words.empty())
        return std::nullopt;
    return Explanation{reading.words, "factor", reading.is_known ? Kind::known_factor : Kind::factor};
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

/** Returns whether both sides of the outer rows, or columns, have elements other than 0. */
bool has_border(const Array<double>& x, std::size_t rows, std::size_t columns)
{
    const std::size_t height = x.shape()[x.dimension() - 2], width = x.shape()[x.dimension() - 1];
    bool first = false, last = false;
    for (std::size_t place = 0; place < x.size(); ++place)
        if (x.data()[place] != 0) {
            const std::size_t row = place / width % height, column = place % width;
            first = first || row < rows || column < columns;
            last = last || row + rows >= height || column + columns >= width;
        }
    return first && last;
}

/** The search for the mistake that turns one gradient into the other. */
struct Search
{
    const Array<double>&right, &wrong;
    const FactorContext& context;
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
        const double least = 1e-9 * largest_of(a);
        const auto elements = std::count_if(a.begin(), a.end(), [&](double x) { return std::abs(x) > least; });
        const auto found = in_words(*factor, static_cast<std::size_t>(elements), context);
        if (!found || what.empty())
            return found;
        return Explanation{found->words.empty() ? what : fmt::format("{}; in addition, {}", what, found->words),
                           section, Kind::arrangement};
    }
    /** The same if `a` has the elements of the right gradient in other places. */
    std::optional<Explanation> multiple(const std::string& what, const char* section, const Array<double>& a) const
    {
        if (!what.empty() && are_close(a, right, tolerance))
            return std::nullopt; // nothing is moved
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
        if (auto found = multiple("it is transposed in the last two axes and turned by rot180", "transposed",
                                  turned(transposed(right))))
            return found;
        return exchanged();
    }

    /** The explanation if the axes are in another order. */
    std::optional<Explanation> exchanged() const
    {
        std::vector<std::size_t> order(rank());
        std::iota(order.begin(), order.end(), std::size_t{0});
        while (rank() > 2 && rank() < 6 && std::next_permutation(order.begin(), order.end()))
            if (auto found = multiple(fmt::format("its axes are in another order: {}", fmt::join(order, ", ")),
                                      "transposed", permuted(right, order)))
                return found;
        return std::nullopt;
    }

    std::optional<Explanation> shift() const
    {
        for (std::size_t axis = 0; right.shape() == wrong.shape() && axis < rank(); ++axis)
            for (const int by : {1, -1})
                if (right.shape()[axis] > 1 && right.size() > 2)
                    if (const Array<double> moved = shifted(right, axis, by); largest_of(moved) > 0)
                        if (auto found =
                                multiple(fmt::format("it is shifted by one along axis {}", axis), "shifted", moved))
                            return found;
        return std::nullopt;
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
                if (const auto places = permutation(right, wrong, axis, tolerance); places && !is_flip(*places))
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
            auto [rows, columns] = border_of_zeros(wrong);
            const auto [zero_rows, zero_columns] = border_of_zeros(right);
            rows = rows > zero_rows && has_border(right, rows, 0) ? rows : 0;
            columns = columns > zero_columns && has_border(right, 0, columns) ? columns : 0;
            const bool is_table = rank() == 2 && (rows == 0 || columns == 0); // its rows may be anything
            if (rows + columns == 0 || is_table)
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

    /** Returns whether the right gradient has the extents of the wrong one's sum over some axes, which are gone or are
     *  extents of 1. */
    bool is_sum_over(std::size_t axes) const
    {
        if (wrong.dimension() > rank())
            return shape_of_sum(wrong.shape(), axes) == right.shape();
        bool is_kept = wrong.dimension() == rank();
        for (std::size_t axis = 0; is_kept && axis < rank(); ++axis)
            is_kept = axes >> axis & 1 ? right.shape()[axis] == 1 && wrong.shape()[axis] > 1
                                       : right.shape()[axis] == wrong.shape()[axis];
        return is_kept;
    }

    std::optional<Explanation> sum() const
    {
        for (std::size_t axes = 1; axes < (std::size_t{1} << wrong.dimension()); ++axes) {
            if (!is_sum_over(axes))
                continue;
            Array<double> sums = summed(wrong, axes);
            sums.reshape(right.shape());
            std::vector<std::size_t> over;
            for (std::size_t axis = 0; axis < wrong.dimension(); ++axis)
                if (axes >> axis & 1)
                    over.push_back(axis);
            if (auto found = multiple(fmt::format("the sum over axes {} is missing", fmt::join(over, ", ")),
                                      "missing-sum", right, sums))
                return found;
        }
        return std::nullopt;
    }
};

} // namespace

Explanation explain_arrangement(const Array<double>& right, const Array<double>& wrong, const FactorContext& context,
                                double tolerance)
{
    if (right.size() == 0 || wrong.size() == 0)
        return {};
    const Search search{right, wrong, context, tolerance};
    for (const auto question : {&Search::zero, &Search::factor})
        if (const auto answer = (search.*question)())
            return *answer;
    Explanation found;
    for (const auto question : {&Search::turn, &Search::flip, &Search::order, &Search::shift, &Search::shape,
                                &Search::blocks, &Search::middle, &Search::sum})
    {
        const auto answer = (search.*question)();
        if (!answer || (question == &Search::middle && found.kind != Kind::none))
            continue;
        const auto is_two = [](const Explanation& each) {
            return each.words.find("; in addition") != std::string::npos;
        };
        if (found.kind == Kind::none || (is_two(found) && !is_two(*answer)))
            found = *answer;
        else if (is_two(found) == is_two(*answer))
            found.words += "; or: " + answer->words;
    }
    return found;
}

Explanation explain_slices(const Array<double>& right, const Array<double>& wrong, const FactorContext& context,
                           double allowed)
{
    if (right.shape() != wrong.shape())
        return {};
    std::vector<std::size_t> differing;
    std::size_t along = 0;
    for (std::size_t axis = 0; axis < right.dimension(); ++axis) {
        const Slices slices(right, axis);
        std::vector<bool> differs(slices.count);
        for (std::size_t i = 0; i < right.size(); ++i)
            if (std::abs(right.data()[i] - wrong.data()[i]) > allowed)
                differs[i / slices.inner % slices.count] = true;
        const auto count = static_cast<std::size_t>(std::count(differs.begin(), differs.end(), true));
        if (2 * count > slices.count ||
            (!differing.empty() && count * right.shape()[along] >= differing.size() * slices.count))
            continue;
        along = axis;
        differing.clear();
        for (std::size_t k = 0; k < slices.count; ++k)
            if (differs[k])
                differing.push_back(k);
    }
    if (differing.empty())
        return {};
    const Slices slices(right, along);
    std::vector<double> a, b;
    for (std::size_t i = 0; i < right.size(); ++i)
        if (std::find(differing.begin(), differing.end(), i / slices.inner % slices.count) != differing.end()) {
            a.push_back(right.data()[i]);
            b.push_back(wrong.data()[i]);
        }
    Array<double> part = empty_array<double>({a.size()}), of_wrong = part;
    std::copy(a.begin(), a.end(), part.begin());
    std::copy(b.begin(), b.end(), of_wrong.begin());
    const Search search{part, of_wrong, context, 1e-9};
    std::string what;
    if (largest_of(of_wrong) == 0)
        what = ": they are 0";
    else if (const auto factor = search.factor())
        what = ": " + factor->words;
    return {fmt::format("only some of it differs, along axis {}: {}{}", along, first_of(differing), what),
            "only-some-rows", Kind::slices};
}

} // namespace detail

std::string explain_difference(const Array<double>& right, const Array<double>& wrong, std::size_t samples,
                               double tolerance)
{
    if (!detail::is_finite(right) || !detail::is_finite(wrong))
        return "one of them is not finite";
    if (detail::are_close(wrong, right, tolerance))
        return "nothing differs";
    return detail::explain_arrangement(right, wrong, {samples, true}, tolerance).words;
}

} // namespace xgrad
