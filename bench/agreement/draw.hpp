#pragma once

#include <xgrad/base/random.hpp>
#include <xgrad/ops/shape.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agree
{

using xgrad::Array;
using xgrad::Labels;
using xgrad::Shape;

/** The integers that libtorch takes: axes, extents and options. */
using Integers = std::vector<std::int64_t>;

/** Some axes as both libraries take them. */
struct DrawnAxes
{
    xgrad::Axes axes;
    Integers dims;
    bool keepdims = false;
};

/** The largest extent of an array and whether an extent may be 0. */
struct ShapeOptions
{
    std::size_t most = 4; ///< the largest one
    bool may_be_empty = false;
};

/** The source of one configuration. The same seed, family and index give the same numbers. What has a name is
 * noted, so that a difference can be described. */
class Draw
{
  public:
    Draw(std::uint64_t seed, std::string_view family, std::uint64_t index);

    /** An integer from low to high, both included. */
    std::int64_t integer(std::string_view name, std::int64_t low, std::int64_t high);
    bool flag(std::string_view name) { return integer(name, 0, 1) == 1; }
    double real(std::string_view name, double low, double high);
    /** One of some named values. */
    template <class T>
    T choice(std::string_view name, std::initializer_list<std::pair<const char*, T>> values)
    {
        const auto& [text, value] = values.begin()[random_.below(values.size())];
        note(name, text);
        return value;
    }
    /** Returns true in one of so many cases; it is not noted. */
    bool one_in(std::uint64_t count) { return random_.below(count) == 0; }
    /** An index below a count, which is not noted. */
    std::size_t below(std::size_t count) { return random_.below(count); }

    Shape shape(std::size_t least_rank, std::size_t most_rank, const ShapeOptions& options = {});
    /** A shape that broadcasts to another one: some leading axes are left out, some extents are 1. */
    Shape broadcastable(const Shape& shape);
    /** An axis, counted from the front or from the end. */
    xgrad::Axis axis(std::size_t rank);
    /** One axis or more, in any order; none of a scalar. */
    DrawnAxes axes(std::size_t rank);
    /** All axes in a random order. */
    std::vector<std::size_t> order(std::size_t rank);

    Array<double> normal(const Shape& shape);
    Array<double> uniform(const Shape& shape, double low, double high);
    /** Numbers from −3 to 3 among which many are equal. */
    Array<double> small_integers(const Shape& shape);
    /** Zeros, infinities, NaN, large and tiny numbers among ordinary ones. */
    Array<double> hostile(const Shape& shape);
    /** Matrices (…, m, n) whose singular values lie between 1 and 3. Those of square ones differ by 1/n or more. */
    Array<double> well_conditioned(const Shape& shape);
    Labels labels(const Shape& shape, std::size_t classes);

    void note(std::string_view name, std::string_view value);
    /** All that was drawn, in words. */
    const std::string& text() const { return text_; }

  private:
    xgrad::Random random_;
    std::string text_;
};

std::string in_words(const Shape& shape);

} // namespace agree
