#include "pooling.hpp"

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** Max and mean pooling of x, and their gradients. */
template <class T>
void check_pooling(const PoolingCase& c, const Array<T>& x)
{
    const Shape result = result_shape(c);
    CAPTURE(to_string(c.x) + " gives " + to_string(result));
    const Array<T> g = numbers<T>(result, -2, 2, 2);
    Array<T> gradient(c.x, T(0));
    const Array<T> expected = generate<T>(result, [&](const Index& y) {
        const Index best = largest_of(x, covered(c, y));
        at(gradient, best) += at(g, y);
        return at(x, best);
    });
    const auto largest = [&](const auto& v) { return max_pool2d(v[0], c.options); };
    check_equal(largest(Variables<T>{fixed(x)}).value(), expected);
    check_close(gradients_of<T>(largest, {x}, g)[0], gradient);

    for (const bool count_padding : {false, true}) {
        CAPTURE(count_padding);
        Array<double> spread(c.x, 0.0);
        const Array<T> means = generate<T>(result, [&](const Index& y) {
            const std::vector<Index> indices = covered(c, y);
            const auto count = count_padding ? static_cast<double>(c.options.size.height * c.options.size.width)
                                             : static_cast<double>(indices.size());
            double sum = 0;
            for (const Index& i : indices) {
                sum += at(x, i);
                at(spread, i) += at(g, y) / count;
            }
            return sum / count;
        });
        const auto mean = [&](const auto& v) { return mean_pool2d(v[0], c.options, count_padding); };
        check_close(mean(Variables<T>{fixed(x)}).value(), means);
        check_close(gradients_of<T>(mean, {x}, g)[0], Array<T>(xt::cast<T>(spread)));
    }
}

/** The same with random numbers, and with small integers that make many ties. */
template <class T>
void check_case(const PoolingCase& c)
{
    check_pooling(c, numbers<T>(c.x));
    std::mt19937 engine(5);
    check_pooling(c, generate<T>(c.x, [&](const Index&) { return static_cast<double>(engine() % 3) - 1; }));
    check_pooling(c, Array<T>(c.x, T(-7)));
}

} // namespace

TEST_CASE_TEMPLATE("windows of every size and stride", T, float, double)
{
    for (const std::ptrdiff_t height : {1, 2, 3})
        for (const std::ptrdiff_t width : {1, 2, 4})
            for (const std::ptrdiff_t stride : {0, 1, 2, 3})
                for (const std::size_t columns : Sizes{4, 9})
                    check_case<T>({{2, 2, 5, columns}, {.size = {height, width}, .stride = stride}});
}

TEST_CASE_TEMPLATE("images of every width", T, float, double)
{
    for (std::size_t width = 2; width <= 37; ++width) {
        check_case<T>({{1, 2, 4, width}});
        check_case<T>({{1, 1, 3, width}, {.size = {3, 2}, .stride = {1, 1}}});
    }
}

TEST_CASE_TEMPLATE("different strides for rows and columns", T, float, double)
{
    check_case<T>({{1, 2, 6, 7}, {.size = 2, .stride = {1, 2}}});
    check_case<T>({{2, 1, 7, 6}, {.size = {3, 2}, .stride = {2, 1}}});
    check_case<T>({{2, 1, 7, 6}, {.size = {2, 1}, .stride = {3, 4}}});
}

TEST_CASE_TEMPLATE("batches and channels", T, float, double)
{
    for (const std::size_t batch : Sizes{1, 3, 16})
        for (const std::size_t channels : Sizes{1, 6, 17})
            check_case<T>({{batch, channels, 4, 4}});
}

TEST_CASE_TEMPLATE("the layers of LeNet-5", T, float, double)
{
    check_case<T>({{2, 6, 28, 28}});
    check_case<T>({{2, 16, 10, 10}});
}

TEST_CASE_TEMPLATE("a window as large as the image, and one pixel", T, float, double)
{
    check_case<T>({{2, 3, 4, 5}, {.size = {4, 5}}});
    check_case<T>({{1, 1, 1, 1}, {.size = 1}});
    check_case<T>({{1, 1, 1, 6}, {.size = {1, 6}}});
}

