#include "ops.hpp"
#include <xgrad/ops/convolution.hpp>

#include <array>
#include <functional>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

struct Case
{
    Shape x, w; // (N, C, H, W) and (O, C/groups, K_h, K_w)
    ConvolutionOptions options = {};
};

std::vector<Case> cases()
{
    const Padding same = Padding::same, full = Padding::full;
    std::vector<Case> all = {
        {{1, 1, 1, 1}, {1, 1, 1, 1}},
        {{2, 3, 4, 5}, {4, 3, 1, 1}},
        {{2, 3, 4, 5}, {2, 3, 4, 5}},
        {{0, 2, 4, 4}, {3, 2, 3, 3}},
        {{3, 2, 9, 7}, {4, 2, 5, 3}},
        {{1, 1, 40, 50}, {1, 1, 17, 21}},
        {{1, 2, 1, 30}, {2, 2, 1, 7}},
        {{2, 1, 30, 1}, {1, 1, 9, 1}},
        {{1, 2, 6, 5}, {2, 2, 3, 3}, {.padding = same}},
        {{1, 2, 6, 5}, {2, 2, 2, 4}, {.padding = same, .stride = 2}},
        {{1, 2, 3, 4}, {2, 2, 5, 6}, {.padding = full}},
        {{1, 1, 5, 4}, {1, 1, 3, 2}, {.padding = full, .stride = {2, 3}, .dilation = {2, 3}}},
        {{1, 1, 2, 3}, {2, 1, 2, 2}, {.padding = 5}},
        {{1, 1, 3, 3}, {1, 1, 2, 2}, {.padding = 9, .stride = 4}},
        {{1, 2, 3, 4}, {1, 2, 2, 3}, {.padding = {2, 0, 1, 3}}},
        {{1, 1, 4, 3}, {2, 1, 3, 2}, {.padding = {0, 6, 7, 0}, .stride = {2, 1}}},
        {{1, 1, 3, 3}, {1, 1, 1, 1}, {.stride = 5, .dilation = 11}},
        {{1, 1, 1, 40}, {1, 1, 7, 1}, {.padding = {5, 1, 0, 0}}},
        {{2, 4, 5, 4}, {6, 2, 3, 3}, {.groups = 2}},
        {{2, 3, 5, 5}, {6, 1, 3, 3}, {.groups = 3}},
        {{2, 4, 6, 5}, {2, 2, 2, 2}, {.padding = {1, 0, 0, 2}, .stride = {2, 1}, .dilation = {1, 2}, .groups = 2}},
    };
    for (const std::size_t height : Sizes{7, 8, 12})
        for (const std::ptrdiff_t stride : {1, 2, 3})
            for (const std::ptrdiff_t dilation : {1, 2})
                for (const Padding& padding : {Padding::valid, Padding::same, Padding::full, Padding(1, 2, 0, 4)})
                    all.push_back({{1, 2, height, 9},
                                   {2, 2, 3, 2},
                                   {.padding = padding, .stride = {stride, 4 - stride}, .dilation = dilation}});
    return all;
}

/** A bank of kernels of rank 1, or of any. */
template <class T>
Array<T> bank(const Shape& shape, bool rank_one)
{
    if (!rank_one)
        return numbers<T>(shape, -2, 2, 2);
    const Array<T> columns = numbers<T>({shape[0], shape[1], shape[2], 1}, -2, 2, 2);
    const Array<T> rows = numbers<T>({shape[0], shape[1], 1, shape[3]}, -2, 2, 3);
    return generate<T>(shape, [&](const Index& i) { return at(columns, i) * at(rows, i); });
}

template <class T>
Variable<T> fixed(const Array<T>& x)
{
    return constant(Array<T>(x));
}

Size2d plane(const Shape& shape)
{
    return {static_cast<std::ptrdiff_t>(shape[2]), static_cast<std::ptrdiff_t>(shape[3])};
}

/** A face of some convolution as a function of its two operands. */
template <class T>
using Face = std::function<Variable<T>(const Variable<T>&, const Variable<T>&)>;

/** The result, the gradient to the input and that to the kernel. */
template <class T>
std::vector<Face<T>> faces(const Case& c, Algorithm algorithm, bool flipped)
{
    ConvolutionOptions o = c.options;
    o.algorithm = algorithm;
    const Size2d image = plane(c.x), kernel = plane(c.w);
    if (flipped)
        return {[o](const auto& x, const auto& w) { return conv2d(x, w, o); },
                [o, image](const auto& g, const auto& w) { return conv2d_input(g, w, image, o); },
                [o, kernel](const auto& x, const auto& g) { return conv2d_kernel(x, g, kernel, o); }};
    return {[o](const auto& x, const auto& w) { return correlate2d(x, w, o); },
            [o, image](const auto& g, const auto& w) { return correlate2d_input(g, w, image, o); },
            [o, kernel](const auto& x, const auto& g) { return correlate2d_kernel(x, g, kernel, o); }};
}

