#include <xgrad/base/batch.hpp>
#include <xgrad/base/error.hpp>

#include <string>

namespace xgrad
{

detail::Samples detail::samples_of_shapes(std::initializer_list<Shape> shapes)
{
    for (const Shape& shape : shapes)
        if (shape.empty())
            throw ShapeError("[value_and_gradient] a scalar holds no samples: they lie along the first axis");
    const Shape& batch = *shapes.begin();
    for (const Shape& shape : shapes)
        if (shape[0] != batch[0])
            throw ShapeError("[value_and_gradient] " + std::to_string(batch[0]) + " samples and " +
                             std::to_string(shape[0]) + " targets: the first axes must agree");
    return {batch[0], batch[0] == 0 ? 0 : element_count(batch) / batch[0]};
}

} // namespace xgrad