TEST_CASE_TEMPLATE("padding counts as absent", T, float, double)
{
    check_case<T>({{1, 2, 4, 5}, {.size = 2, .stride = 1, .padding = 1}, 1, 1, 1, 1});
    check_case<T>({{1, 2, 4, 5}, {.size = 3, .stride = 2, .padding = 1}, 1, 1, 1, 1});
    check_case<T>({{2, 1, 5, 5}, {.size = 3, .stride = 3, .padding = 2}, 2, 2, 2, 2});
    check_case<T>({{1, 1, 3, 4}, {.size = 2, .stride = 1, .padding = {1, 0, 0, 1}}, 1, 0, 0, 1});
    check_case<T>({{1, 1, 5, 4}, {.size = 3, .stride = 2, .padding = Padding::same}, 1, 1, 0, 1});
    check_case<T>({{1, 1, 4, 3}, {.size = 2, .stride = 1, .padding = Padding::same}, 0, 1, 0, 1});
    check_case<T>({{1, 1, 3, 20}, {.size = {2, 3}, .stride = 1, .padding = Padding::full}, 1, 1, 2, 2});
}

TEST_CASE_TEMPLATE("dilated windows", T, float, double)
{
    check_case<T>({{1, 2, 6, 7}, {.size = 2, .stride = 1, .dilation = 2}});
    check_case<T>({{1, 2, 6, 7}, {.size = {3, 2}, .stride = 2, .dilation = {2, 3}}});
    check_case<T>({{1, 1, 5, 6}, {.size = 2, .stride = 2, .padding = 1, .dilation = {1, 2}}, 1, 1, 1, 1});
}

TEST_CASE_TEMPLATE("the gradient of a tied maximum goes to the first one of its window", T, float, double)
{
    const auto gradient_at = [](std::initializer_list<double> values) {
        Array<T> x = list<T>(values);
        x.reshape({1, 1, 2, 2});
        Array<T> gradient =
            gradients_of<T>([](const auto& v) { return max_pool2d(v[0]); }, {x}, Array<T>({1, 1, 1, 1}, T(5)))[0];
        gradient.reshape({4});
        return gradient;
    };
    check_equal(gradient_at({3, 3, 3, 3}), list<T>({5, 0, 0, 0}));
    check_equal(gradient_at({1, 3, 3, 3}), list<T>({0, 5, 0, 0}));
    check_equal(gradient_at({1, 1, 3, 3}), list<T>({0, 0, 5, 0}));
    check_equal(gradient_at({3, 3.001, 3, 3}), list<T>({0, 5, 0, 0}));
    check_equal(gradient_at({3, 2.999, 3, 3}), list<T>({5, 0, 0, 0}));
    check_equal(gradient_at({-1, -1, -1, 0}), list<T>({0, 0, 0, 5}));
    check_equal(gradient_at({0, -0.0, -0.0, 0}), list<T>({5, 0, 0, 0}));
}

TEST_CASE_TEMPLATE("images of minus infinity have a maximum and a place for its gradient", T, float, double)
{
    const Array<T> x({1, 1, 4, 4}, T(-infinity));
    check_equal(max_pool2d(fixed(x)).value(), Array<T>({1, 1, 2, 2}, T(-infinity)));
    const Array<T> gradient =
        gradients_of<T>([](const auto& v) { return max_pool2d(v[0]); }, {x}, Array<T>({1, 1, 2, 2}, T(1)))[0];
    for_each_index(x.shape(),
                   [&](const Index& i) { CHECK(at(gradient, i) == (i[2] % 2 == 0 && i[3] % 2 == 0 ? T(1) : T(0))); });
}