template <class T>
void check_against_direct(const Case& c, Algorithm algorithm)
{
    CAPTURE(to_string(c.x) + " and " + to_string(c.w));
    const Array<T> x = numbers<T>(c.x), w = bank<T>(c.w, algorithm == Algorithm::separable);
    const Array<T> g = numbers<T>(correlate2d(fixed(x), fixed(w), c.options).shape(), -2, 2, 4);
    const double tolerance = few_roundings<T> * 6;
    for (const bool flipped : {false, true}) {
        CAPTURE(flipped);
        const auto expected = faces<T>(c, Algorithm::direct, flipped), actual = faces<T>(c, algorithm, flipped);
        const std::vector<std::array<Array<T>, 3>> operands = {{x, w, g}, {g, w, x}, {x, g, w}};
        for (std::size_t face = 0; face < 3; ++face) {
            CAPTURE(face);
            const Array<T>& a = operands[face][0];
            const Array<T>& b = operands[face][1];
            check_close(actual[face](fixed(a), fixed(b)).value(), expected[face](fixed(a), fixed(b)).value(),
                        tolerance);
            const auto gradients = [&](const Face<T>& f) {
                return gradients_of<T>([&](const auto& v) { return f(v[0], v[1]); }, {a, b}, operands[face][2]);
            };
            const auto some = gradients(actual[face]), others = gradients(expected[face]);
            check_close(some[0], others[0], tolerance);
            check_close(some[1], others[1], tolerance);
        }
    }
}

/** y[n,o,i,j] = Σ x[n, c, i·s + u·d − p, j·s + v·d − p]·w[o,c,u,v] for a square stride, dilation and padding. */
template <class T>
Array<T> correlated(const Array<T>& x, const Array<T>& w, std::ptrdiff_t stride, std::ptrdiff_t dilation,
                    std::ptrdiff_t padding)
{
    const auto signed_extent = [](const Array<T>& array, std::size_t axis) {
        return static_cast<std::ptrdiff_t>(array.shape()[axis]);
    };
    const auto count = [&](std::size_t axis) {
        const std::ptrdiff_t room = signed_extent(x, axis) + 2 * padding - dilation * (signed_extent(w, axis) - 1) - 1;
        return static_cast<std::size_t>(room / stride + 1);
    };
    return generate<T>({x.shape()[0], w.shape()[0], count(2), count(3)}, [&](const Index& y) {
        double sum = 0;
        for_each_index({w.shape()[1], w.shape()[2], w.shape()[3]}, [&](const Index& k) {
            const auto place = [&](std::size_t axis) {
                return static_cast<std::ptrdiff_t>(y[axis]) * stride +
                       static_cast<std::ptrdiff_t>(k[axis - 1]) * dilation - padding;
            };
            const std::ptrdiff_t row = place(2), column = place(3);
            if (row >= 0 && row < signed_extent(x, 2) && column >= 0 && column < signed_extent(x, 3))
                sum += at(x, {y[0], k[0], static_cast<std::size_t>(row), static_cast<std::size_t>(column)}) *
                       at(w, {y[1], k[0], k[1], k[2]});
        });
        return sum;
    });
}

constexpr ConvolutionOptions separable{.algorithm = Algorithm::separable};

} // namespace

TEST_CASE_TEMPLATE("fft: three faces and their gradients are those of the direct algorithm", T, float, double)
{
    for (const Case& c : cases())
        check_against_direct<T>(c, Algorithm::fft);
}

TEST_CASE_TEMPLATE("separable: three faces and their gradients are those of the direct algorithm", T, float, double)
{
    for (const Case& c : cases())
        check_against_direct<T>(c, Algorithm::separable);
}

TEST_CASE_TEMPLATE("fft: rings of every length up to 60", T, float, double)
{
    for (std::size_t extent = 1; extent <= 60; ++extent)
        check_against_direct<T>({{1, 1, extent, 61 - extent}, {1, 1, extent / 3 + 1, 1}}, Algorithm::fft);
}

TEST_CASE_TEMPLATE("each algorithm agrees with plain loops", T, float, double)
{
    for (const Algorithm algorithm : {Algorithm::direct, Algorithm::fft, Algorithm::separable})
        for (const std::ptrdiff_t stride : {1, 2})
            for (const std::ptrdiff_t dilation : {1, 3})
                for (const std::ptrdiff_t padding : {0, 2}) {
                    const Array<T> x = numbers<T>({2, 3, 13, 10}), w = bank<T>({2, 3, 4, 3}, true);
                    const ConvolutionOptions options{
                        .padding = padding, .stride = stride, .dilation = dilation, .algorithm = algorithm};
                    check_close(correlate2d(fixed(x), fixed(w), options).value(),
                                correlated(x, w, stride, dilation, padding), few_roundings<T> * 6);
                }
}

