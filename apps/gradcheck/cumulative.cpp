#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/cumulative.hpp>

namespace xgrad::test
{

Cases cumulative_cases()
{
    Cases cases;
    for (const Shape& shape : {Shape{2, 3, 4}, Shape{5}, Shape{1}})
        for (std::size_t i = 0; i < shape.size(); ++i) {
            const auto axis = static_cast<Axis>(i) - (i == 0 ? 0 : static_cast<Axis>(shape.size()));
            const std::string variant = to_string(shape) + " along " + std::to_string(axis);
            const auto places = [shape, i] { return Array<double>(point({shape[i]}, 3)); };
            cases.push_back({"cumsum", variant, {point(shape)}, [=](Xs x) { return cumsum(x[0], axis); }});
            cases.push_back({"cumprod", variant, {point(shape)}, [=](Xs x) { return cumprod(x[0], axis); }});
            cases.push_back({"diff", variant, {point(shape)}, [=](Xs x) { return diff(x[0] * x[0], 1, axis); }});
            cases.push_back({"diff", variant + " twice", {point(shape)}, [=](Xs x) { return diff(x[0], 2, axis); }});
            cases.push_back({"trapz", variant, {point(shape)}, [=](Xs x) { return trapz(x[0], 0.5, axis); }});
            cases.push_back({"trapz", variant + " at places", {point(shape), places()}, [=](Xs x) {
                                 return trapz(x[0], x[1], axis);
                             }});
        }
    cases.push_back({"cumsum", "of all", {point({2, 3})}, [](Xs x) { return cumsum(x[0]) * cumsum(x[0]); }});
    cases.push_back({"cumsum", "scalar", {point({})}, [](Xs x) { return cumsum(x[0]); }});
    cases.push_back({"cumprod", "of all", {point({2, 3})}, [](Xs x) { return cumprod(x[0]); }});
    cases.push_back({"cumprod", "zeros", {Array<double>{2., 0., -1.5, 0., 3.}}, [](Xs x) { return cumprod(x[0], 0); }});
    cases.push_back({"trapz", "at places of f's shape", {point({2, 3}), point({2, 3}, 2)}, [](Xs x) {
                         return trapz(x[0], x[1], 0);
                     }});
    return cases;
}

} // namespace xgrad::test