TEST_CASE_TEMPLATE("a NaN spoils the windows that see it and no other", T, float, double)
{
    for (const std::size_t width : Sizes{6, 40})
        for (std::size_t column = 0; column < 6; ++column)
            for (const PoolingOptions& options : {PoolingOptions{}, PoolingOptions{.size = 3, .stride = 1}}) {
                Array<T> x = numbers<T>({1, 2, 6, width});
                const Index place = {0, 1, 3, column};
                at(x, place) = T(not_a_number);
                const Array<T> largest = max_pool2d(fixed(x), options).value(),
                               mean = mean_pool2d(fixed(x), options).value();
                for_each_index(largest.shape(), [&](const Index& y) {
                    const std::vector<Index> window = covered({x.shape(), options}, y);
                    const bool sees = std::find(window.begin(), window.end(), place) != window.end();
                    CHECK(std::isnan(at(largest, y)) == sees);
                    CHECK(std::isnan(at(mean, y)) == sees);
                });
            }
}

TEST_CASE_TEMPLATE("the gradient of a window with NaN goes to the first NaN", T, float, double)
{
    Array<T> x = list<T>({5, not_a_number, not_a_number, 7});
    x.reshape({1, 1, 2, 2});
    Array<T> gradient =
        gradients_of<T>([](const auto& v) { return max_pool2d(v[0]); }, {x}, Array<T>({1, 1, 1, 1}, T(1)))[0];
    gradient.reshape({4});
    check_equal(gradient, list<T>({0, 1, 0, 0}));
}

TEST_CASE_TEMPLATE("pooling that does not fit is refused by name, and nothing is recorded", T, float, double)
{
    const auto check_both = [](const Variable<T>& x, const PoolingOptions& options,
                               const std::vector<std::string>& parts) {
        for (const bool largest : {true, false}) {
            std::vector<std::string> all = parts;
            all.push_back(largest ? "[max_pool2d]" : "[mean_pool2d]");
            check_shape_error([&] { largest ? max_pool2d(x, options) : mean_pool2d(x, options); }, all);
        }
    };
    const auto x = leaf<T>({1, 2, 3, 4});
    check_both(leaf<T>({3, 4}), {}, {"(3,4)"});
    check_both(leaf<T>({2, 3, 4}), {}, {"(2,3,4)"});
    check_both(leaf<T>({2, 2, 0, 4}), {}, {"(2,2,0,4)"});
    check_both(x, {.size = 4}, {"4x4", "3x4", "'valid' padding"});
    check_both(x, {.size = 2, .dilation = 3}, {"2x2", "4x4", "3x4"});
    check_both(x, {.size = 0}, {"size", "0"});
    check_both(x, {.size = {2, -1}}, {"size", "-1"});
    check_both(x, {.size = 2, .stride = -1}, {"stride", "-1"});
    check_both(x, {.size = 2, .stride = {0, 1}}, {"stride", "0"});
    check_both(x, {.size = 2, .padding = {0, 0, -1, 0}}, {"padding", "-1"});
    check_both(x, {.size = 2, .dilation = 0}, {"dilation", "0"});
}

TEST_CASE_TEMPLATE("a window that lies wholly in the padding: minus infinity, mean 0, no gradient", T, float, double)
{
    const PoolingOptions options{.size = 2, .stride = 2, .padding = 2};
    const Array<T> x = numbers<T>({1, 1, 2, 2});
    const Array<T> largest = max_pool2d(fixed(x), options).value(), mean = mean_pool2d(fixed(x), options).value();
    const Array<T> upstream({1, 1, 3, 3}, T(1));
    for_each_index(upstream.shape(), [&](const Index& y) {
        if (y != Index{0, 0, 1, 1}) {
            CHECK(at(largest, y) == T(-infinity));
            CHECK(at(mean, y) == T(0));
        }
    });
    const auto by_max = gradients_of<T>([&](const auto& v) { return max_pool2d(v[0], options); }, {x}, upstream)[0];
    const auto by_mean = gradients_of<T>([&](const auto& v) { return mean_pool2d(v[0], options); }, {x}, upstream)[0];
    T total = 0;
    for (const T value : by_max)
        total += value;
    CHECK(total == T(1));
    check_close(by_mean, Array<T>(x.shape(), T(0.25)));
}
