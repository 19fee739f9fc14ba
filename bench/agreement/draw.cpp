#include "draw.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <sstream>

namespace agree
{

namespace
{

/** A number for each family, by which its configurations do not depend on those of others (FNV-1a). */
std::uint64_t stream(std::string_view family, std::uint64_t index)
{
    std::uint64_t hash = 14695981039346656037u;
    for (const char c : family)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    return hash ^ (index * 0x9E3779B97F4A7C15u);
}

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::array hostile_numbers{0.0,       -0.0,
                                     1.0,       -1.0,
                                     0.5,       -0.5,
                                     2.0,       -2.0,
                                     3.0,       -3.0,
                                     1e-300,    -1e-300,
                                     1e-20,     -1e-20,
                                     1e-8,      -1e-8,
                                     1e3,       -1e3,
                                     1e8,       -1e8,
                                     1e20,      -1e20,
                                     1e300,     -1e300,
                                     5e-324,    40.0,
                                     -40.0,     20.5,
                                     709.5,     -745.0,
                                     170.5,     infinity,
                                     -infinity, std::numeric_limits<double>::quiet_NaN()};

} // namespace

Draw::Draw(std::uint64_t seed, std::string_view family, std::uint64_t index) : random_(seed, stream(family, index)) {}

void Draw::note(std::string_view name, std::string_view value)
{
    text_.append(text_.empty() ? "" : ", ").append(name).append(" ").append(value);
}

std::int64_t Draw::integer(std::string_view name, std::int64_t low, std::int64_t high)
{
    const auto value = low + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(high - low + 1)));
    note(name, std::to_string(value));
    return value;
}

double Draw::real(std::string_view name, double low, double high)
{
    const double value = random_.uniform(low, high);
    std::ostringstream text;
    text << value;
    note(name, text.str());
    return value;
}

Shape Draw::shape(std::size_t least_rank, std::size_t most_rank, const ShapeOptions& options)
{
    Shape shape(least_rank + random_.below(most_rank - least_rank + 1));
    for (std::size_t& extent : shape)
        extent = 1 + random_.below(options.most);
    if (options.may_be_empty && !shape.empty() && one_in(12))
        shape[random_.below(shape.size())] = 0;
    return shape;
}

Shape Draw::broadcastable(const Shape& shape)
{
    const std::size_t skipped = one_in(3) ? random_.below(shape.size() + 1) : 0;
    Shape result(shape.begin() + static_cast<std::ptrdiff_t>(skipped), shape.end());
    for (std::size_t& extent : result)
        if (one_in(3))
            extent = 1;
    return result;
}

xgrad::Axis Draw::axis(std::size_t rank)
{
    const auto extent = static_cast<std::int64_t>(rank);
    return integer("axis", -extent, extent - 1);
}

std::vector<std::size_t> Draw::order(std::size_t rank)
{
    std::vector<std::size_t> order(rank);
    for (std::size_t i = 0; i < rank; ++i)
        order[i] = i;
    random_.shuffle(order);
    return order;
}

DrawnAxes Draw::axes(std::size_t rank)
{
    DrawnAxes result{{}, {}, flag("keepdims")};
    std::string text;
    for (std::size_t i = 0; const std::size_t axis : order(rank)) {
        if (i++ > 0 && one_in(2))
            break;
        const auto signed_axis = static_cast<std::int64_t>(axis) - (one_in(2) ? static_cast<std::int64_t>(rank) : 0);
        result.axes.push_back(signed_axis);
        result.dims.push_back(signed_axis);
        text += (text.empty() ? "" : " ") + std::to_string(signed_axis);
    }
    note("axes", "{" + text + "}");
    return result;
}

Array<double> Draw::normal(const Shape& shape) { return random_.normal<double>(shape, 0, 1); }

Array<double> Draw::uniform(const Shape& shape, double low, double high)
{
    return random_.uniform<double>(shape, low, high);
}

Array<double> Draw::small_integers(const Shape& shape)
{
    Array<double> x = normal(shape);
    for (double& element : x)
        element = static_cast<double>(random_.below(7)) - 3;
    return x;
}

Array<double> Draw::hostile(const Shape& shape)
{
    Array<double> x = normal(shape);
    for (double& element : x)
        if (!one_in(3))
            element = hostile_numbers[random_.below(hostile_numbers.size())];
    return x;
}

// The first m rows and n columns of H₁·D·H₂ with Householder's reflections H = I − 2·v·vᵀ/|v|². The numbers of D have
// either sign, and magnitudes from 1 to 3. A part has singular values between the smallest and the largest of the
// whole.
Array<double> Draw::well_conditioned(const Shape& shape)
{
    Array<double> x(shape);
    const std::size_t m = shape[shape.size() - 2], n = shape[shape.size() - 1], k = std::max(m, n);
    std::vector<double> u(k), v(k), diagonal(k);
    const auto reflection = [k](const std::vector<double>& w, std::size_t i, std::size_t j) {
        double square = 0;
        for (std::size_t l = 0; l < k; ++l)
            square += w[l] * w[l];
        return (i == j ? 1 : 0) - 2 * w[i] * w[j] / square;
    };
    for (std::size_t matrix = 0; matrix < x.size() / (m * n); ++matrix) {
        for (std::size_t i = 0; i < k; ++i) {
            u[i] = random_.normal();
            v[i] = random_.normal();
            diagonal[i] = 1 + 2 * (static_cast<double>(i) + random_.uniform(0, 0.5)) / static_cast<double>(k);
            diagonal[i] *= one_in(2) ? 1 : -1;
        }
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                double sum = 0;
                for (std::size_t l = 0; l < k; ++l)
                    sum += reflection(u, i, l) * diagonal[l] * reflection(v, l, j);
                x.data()[(matrix * m + i) * n + j] = sum;
            }
    }
    return x;
}

Labels Draw::labels(const Shape& shape, std::size_t classes)
{
    Labels labels(shape);
    for (std::int32_t& label : labels)
        label = static_cast<std::int32_t>(random_.below(classes));
    return labels;
}

std::string in_words(const Shape& shape)
{
    std::string text = "(";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i > 0 ? "," : "") + std::to_string(shape[i]);
    return text + ")";
}

} // namespace agree
