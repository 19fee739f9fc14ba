#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

//! [wrong]
/** x³ with a derivative that lacks its factor 3. */
Variable<double> cube(const Variable<double>& x)
{
    return record("cube", x.value() * x.value() * x.value(), wrt(x, [x](const auto& g) { return g * square(x); }));
}
//! [wrong]

int main()
{
    //! [check]
    const Array<double> point{1.0, -2.0, 0.5};
    const GradientReport right =
        check_gradient("x²·tanh x", [](const Variables<double>& x) { return square(x[0]) * tanh(x[0]); }, {point});
    const GradientReport wrong =
        check_gradient("cube", [](const Variables<double>& x) { return cube(x[0]); }, {point}, {.order = 1});
    std::cout << (right.passed() ? "passed" : "failed") << ", " << (wrong.passed() ? "passed" : "failed") << "\n";
    std::cout << "op " << wrong.mismatches[0].op << ", input " << wrong.mismatches[0].input << ", index "
              << wrong.mismatches[0].index << "\n";
    //! [check]
}
