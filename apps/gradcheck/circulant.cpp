#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/circulant.hpp>

namespace xgrad::test
{

Cases circulant_cases()
{
    Cases cases;
    for (const std::size_t count : std::initializer_list<std::size_t>{1, 3, 5})
        for (const std::ptrdiff_t length : {5, 6}) {
            const std::string name = std::to_string(count) + " elements, length " + std::to_string(length);
            cases.push_back({"circulant", name, {point({count})}, [length](Xs v) { return circulant(v[0], length); }});
            cases.push_back({"circulant", name + ", of a square", {point({count})}, [length](Xs v) {
                                 return circulant(v[0] * v[0], length);
                             }});
        }
    for (const Shape& shape : {Shape{1, 1}, Shape{2, 3}, Shape{3, 1}})
        for (const Size2d size : {Size2d(3), Size2d(4, 3)}) {
            const std::string name =
                to_string(shape) + " in " + std::to_string(size.height) + "x" + std::to_string(size.width);
            cases.push_back({"doubly_block_circulant", name, {point(shape)}, [size](Xs v) {
                                 return doubly_block_circulant(v[0], size);
                             }});
        }
    const std::vector<std::pair<Shape, Shape>> operands = {{{1}, {1}},       {{4}, {3}},       {{2}, {5}},
                                                           {{1, 1}, {1, 1}}, {{3, 4}, {2, 3}}, {{2, 1}, {3, 2}}};
    for (const auto& [x, w] : operands)
        cases.push_back(
            {"circulant_convolution", to_string(x) + " and " + to_string(w), {point(x), point(w, 2)}, [](Xs v) {
                 return circulant_convolution(v[0], v[1]);
             }});
    cases.push_back({"circulant_convolution", "x with itself", {point({2, 3})}, [](Xs v) {
                         return circulant_convolution(v[0], v[0]);
                     }});
    return cases;
}

} // namespace xgrad::test
