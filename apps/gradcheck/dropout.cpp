#include "families.hpp"
#include <xgrad/ops/dropout.hpp>

namespace xgrad::test
{

Cases dropout_cases()
{
    Cases cases;
    for (const Shape& shape : {Shape{}, Shape{5}, Shape{3, 4}, Shape{2, 3, 2}})
        for (const double p : {0.0, 0.5, 1.0})
            cases.push_back({"dropout", to_string(shape) + ", p " + std::to_string(p), {point(shape)}, [p](Xs x) {
                                 Random random(3);
                                 return dropout(x[0], p, random);
                             }});
    return cases;
}

} // namespace xgrad::test
