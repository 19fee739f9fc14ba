#include "families.hpp"
#include <xgrad/ops/normalization.hpp>

namespace xgrad::test
{

Cases normalization_cases()
{
    Cases cases;
    for (const Shape& shape : {Shape{5}, Shape{1}, Shape{3, 4}, Shape{2, 3, 2}, Shape{2, 1}}) {
        for (const double epsilon : {1e-5, 0.3}) {
            if (shape.back() == 1 && epsilon < 0.1)
                continue; // a row of one number is 0 less its mean, and the numbers around it are far from linear
            const std::string variant = to_string(shape) + ", epsilon " + std::to_string(epsilon);
            cases.push_back({"standardize", variant, {point(shape)}, [=](Xs x) { return standardize(x[0], epsilon); }});
            cases.push_back(
                {"rms_normalize", variant, {point(shape)}, [=](Xs x) { return rms_normalize(x[0], epsilon); }});
        }
    }
    return cases;
}

} // namespace xgrad::test
