#include <xgrad/base/xtensor.hpp> // xt::hypot
#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

//! [op]
/** A wavelet: y = x·e^{−x²}. */
template <class T>
Variable<T> wavelet(const Variable<T>& x)
{
    const auto formula = [](auto u) { return u * exp(-u * u); };
    return elementwise("wavelet", formula, x);
}
//! [op]

//! [two]
/** The norm of the point (a, b): y = √(a² + b²). Gradients: a, g·a/y; b, g·b/y. */
template <class T>
Variable<T> hypotenuse(const Variable<T>& a, const Variable<T>& b)
{
    if (a.shape() != b.shape())
        throw ShapeError("[hypotenuse] shapes " + to_string(a.shape()) + " and " + to_string(b.shape()) +
                         ": they must be the same");
    return record("hypotenuse", xt::hypot(a.value(), b.value()), //
                  wrt(a, [a](const auto& g, const auto& y) { return g * a / y; }),
                  wrt(b, [b](const auto& g, const auto& y) { return g * b / y; }));
}
//! [two]

int main()
{
    //! [use]
    const auto x = variable<double>({0.0, 0.5, 1.0});
    Tape tape;
    std::cout << tape.gradient(sum(wavelet(x)), x) << "\n";
    //! [use]

    //! [check]
    const GradientReport one = check_gradient("wavelet", [](const Variables<double>& xs) { return wavelet(xs[0]); },
                                              {Array<double>{-1.0, 0.3, 2.0}});
    const GradientReport two =
        check_gradient("hypotenuse", [](const Variables<double>& xs) { return hypotenuse(xs[0], xs[1]); },
                       {Array<double>{3.0, -1.0}, Array<double>{4.0, 0.5}});
    std::cout << (one.passed() && two.passed() ? "both pass" : to_string(one) + "\n" + to_string(two)) << "\n";
    //! [check]
    return one.passed() && two.passed() ? 0 : 1;
}
