#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>

namespace xgrad
{

void detail::throw_too_many_axes(std::size_t axes)
{
    throw ShapeError("[shape] an array has at most 8 axes, here it would have " + std::to_string(axes));
}

std::string to_string(const Shape& shape)
{
    std::string text = "(";
    for (const std::size_t extent : shape)
        text += (text.size() > 1 ? "," : "") + std::to_string(extent);
    return text + ")";
}

} // namespace xgrad
