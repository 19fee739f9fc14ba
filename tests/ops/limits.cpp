// The limits of formulas: 0·∞, 0⁰, squares that overflow, sums that cancel, elements that are only moved.

#include "ops.hpp"
#include <xgrad/models/layers/rbf.hpp>
#include <xgrad/ops/ops.hpp>

#include <cfloat>
#include <functional>
#include <utility>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

using V = Variable<double>;

template <class T>
Variable<T> fixed(const Array<T>& x)
{
    return constant(Array<T>(x));
}

/** The loss and its gradients for both operands, at one element each. */
struct Loss
{
    double value, to_prediction, to_target;
};

template <class T, class F>
Loss loss_at(F loss, double prediction, double target)
{
    const auto y = variable(Array<T>({1}, T(prediction))), t = variable(Array<T>({1}, T(target)));
    Tape tape;
    const auto e = loss(y, t);
    const auto gradients = tape.gradient(e, {y, t});
    return {static_cast<double>(e.item()), static_cast<double>(gradients[0].item()),
            static_cast<double>(gradients[1].item())};
}

/** A matrix of one row. */
template <class T>
Variable<T> row(std::initializer_list<double> elements)
{
    return reshape(fixed(list<T>(elements)), {1, elements.size()});
}

/** The largest relative error of some elements. */
double relative_error(const Array<double>& x, const Array<double>& expected)
{
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        worst = std::max(worst, std::abs(x.data()[i] / expected.data()[i] - 1));
    return worst;
}

} // namespace

TEST_CASE_TEMPLATE("limits: t ln p is 0 where both are 0, and the gradients are finite", T, float, double)
{
    const auto entropy = [](const auto& p, const auto& t) { return binary_cross_entropy(p, t); };
    for (const double right : {0.0, 1.0}) {
        const Loss at = loss_at<T>(entropy, right, right);
        CHECK(at.value == 0);
        CHECK(at.to_prediction == (right == 1 ? -1 : 1));
        CHECK(std::isfinite(at.to_target));
    }
    CHECK(loss_at<T>(entropy, 0, 1).value == infinity);
    CHECK(loss_at<T>(entropy, 1, 0).value == infinity);
    CHECK(loss_at<T>(entropy, 0.25, 0).to_target == doctest::Approx(std::log(3)));
    CHECK(std::isnan(loss_at<T>(entropy, not_a_number, 0).value));
    CHECK(std::isnan(loss_at<T>(entropy, -1, 0.5).value));

    const auto saturated = [](const auto& z, const auto& t) { return binary_cross_entropy(sigmoid(z), t); };
    for (const double z : {40.0, 1000.0, infinity}) {
        const Loss at = loss_at<T>(saturated, z, 1);
        CHECK(at.value == 0);
        CHECK(at.to_prediction == 0);
    }
}

TEST_CASE("limits: the loss of saturated sigmoids has finite gradients of the second order")
{
    const V z = variable<double>({40, 1000}), t = fixed(list<double>({1, 1}));
    for (const auto& loss :
         {std::function<V(const V&)>([&](const V& x) { return binary_cross_entropy(sigmoid(x), t); }),
          std::function<V(const V&)>([&](const V& x) { return binary_cross_entropy_with_logits(x, t); })})
    {
        Tape tape;
        const V first = tape.gradient(loss(z), z, {.record = true});
        for (const double second : tape.gradient(sum(first), z).value())
            CHECK(std::abs(second) < 1e-15);
    }
}

TEST_CASE_TEMPLATE("limits: infinite logits are right or infinitely wrong", T, float, double)
{
    const auto entropy = [](const auto& z, const auto& t) { return binary_cross_entropy_with_logits(z, t); };
    for (const double sign : {1.0, -1.0}) {
        const double right = sign > 0 ? 1 : 0;
        const Loss same = loss_at<T>(entropy, sign * infinity, right),
                   other = loss_at<T>(entropy, sign * infinity, 1 - right);
        CHECK(same.value == 0);
        CHECK(same.to_prediction == 0);
        CHECK(std::isfinite(same.to_target));
        CHECK(other.value == infinity);
        CHECK(other.to_prediction == sign);
        CHECK(loss_at<T>(entropy, sign * infinity, 0.5).value == infinity);
    }
    CHECK(std::isnan(loss_at<T>(entropy, not_a_number, 0).value));
    CHECK(std::isnan(loss_at<T>(entropy, 1, not_a_number).value));
    CHECK(loss_at<T>(entropy, 2, 1).to_target == -2);
    CHECK(loss_at<T>(entropy, 0, 0.25).to_prediction == 0.25);
}

