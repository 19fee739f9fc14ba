#include "matrices.hpp"
#include "threads.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/fourier.hpp>
#include <xgrad/ops/reduction.hpp>

#include <numbers>
#include <utility>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

using Long = long double;

/** Complex numbers in the precision of the oracle. */
struct Numbers
{
    std::vector<Long> re, im;

    explicit Numbers(std::size_t n) : re(n), im(n) {}
    template <class T>
    Numbers(const Array<T>& r, const Array<T>& i) : re(r.begin(), r.end()), im(i.begin(), i.end())
    {}
};

/** y[k] = factor·Σ_j x[j]·e^(sign·2πi·jk/n), the sum itself. */
Numbers summed(const Numbers& x, int sign, Long factor)
{
    const std::size_t n = x.re.size();
    Numbers y(n);
    std::vector<Long> cosines(n), sines(n);
    for (std::size_t j = 0; j < n; ++j) {
        const Long angle = sign * 2 * std::numbers::pi_v<Long> * static_cast<Long>(j) / static_cast<Long>(n);
        cosines[j] = std::cos(angle);
        sines[j] = std::sin(angle);
    }
    for (std::size_t k = 0; k < n; ++k)
        for (std::size_t j = 0; j < n; ++j) {
            const Long c = cosines[j * k % n], s = sines[j * k % n];
            y.re[k] += factor * (x.re[j] * c - x.im[j] * s);
            y.im[k] += factor * (x.re[j] * s + x.im[j] * c);
        }
    return y;
}

Long factor_of(FourierNorm norm, bool inverse, std::size_t n)
{
    const Long length = static_cast<Long>(n);
    if (norm == FourierNorm::ortho)
        return 1 / std::sqrt(length);
    return (norm == FourierNorm::backward) == inverse ? 1 / length : 1;
}

/** The first elements, as an array. */
template <class T>
Array<T> rounded(const std::vector<Long>& x, std::size_t count)
{
    return generate<T>({count}, [&](const Index& i) { return x[i[0]]; });
}

/** The weight of an element of a half: 1 if it has no conjugate, else 2. */
Long weight(std::size_t k, std::size_t n) { return k == 0 || 2 * k == n ? 1 : 2; }

template <class T>
constexpr double tolerance = 6 * static_cast<double>(std::numeric_limits<T>::epsilon());

constexpr FourierNorm norms[] = {FourierNorm::backward, FourierNorm::ortho, FourierNorm::forward};
constexpr Sizes lengths = {1,  2,  3,  4,  5,  6,  7,   8,   11,  12,  13,  17,  31,
                           54, 63, 64, 65, 67, 97, 100, 125, 127, 243, 500, 1009};

/** Arrays are compared in units of the largest possible element. */
template <class T>
void check_near(const Array<T>& actual, const Array<T>& expected, double scale)
{
    REQUIRE(actual.shape() == expected.shape());
    double worst = 0;
    for (std::size_t i = 0; i < actual.size(); ++i)
        worst =
            std::max(worst, std::abs(static_cast<double>(actual.data()[i]) - static_cast<double>(expected.data()[i])));
    CHECK(worst <= tolerance<T> * scale);
}

} // namespace

TEST_CASE_TEMPLATE("fft and ifft: the sum itself, of many lengths, and their gradients", T, float, double)
{
    for (const std::size_t n : lengths)
        for (const FourierNorm norm : norms)
            for (const bool inverse : {false, true}) {
                CAPTURE(n);
                CAPTURE(inverse);
                const auto seed = static_cast<unsigned>(n);
                const Array<T> re = numbers<T>({n}, -1, 1, seed), im = numbers<T>({n}, -1, 1, seed + 1);
                const int sign = inverse ? 1 : -1;
                const Long factor = factor_of(norm, inverse, n);
                const double scale = static_cast<double>(factor) * std::sqrt(static_cast<double>(n)) * 4;
                const Complex<T> x{variable(Array<T>(re)), variable(Array<T>(im))};
                Tape tape;
                const Complex<T> y = inverse ? ifft(x, -1, norm) : fft(x, 0, norm);
                const Numbers expected = summed(Numbers(re, im), sign, factor);
                check_near(y.re.value(), rounded<T>(expected.re, n), scale);
                check_near(y.im.value(), rounded<T>(expected.im, n), scale);
                const Array<T> g = numbers<T>({n}, -1, 1, seed + 2), h = numbers<T>({n}, -1, 1, seed + 3);
                const auto back = tape.gradient(sum(y.re * fixed(g)) + sum(y.im * fixed(h)), {x.re, x.im});
                const Numbers transposed = summed(Numbers(g, h), -sign, factor);
                check_near(back[0].value(), rounded<T>(transposed.re, n), scale);
                check_near(back[1].value(), rounded<T>(transposed.im, n), scale);
            }
}

