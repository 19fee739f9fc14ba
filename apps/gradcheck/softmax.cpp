#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/softmax.hpp>

namespace xgrad::test
{

Cases softmax_cases()
{
    Cases cases;
    using Softmax = Variable<double> (*)(Variable<double>, Axis);
    struct Named
    {
        const char* op;
        Softmax f;
    };
    for (const Named& named : {Named{"softmax", softmax<double>}, Named{"log_softmax", log_softmax<double>}}) {
        const Softmax f = named.f;
        for (const Shape& shape :
             {Shape{4}, Shape{1}, Shape{3, 4}, Shape{2, 3, 4}, Shape{3, 1}, Shape{2, 19}, Shape{2, 2, 3, 2}})
            for (std::size_t axis = 0; axis < shape.size(); ++axis)
                cases.push_back(
                    {named.op, to_string(shape) + " along " + std::to_string(axis), {point(shape)}, [f, axis](Xs x) {
                         return f(x[0], static_cast<Axis>(axis));
                     }});
        cases.push_back({named.op, "from the end", {point({2, 3, 4})}, [f](Xs x) { return f(x[0], -2); }});
        cases.push_back({named.op, "of a temporary", {point({2, 3})}, [f](Xs x) { return f(2 * x[0], -1); }});
        cases.push_back({named.op, "far from 0", {point({2, 3})}, [f](Xs x) { return f(x[0] + 800, -1); }});
        cases.push_back({named.op, "times its argument", {point({2, 3})}, [f](Xs x) { return x[0] * f(x[0], 0); }});
    }
    return cases;
}

} // namespace xgrad::test
