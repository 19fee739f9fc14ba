#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/fourier.hpp>
#include <xgrad/ops/joining.hpp>

namespace xgrad::test
{

Cases fourier_cases()
{
    Cases cases;
    const auto both = [](const Complex<double>& y) { return stack({y.re, y.im}); };
    struct Place
    {
        Shape shape;
        Axis axis;
    };
    for (const Place& place :
         std::vector<Place>{{{1}, 0}, {{2}, 0}, {{3}, -1}, {{2, 8}, 1}, {{5, 3}, 0}, {{2, 7, 2}, 1}}) {
        const std::size_t n = place.shape[place.axis < 0 ? 0 : static_cast<std::size_t>(place.axis)];
        for (const FourierNorm norm : {FourierNorm::backward, FourierNorm::ortho, FourierNorm::forward}) {
            const Axis axis = place.axis;
            const std::string name = to_string(place.shape) + " along " + std::to_string(axis) + ", norm " +
                                     std::to_string(static_cast<int>(norm));
            const std::vector<Array<double>> pair{point(place.shape), point(place.shape, 2)};
            cases.push_back({"fft", name, pair, [=](Xs x) {
                                 return both(fft(Complex<double>{x[0], x[1]}, axis, norm));
                             }});
            cases.push_back({"ifft", name, pair, [=](Xs x) {
                                 return both(ifft(Complex<double>{x[0], x[1]}, axis, norm));
                             }});
            cases.push_back({"rfft", name, {pair[0]}, [=](Xs x) { return both(rfft(x[0], axis, norm)); }});
            for (const std::size_t length : {2 * n - 1, 2 * n - 2})
                if (length > 0)
                    cases.push_back({"irfft", name + ", length " + std::to_string(length), pair, [=](Xs x) {
                                         return irfft(Complex<double>{x[0], x[1]}, length, axis, norm);
                                     }});
        }
    }
    cases.push_back({"fft", "one part of the result", {point({6}), point({6}, 2)}, [](Xs x) {
                         const auto y = fft(Complex<double>{x[0], x[1]});
                         return y.re * y.re;
                     }});
    cases.push_back({"ifft", "a convolution on a ring", {point({5}), point({5}, 2)}, [](Xs x) {
                         const auto zero = x[0] * 0.0;
                         const auto a = fft(Complex<double>{x[0], zero}), b = fft(Complex<double>{x[1], zero});
                         return ifft(Complex<double>{a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}).re;
                     }});
    cases.push_back({"irfft", "back and forth", {point({2, 9})}, [](Xs x) {
                         const auto y = rfft(x[0] * x[0]);
                         return irfft(y, 9);
                     }});
    return cases;
}

} // namespace xgrad::test