TEST_CASE("limits: confident logits keep their relative accuracy")
{
    for (const double z : {0.0, 1e-3, 10.0, 30.0, 36.0, 40.0, 300.0, 700.0})
        for (const double right : {0.0, 1.0}) {
            CAPTURE(z);
            const double logit = right == 1 ? z : -z, loss = std::log1p(std::exp(-z)), slope = 1 / (1 + std::exp(z));
            const Loss at = loss_at<double>(
                [](const V& x, const V& t) { return binary_cross_entropy_with_logits(x, t); }, logit, right);
            CHECK(std::abs(at.value / loss - 1) < 1e-14);
            CHECK(std::abs(at.to_prediction / (right == 1 ? -slope : slope) - 1) < 1e-14);
        }
}

TEST_CASE_TEMPLATE("limits: label, one-hot and soft targets agree beside infinite and huge logits", T, float, double)
{
    const double huge = static_cast<double>(std::numeric_limits<T>::max()) * 0.9;
    for (const auto& z : {row<T>({2, -infinity, 1}), row<T>({2, -huge, 1}), row<T>({huge, -huge, 1}),
                          row<T>({-infinity, -infinity, 0})})
        for (const std::int32_t label : {0, 2}) {
            const auto hot = one_hot<T>(indices({label}), 3);
            CHECK(softmax_cross_entropy(z, hot).item() == softmax_cross_entropy(z, indices({label})).item());
            const auto of_labels = [&](const auto& x) { return softmax_cross_entropy(x[0], indices({label})); };
            const auto of_targets = [&](const auto& x) { return softmax_cross_entropy(x[0], hot); };
            const Array<T> upstream(Shape{}, T(1));
            const Array<T> expected = gradients_of<T>(of_labels, {z.value()}, upstream)[0];
            check_equal(gradients_of<T>(of_targets, {z.value()}, upstream)[0], expected);
            for (const T slope : expected)
                CHECK(std::isfinite(slope));
        }
    const auto soft = row<T>({0.5, 0, 0.5}), z = row<T>({1, -infinity, 1});
    CHECK(softmax_cross_entropy(z, soft).item() == doctest::Approx(std::log(2)));
}

TEST_CASE_TEMPLATE("limits: soft targets of pixels are those of labels", T, float, double)
{
    const Array<T> z = numbers<T>({2, 3, 2, 2});
    const Labels labels =
        generate<std::int32_t>({2, 2, 2}, [](const Index& i) { return (i[0] + i[1] + 2 * i[2]) % 3; });
    const Array<T> hot = generate<T>({2, 3, 2, 2}, [&](const Index& i) {
        return static_cast<std::size_t>(at(labels, {i[0], i[2], i[3]})) == i[1] ? 1 : 0;
    });
    CHECK(softmax_cross_entropy(fixed(z), fixed(hot)).item() ==
          doctest::Approx(softmax_cross_entropy(fixed(z), labels).item()));
}

TEST_CASE("limits: a power of an array of exponents at 0")
{
    const auto power = [](const V& a, const V& b) { return pow(a, b); };
    const auto fused = [](const V& a, const V& b) {
        return elementwise(
            "power", [](auto x, auto y) { return pow(x, y); }, a, b);
    };
    for (const auto& f : {std::function<V(const V&, const V&)>(power), std::function<V(const V&, const V&)>(fused)}) {
        const V a = variable(Array<double>({6}, 0.0)), b = variable<double>({-1, 0, 0.5, 1, 2, 3});
        Tape tape;
        const Variables<double> first = tape.gradient(sum(f(a, b)), {a, b}, {.record = true});
        check_equal(first[0].value(), list<double>({-infinity, 0, infinity, 1, 0, 0}));
        check_equal(first[1].value(), list<double>({-infinity, 0, 0, 0, 0, 0}));
    }
    // x², x³ and x⁴ at 0, to the fourth order
    const V x = variable(Array<double>({3}, 0.0)), exponents = fixed(list<double>({2, 3, 4}));
    const std::vector<Array<double>> derivatives = {list<double>({0, 0, 0}), list<double>({2, 0, 0}),
                                                    list<double>({0, 6, 0}), list<double>({0, 0, 24})};
    for (const bool is_fused : {false, true}) {
        Tape tape;
        V y = is_fused ? fused(x, exponents) : power(x, exponents);
        for (const Array<double>& expected : derivatives) {
            y = tape.gradient(sum(y), x, {.record = true});
            check_equal(y.value(), expected);
        }
    }
}

