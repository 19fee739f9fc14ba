#include <xgrad/base/xtensor.hpp>
#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    const auto x = reshape(constant(Array<double>(xt::sin(xt::arange<double>(128 * 128)))), {128, 128});
    const auto bell = constant(Array<double>(xt::exp(-xt::square(xt::linspace<double>(-2, 2, 33)))));

    //! [algorithms]
    const auto blur = outer(bell, bell); // 33×33
    const auto direct = correlate2d(x, blur);
    for (const Algorithm algorithm : {Algorithm::fft, Algorithm::separable}) {
        const auto other = correlate2d(x, blur, {.algorithm = algorithm});
        std::cout << (max(abs(other - direct)).item() < 1e-11 ? "the same to rounding" : "something else") << "\n";
    }
    try {
        correlate2d(x, constant<double>({{1, 0}, {0, 1}}), {.algorithm = Algorithm::separable});
    } catch (const ShapeError& error) {
        std::cout << error.what() << "\n";
    }
    //! [algorithms]
}