TEST_CASE_TEMPLATE("every algorithm takes plain matrices", T, float, double)
{
    for (const Algorithm algorithm : {Algorithm::fft, Algorithm::separable}) {
        const auto x = fixed(numbers<T>({6, 7})), w = fixed(list<T>({1, 2, 3, 2, 4, 6}));
        Array<T> kernel = w.value();
        kernel.reshape({std::size_t{2}, std::size_t{3}});
        for (const Padding& padding : {Padding::valid, Padding::same, Padding::full})
            check_close(correlate2d(x, fixed(kernel), {.padding = padding, .algorithm = algorithm}).value(),
                        correlate2d(x, fixed(kernel), {.padding = padding}).value());
    }
}

TEST_CASE_TEMPLATE("the rules of the fft algorithm are faces of the same algorithm", T, float, double)
{
    // A NaN spreads over its plane by the transform only; so it shows which algorithm ran.
    Array<T> x = numbers<T>({1, 1, 6, 6});
    at(x, {0, 0, 5, 5}) = T(not_a_number);
    const auto by_kernel = [&](Algorithm algorithm) {
        return gradients_of<T>([&](const auto& v) { return correlate2d(fixed(x), v[0], {.algorithm = algorithm}); },
                               {numbers<T>({1, 1, 2, 2})}, numbers<T>({1, 1, 5, 5}))[0];
    };
    CHECK(!std::isnan(by_kernel(Algorithm::direct).data()[0]));
    CHECK(std::isnan(by_kernel(Algorithm::fft).data()[0]));
}

TEST_CASE_TEMPLATE("separable: a kernel of rank 2 is refused by its place, and nothing is recorded", T, float, double)
{
    Array<T> kernels = bank<T>({3, 2, 3, 3}, true);
    const auto refuses = [&](const std::string& place) {
        const Variable<T> x = leaf<T>({1, 2, 5, 5}), g = leaf<T>({1, 3, 3, 3}), w = variable(Array<T>(kernels));
        const auto parts = [&](const std::string& op) {
            return std::vector<std::string>{"[" + op + "] kernel " + place + " is not of rank 1:"};
        };
        check_shape_error([&] { correlate2d(x, w, separable); }, parts("correlate2d"));
        check_shape_error([&] { conv2d(x, w, separable); }, parts("conv2d"));
        check_shape_error([&] { correlate2d_input(g, w, 5, separable); }, parts("correlate2d_input"));
        check_shape_error([&] { conv2d_input(g, w, 5, separable); }, parts("conv2d_input"));
    };
    at(kernels, {2, 1, 0, 0}) += T(0.01);
    refuses("(2, 1)");
    at(kernels, {1, 0, 2, 1}) = T(not_a_number);
    refuses("(1, 0)");
    at(kernels, {0, 1, 0, 2}) = T(infinity);
    refuses("(0, 1)");
    const Variable<T> identity = variable<T>({{1, 0}, {0, 1}});
    check_shape_error([&] { correlate2d(leaf<T>({4, 4}), identity, separable); }, {"[correlate2d] kernel (0, 0)"});
}

TEST_CASE_TEMPLATE("separable: what rounding does to a product is no second rank, nor is a kernel of zeros", T, float,
                   double)
{
    for (const double scale : {1e-20, 1.0, 1e15}) {
        const Array<T> w = generate<T>({1, 1, 9, 9}, [&](const Index& i) {
            const double u = static_cast<double>(i[2]) - 4, v = static_cast<double>(i[3]) - 4;
            return scale * std::exp(-(u * u + v * v) / 5);
        });
        CHECK_NOTHROW(correlate2d(leaf<T>({1, 1, 12, 12}), fixed(w), separable));
    }
    const auto y = correlate2d(leaf<T>({1, 1, 4, 4}), constant(Array<T>({1, 1, 2, 2}, T(0))), separable);
    check_equal(y.value(), Array<T>({1, 1, 3, 3}, T(0)));
}

TEST_CASE_TEMPLATE("every algorithm refuses a kernel that does not fit", T, float, double)
{
    for (const Algorithm algorithm : {Algorithm::fft, Algorithm::separable})
        check_shape_error(
            [&] {
                correlate2d(leaf<T>({5, 5}), leaf<T>({7, 7}), {.algorithm = algorithm});
            },
            {"[correlate2d] the 7x7 kernel does not fit the 5x5 input"});
}