TEST_CASE_TEMPLATE("limits: upsample and block_sum move elements and divide nothing", T, float, double)
{
    const T largest = std::numeric_limits<T>::max(), smallest = std::numeric_limits<T>::denorm_min();
    for (const Size2d block : {Size2d(2), Size2d(3, 4), Size2d(7), Size2d(1, 2)})
        for (const T element : {T(1), T(0.1), largest, smallest, T(-0.0)}) {
            const Array<T> x({2, 1}, element);
            const Variable<T> y = upsample(fixed(x), block);
            for (const T copy : y.value())
                CHECK((copy == element && std::signbit(copy) == std::signbit(element)));
            Array<T> spike = Array<T>(y.shape(), T(0));
            spike.data()[0] = element;
            CHECK(block_sum(fixed(spike), block).value().data()[0] == element);
        }
    Array<T> spike({1, 1, 7, 7}, T(0));
    spike.data()[48] = 1;
    CHECK(square_pool2d(fixed(spike), {.size = 7}).item() == 1);
    const T root = std::sqrt(largest) * T(0.9);
    CHECK(square_pool2d(reshape(row<T>({static_cast<double>(root), 0}), {1, 1, 1, 2}), {.size = {1, 2}}).item() ==
          root * root);
}

TEST_CASE("limits: the norm of a window scales before it squares")
{
    for (const double scale : {1e-200, 1e-160, 1e-20, 1.0, 1e20, 1e160, 1e200, 1e307})
        for (const PoolingOptions& options :
             {PoolingOptions{}, PoolingOptions{.size = 3, .stride = 1, .padding = Padding(1)}}) {
            CAPTURE(scale);
            const Array<double> x = numbers<double>({2, 3, 4, 6}), scaled = x * scale;
            const auto norm = [&](const auto& v) { return l2_pool2d(v[0], options); };
            const Array<double> expected = norm(Variables<double>{fixed(x)}).value();
            CHECK(relative_error(norm(Variables<double>{fixed(scaled)}).value(), expected * scale) < 1e-14);
            const Array<double> upstream = numbers<double>(expected.shape());
            check_close(gradients_of<double>(norm, {scaled}, upstream)[0],
                        gradients_of<double>(norm, {x}, upstream)[0]);
        }
    const auto norm_of = [](std::initializer_list<double> x) {
        return l2_pool2d(reshape(fixed(list<double>(x)), {1, 1, 2, 2})).item();
    };
    CHECK(norm_of({0, 0, 0, 0}) == 0);
    CHECK(norm_of({3e200, 0, 0, -4e200}) == doctest::Approx(5e200));
    CHECK(norm_of({3, infinity, 0, 4}) == infinity);
    CHECK(std::isnan(norm_of({3, not_a_number, 0, 4})));
    CHECK(l2_pool2d(fixed(Array<float>({1, 1, 2, 2}, 1e30F))).item() == doctest::Approx(2e30F));
}

TEST_CASE_TEMPLATE("limits: the slope of leaky_relu is exact, and log1p keeps the sign of 0", T, float, double)
{
    for (const double slope : {0.01, 1e8, 1e16, 1e17})
        for (const double x : {2.0, -2.0}) {
            const auto f = [&](const auto& v) { return leaky_relu(v[0], static_cast<T>(slope)); };
            const T expected = x > 0 ? T(1) : static_cast<T>(slope);
            CHECK(gradients_of<T>(f, {Array<T>({1}, T(x))}, Array<T>({1}, T(1)))[0].data()[0] == expected);
        }
    CHECK(std::signbit(log1p(fixed(Array<T>({1}, T(-0.0)))).item()));
    CHECK_FALSE(std::signbit(log1p(fixed(Array<T>({1}, T(0)))).item()));
}

TEST_CASE_TEMPLATE("limits: distances to prototypes are never below 0", T, float, double)
{
    for (unsigned seed = 0; seed < 50; ++seed) {
        const Array<T> w = numbers<T>({3, 84}, -2, 2, seed);
        const Array<T> distances = RadialBasis<T>(w)(fixed(w)).value();
        for (std::size_t i = 0; i < 3; ++i)
            CHECK(distances(i, i) == 0);
    }
}