TEST_CASE_TEMPLATE("rfft and irfft: halves of the sum, of many lengths, and their gradients", T, float, double)
{
    for (const std::size_t n : lengths)
        for (const FourierNorm norm : norms) {
            CAPTURE(n);
            const std::size_t half = n / 2 + 1;
            const auto seed = static_cast<unsigned>(n);
            const Array<T> x = numbers<T>({n}, -1, 1, seed), g = numbers<T>({half}, -1, 1, seed + 1),
                           h = numbers<T>({half}, -1, 1, seed + 2), upstream = numbers<T>({n}, -1, 1, seed + 3);
            for (const bool inverse : {false, true}) {
                const Long factor = factor_of(norm, inverse, n);
                const double scale = static_cast<double>(factor) * std::sqrt(static_cast<double>(n)) * 4;
                if (!inverse) {
                    const Variable<T> real = variable(Array<T>(x));
                    Tape tape;
                    const Complex<T> y = rfft(real, -1, norm);
                    const Numbers expected = summed(Numbers(x, Array<T>({n}, T(0))), -1, factor);
                    check_near(y.re.value(), rounded<T>(expected.re, half), scale);
                    check_near(y.im.value(), rounded<T>(expected.im, half), scale);
                    CHECK(y.im.data()[0] == 0);
                    // the transpose takes the given half alone, without the conjugates
                    Numbers given(n);
                    std::copy(g.begin(), g.end(), given.re.begin());
                    std::copy(h.begin(), h.end(), given.im.begin());
                    check_near(tape.gradient(sum(y.re * fixed(g)) + sum(y.im * fixed(h)), real).value(),
                               rounded<T>(summed(given, 1, factor).re, n), scale);
                } else {
                    const Complex<T> spectrum{variable(Array<T>(g)), variable(Array<T>(h))};
                    Tape tape;
                    const Variable<T> y = irfft(spectrum, n, 0, norm);
                    Numbers all(n);
                    for (std::size_t k = 0; k < half; ++k) {
                        const bool alone = weight(k, n) == 1;
                        all.re[k] = all.re[(n - k) % n] = g.data()[k];
                        all.im[k] = alone ? 0 : h.data()[k];
                        if (!alone)
                            all.im[n - k] = -h.data()[k];
                    }
                    check_near(y.value(), rounded<T>(summed(all, 1, factor).re, n), scale);
                    const auto back = tape.gradient(sum(y * fixed(upstream)), {spectrum.re, spectrum.im});
                    Numbers transposed = summed(Numbers(upstream, Array<T>({n}, T(0))), -1, factor);
                    for (std::size_t k = 0; k < half; ++k) {
                        transposed.re[k] *= weight(k, n);
                        transposed.im[k] *= weight(k, n);
                    }
                    check_near(back[0].value(), rounded<T>(transposed.re, half), 2 * scale);
                    check_near(back[1].value(), rounded<T>(transposed.im, half), 2 * scale);
                    CHECK(back[1].data()[0] == 0);
                    CHECK((n % 2 != 0 || back[1].data()[half - 1] == 0));
                }
            }
        }
}

TEST_CASE_TEMPLATE("fft along each axis of an array", T, float, double)
{
    for (const Shape& shape :
         {Shape{3, 4, 5}, Shape{7, 2}, Shape{40, 3, 2}, Shape{2, 70, 3}, Shape{5, 37}, Shape{130, 8}})
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            CAPTURE(to_string(shape));
            CAPTURE(axis);
            const Array<T> re = numbers<T>(shape, -1, 1, 5), im = numbers<T>(shape, -1, 1, 6);
            const auto place = static_cast<Axis>(axis);
            const Complex<T> y = fft(Complex<T>{fixed(re), fixed(im)}, place);
            const Complex<T> back = ifft(y, place - static_cast<Axis>(shape.size()));
            const Complex<T> half = rfft(fixed(re), place);
            const Variable<T> real = irfft(half, shape[axis], place);
            check_close(back.re.value(), re);
            check_close(back.im.value(), im);
            check_close(real.value(), re);
            for_each_index(shape, [&](const Index& index) {
                if (index[axis] != 0)
                    return;
                const auto row = [&](const Array<T>& x, std::size_t count) {
                    return generate<T>({count}, [&](const Index& i) {
                        Index here = index;
                        here[axis] = i[0];
                        return at(x, here);
                    });
                };
                const std::size_t n = shape[axis];
                const Numbers expected = summed(Numbers(row(re, n), row(im, n)), -1, 1);
                check_near(row(y.re.value(), n), rounded<T>(expected.re, n), 4 * std::sqrt(static_cast<double>(n)));
                check_near(row(y.im.value(), n), rounded<T>(expected.im, n), 4 * std::sqrt(static_cast<double>(n)));
                const Numbers of_real = summed(Numbers(row(re, n), Array<T>({n}, T(0))), -1, 1);
                check_near(row(half.im.value(), n / 2 + 1), rounded<T>(of_real.im, n / 2 + 1),
                           4 * std::sqrt(static_cast<double>(n)));
            });
        }
}

