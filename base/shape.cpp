#include <xgrad/base/error.hpp>
#include <xgrad/base/numbers.hpp>
#include <xgrad/base/shape.hpp>

namespace xgrad
{

void detail::throw_too_many_axes(std::size_t axes)
{
    throw ShapeError("[shape] an array has at most 8 axes, here it would have " + std::to_string(axes));
}

void detail::throw_too_many_elements(const Shape& shape)
{
    throw ShapeError("[shape] an array of shape " + to_string(shape) +
                     " would have more than 2^40 elements: an extent may come from a negative number");
}

void detail::throw_size(const char* op, const char* what, std::size_t size)
{
    const auto given = static_cast<std::ptrdiff_t>(size);
    throw ShapeError("[" + std::string(op) + "] the " + what + " is " +
                     (given < 0 ? std::to_string(given) : std::to_string(size)) + ": 0 … 2^40 are possible");
}

void detail::throw_ragged_numbers(const Shape& first, const Shape& other)
{
    throw ShapeError("[numbers] the parts of a list in braces have shapes " + to_string(first) + " and " +
                     to_string(other) + ": they must be the same");
}

std::string to_string(const Shape& shape)
{
    std::string text = "(";
    for (const std::size_t extent : shape)
        text += (text.size() > 1 ? "," : "") + std::to_string(extent);
    return text + ")";
}

} // namespace xgrad
