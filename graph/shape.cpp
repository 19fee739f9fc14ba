#include <xgrad/graph/shape.hpp>

namespace xgrad
{

std::string to_string(const Shape& shape)
{
    std::string text = "(";
    for (const std::size_t extent : shape)
        text += (text.size() > 1 ? "," : "") + std::to_string(extent);
    return text + ")";
}

} // namespace xgrad