TEST_CASE_TEMPLATE("limits: a weight that is not finite reaches what reads it, whatever the batch", T, float, double)
{
    for (const double bad : {infinity, not_a_number})
        for (const std::size_t batch : Sizes{1, 4, 8, 16, 33}) {
            CAPTURE(batch);
            // Forward, padding is zeros, and 0·∞ is NaN: the first row and column of the first map.
            Array<T> kernels({4, 1, 3, 3}, T(1));
            kernels.data()[0] = T(bad);
            const Array<T> y =
                correlate2d(fixed(Array<T>({batch, 1, 9, 9}, T(1))), fixed(kernels), {.padding = Padding(1)}).value();
            for_each_index(y.shape(), [&](const Index& i) {
                const bool reads_padding = i[2] == 0 || i[3] == 0;
                const bool is_finite = std::isfinite(at(y, i)), is_nan = std::isnan(at(y, i));
                CHECK((i[1] == 0 ? !is_finite && is_nan == (reads_padding || std::isnan(bad)) : is_finite));
            });
            // Backward, a pixel gets nothing through a weight that it never met.
            for (const std::ptrdiff_t stride : {1, 2}) {
                const ConvolutionOptions options{.stride = stride};
                Array<T> kernel({2, 3, 2, 3}, T(1));
                at(kernel, {1, 2, 1, 2}) = T(bad);
                const auto x = variable(Array<T>({batch, 3, 6, 7}, T(1)));
                Tape tape;
                const auto dx = tape.gradient(sum(correlate2d(x, fixed(kernel), options)), x).value();
                for_each_index(dx.shape(), [&](const Index& i) {
                    const auto s = static_cast<std::size_t>(stride);
                    const bool meets = i[1] == 2 && i[2] >= 1 && i[3] >= 2 && (i[2] - 1) % s == 0 &&
                                       (i[3] - 2) % s == 0 && (i[2] - 1) / s <= 4 / s && (i[3] - 2) / s <= 4 / s;
                    CHECK(std::isfinite(at(dx, i)) == !meets);
                });
            }
        }
}

TEST_CASE("limits: every op of images takes none")
{
    const V none = variable(Array<double>(Shape{0, 4, 4, 4}));
    const V kernels = fixed(Array<double>({6, 4, 3, 3}, 1.0));
    Random random(1);
    const std::vector<std::pair<std::string, std::function<V()>>> calls = {
        {"correlate2d", [&] { return correlate2d(none, kernels); }},
        {"conv2d", [&] { return conv2d(none, kernels); }},
        {"correlate2d_input",
         [&] {
             return correlate2d_input(variable(Array<double>(Shape{0, 6, 2, 2})), kernels, 4);
         }},
        {"fft", [&] { return correlate2d(none, kernels, {.algorithm = Algorithm::fft}); }},
        {"separable", [&] { return correlate2d(none, kernels, {.algorithm = Algorithm::separable}); }},
        {"max_pool2d", [&] { return max_pool2d(none); }},
        {"mean_pool2d", [&] { return mean_pool2d(none); }},
        {"overlapping", [&] { return mean_pool2d(none, {.size = 3, .stride = 1, .padding = Padding(1)}, true); }},
        {"square_pool2d", [&] { return square_pool2d(none); }},
        {"l2_pool2d", [&] { return l2_pool2d(none); }},
        {"weighted_pool2d",
         [&] {
             return weighted_pool2d(none, fixed(Array<double>({2, 2}, 1.0)));
         }},
        {"stochastic_pool2d", [&] { return stochastic_pool2d(none, {}, random); }},
        {"probability_pool2d", [&] { return probability_pool2d(none); }},
        {"global_mean_pool2d", [&] { return global_mean_pool2d(none); }},
        {"global_max_pool2d", [&] { return global_max_pool2d(none); }},
        {"adaptive_mean_pool2d", [&] { return adaptive_mean_pool2d(none, 3); }},
        {"adaptive_max_pool2d",
         [&] {
             return adaptive_max_pool2d(none, {3, 2});
         }},
        {"maxout", [&] { return maxout(none, 2); }},
        {"upsample", [&] { return upsample(none, 2); }},
        {"block_sum", [&] { return block_sum(none, 2); }},
        {"patches", [&] { return patches(none, 2); }},
        {"locally_connected2d",
         [&] {
             return locally_connected2d(none, fixed(Array<double>({3, 3, 2, 4, 2, 2}, 1.0)));
         }},
        {"tiled2d",
         [&] {
             return tiled2d(none, fixed(Array<double>({2, 2, 2, 4, 2, 2}, 1.0)));
         }},
        {"softmax", [&] { return softmax(none); }},
        {"log_softmax", [&] { return log_softmax(none, 1); }},
        {"pad",
         [&] {
             return pad(none, {{0, 0}, {0, 0}, {1, 1}, {1, 1}});
         }},
        {"rot180", [&] { return rot180(none); }},
    };
    for (const auto& [name, call] : calls) {
        const std::string called = name;
        CAPTURE(called);
        Tape tape;
        V y;
        CHECK_NOTHROW(y = call());
        if (y.has_value()) {
            CHECK(y.size() == 0);
            CHECK(tape.gradient(sum(y), none, {.unused_is_zero = true}).shape() == none.shape());
        }
    }
}