TEST_CASE_TEMPLATE("fft of known sequences", T, float, double)
{
    const Complex<T> impulse = fft(Complex<T>{constant<T>({1, 0, 0, 0}), constant<T>({0, 0, 0, 0})});
    check_equal(impulse.re.value(), list<T>({1, 1, 1, 1}));
    check_equal(impulse.im.value(), list<T>({0, 0, 0, 0}));
    const Complex<T> half = rfft(constant<T>({1, 2, 3, 4}));
    check_close(half.re.value(), list<T>({10, -2, -2}));
    check_close(half.im.value(), list<T>({0, 2, 0}));
    check_close(irfft(Complex<T>{constant<T>({10, -2, -2}), constant<T>({7, 2, 7})}, 4).value(), list<T>({1, 2, 3, 4}));
    check_close(irfft(Complex<T>{constant<T>({6, 0}), constant<T>({0, 0})}, 3).value(), list<T>({2, 2, 2}));
}

TEST_CASE_TEMPLATE("Fourier transforms of arrays without elements, and errors", T, float, double)
{
    const auto none = leaf<T>({0, 3}), v4 = leaf<T>({4}), v3 = leaf<T>({3}), s = leaf<T>({});
    const Complex<T> empty{none, none};
    CHECK(fft(empty).re.shape() == Shape{0, 3});
    CHECK(ifft(empty, 1).im.shape() == Shape{0, 3});
    CHECK(rfft(none).im.shape() == Shape{0, 2});
    CHECK(irfft(empty, 5).shape() == Shape{0, 5});
    {
        Tape tape;
        CHECK(tape.gradient(sum(rfft(none).re), none).shape() == Shape{0, 3});
    }
    check_shape_error([&] { fft(empty, 0); }, {"[fft]", "(0,3)", "axis 0"});
    check_shape_error([&] { ifft(empty, 0); }, {"[ifft]", "(0,3)"});
    check_shape_error([&] { rfft(none, 0); }, {"[rfft]", "(0,3)"});
    check_shape_error([&] { irfft(empty, 1, 0); }, {"[irfft]", "(0,3)"});
    check_shape_error([&] { fft(Complex<T>{v4, v3}); }, {"[fft]", "(4)", "(3)"});
    check_shape_error([&] { ifft(Complex<T>{v4, v3}); }, {"[ifft]", "(4)", "(3)"});
    check_shape_error([&] { irfft(Complex<T>{v4, v3}, 6); }, {"[irfft]", "(4)", "(3)"});
    check_shape_error([&] { fft(Complex<T>{v4, v4}, 1); }, {"[fft]"});
    check_shape_error([&] { rfft(s); }, {"[rfft]"});
    CHECK(irfft(Complex<T>{v4, v4}, 6).shape() == Shape{6});
    CHECK(irfft(Complex<T>{v4, v4}, 7).shape() == Shape{7});
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{4}, std::size_t{8}, std::size_t{1} << 63, ~std::size_t{0}})
        check_shape_error([&] { irfft(Complex<T>{v4, v4}, length); }, {"[irfft]", "(4)"});
}

TEST_CASE("Fourier transforms have the same bits on one thread and on two")
{
    for (const Shape& shape : {Shape{300, 2048}, Shape{1021, 500}}) {
        const Array<float> x = numbers<float>(shape);
        const auto of = [&](std::size_t count) {
            const Threads set(count);
            return rfft(fixed(x), shape[0] == 300 ? 1 : 0);
        };
        const auto one = of(1), two = of(2);
        check_equal(two.re.value(), one.re.value());
        check_equal(two.im.value(), one.im.value());
    }
}
