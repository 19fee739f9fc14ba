#include "ops.hpp"
#include <xgrad/ops/normalization.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** Each row of x less its mean, if it is centred, over the root of its mean square and ε; by plain loops. */
template <class T>
Array<T> normalized(const Array<T>& x, double epsilon, bool centred)
{
    Array<T> y = x;
    const std::size_t n = x.shape().back();
    for (std::size_t first = 0; first < x.size(); first += n) {
        double mean = 0, square = 0;
        for (std::size_t i = 0; i < n && centred; ++i)
            mean += static_cast<double>(x.data()[first + i]) / static_cast<double>(n);
        for (std::size_t i = 0; i < n; ++i)
            square += std::pow(static_cast<double>(x.data()[first + i]) - mean, 2) / static_cast<double>(n);
        for (std::size_t i = 0; i < n; ++i)
            y.data()[first + i] =
                static_cast<T>((static_cast<double>(x.data()[first + i]) - mean) / std::sqrt(square + epsilon));
    }
    return y;
}

} // namespace

TEST_CASE_TEMPLATE("standardize and rms_normalize have the values of plain loops", T, float, double)
{
    for (const Shape& shape :
         {Shape{6}, Shape{1}, Shape{3, 5}, Shape{2, 3, 67}, Shape{4, 1}, Shape{2, 0, 3}, Shape{3, 0}})
        for (const double epsilon : {1e-5, 0.5}) {
            CAPTURE(to_string(shape));
            const Array<T> x = numbers<T>(shape, -1, 4);
            const double e = static_cast<T>(epsilon);
            check_close(standardize(constant(Array<T>(x)), epsilon).value(), x.size() == 0 ? x : normalized(x, e, true),
                        3 * few_roundings<T>);
            check_close(rms_normalize(constant(Array<T>(x)), epsilon).value(),
                        x.size() == 0 ? x : normalized(x, e, false), 3 * few_roundings<T>);
        }
    // The mean is large beside the deviations.
    const auto far = standardize(constant(list<T>({1000, 1001, 1002, 1003})), 0).value();
    check_close(far, normalized(list<T>({0, 1, 2, 3}), 0, true), sizeof(T) == 4 ? 1e-4 : 1e-12);
}

TEST_CASE("the gradient of standardize has no part along the ones and along its result")
{
    const Array<double> x = numbers<double>({3, 9}), g = numbers<double>({3, 9}, -2, 2, 2);
    const auto f = [](const auto& xs) { return standardize(xs[0], 0); };
    const Array<double> dx = gradients_of<double>(f, {x}, g)[0], y = normalized(x, 0, true);
    for (std::size_t row = 0; row < 3; ++row) {
        double ones = 0, along = 0;
        for (std::size_t i = 0; i < 9; ++i) {
            ones += dx(row, i);
            along += dx(row, i) * y(row, i);
        }
        CHECK(std::abs(ones) < 1e-14);
        CHECK(std::abs(along) < 1e-14);
    }
}

TEST_CASE("normalization that cannot be")
{
    check_shape_error([] { standardize(leaf<float>({})); }, {"[standardize]", "scalar"});
    check_shape_error([] { rms_normalize(leaf<float>({})); }, {"[rms_normalize]", "scalar"});
    check_shape_error([] { standardize(leaf<float>({2}), -1); }, {"[standardize]", "-1"});
    check_shape_error([] { standardize(leaf<float>({2}), not_a_number); }, {"[standardize]", "nan"});
}
