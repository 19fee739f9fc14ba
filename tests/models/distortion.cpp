#include "digits.hpp"
#include "ops.hpp"
#include <xgrad/models/data/distortion.hpp>

#include <utility>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

constexpr Distortion none{.shift = 0, .scaling = 0, .rotation = 0, .shear = 0, .elastic = 0};

Array<float> digits(std::size_t count)
{
    const Dataset sample = first_digits(count, 1);
    return sample.train.batches(count)[0].images;
}

/** The sum of all that is not background. */
double mass(const Array<float>& images, float background)
{
    double total = 0;
    for (const float x : images)
        total += static_cast<double>(x) - static_cast<double>(background);
    return total;
}

/** A map that reads each pixel `down` rows below and `right` columns to the right of its place. */
Array<float> shifted_map(std::size_t height, std::size_t width, double down, double right)
{
    return generate<float>({2, height, width}, [&](const Index& i) {
        return i[0] == 0 ? static_cast<double>(i[1]) + down : static_cast<double>(i[2]) + right;
    });
}

} // namespace

TEST_CASE("distortion: without any, images stay as they are")
{
    Random random(1);
    Array<float> images = digits(20);
    const Array<float> before = images;
    distort(images, none, -0.1f, random);
    CHECK(images == before);
    check_equal(random_map(none, 3, 4, random), shifted_map(3, 4, 0, 0));
}

TEST_CASE("distortion: a shift by whole pixels moves exactly, and background comes in")
{
    const Array<float> images = numbers<float>({2, 3, 6, 5});
    const std::pair<int, int> shifts[] = {{0, 0}, {2, 1}, {-1, 3}, {5, -4}, {9, 0}, {0, -100}};
    for (const auto& shift : shifts) {
        CAPTURE(shift.first);
        CAPTURE(shift.second);
        const auto expected = generate<float>(images.shape(), [&](const Index& i) {
            const auto row = static_cast<std::ptrdiff_t>(i[2]) + shift.first;
            const auto column = static_cast<std::ptrdiff_t>(i[3]) + shift.second;
            const bool inside = row >= 0 && row < 6 && column >= 0 && column < 5;
            return inside ? images(i[0], i[1], static_cast<std::size_t>(row), static_cast<std::size_t>(column)) : 7.0f;
        });
        check_equal(read_at(images, shifted_map(6, 5, shift.first, shift.second), 7), expected);
    }
    check_equal(read_at(images, Array<float>(Shape{2, 6, 5}, static_cast<float>(not_a_number)), 7),
                Array<float>(images.shape(), 7.0f));
}

TEST_CASE("distortion: between pixels the four around are mixed")
{
    const Array<float> images = numbers<float>({1, 1, 4, 4});
    const float background = -3;
    const auto pixel = [&](std::ptrdiff_t row, std::ptrdiff_t column) {
        return static_cast<double>(row >= 0 && row < 4 && column >= 0 && column < 4
                                       ? images(0, 0, static_cast<std::size_t>(row), static_cast<std::size_t>(column))
                                       : background);
    };
    const Array<float> map = numbers<float>({2, 4, 4}, -2, 5, 3);
    const auto expected = generate<float>(images.shape(), [&](const Index& i) {
        const double y = static_cast<double>(map(0, i[2], i[3])), x = static_cast<double>(map(1, i[2], i[3]));
        double value = 0;
        for (std::ptrdiff_t row = -4; row < 8; ++row)
            for (std::ptrdiff_t column = -4; column < 8; ++column)
                value += pixel(row, column) * std::max(0.0, 1 - std::abs(y - static_cast<double>(row))) *
                         std::max(0.0, 1 - std::abs(x - static_cast<double>(column)));
        return value;
    });
    check_close(read_at(images, map, background), expected);
}

TEST_CASE("distortion: the affine part is what was asked for, about the centre")
{
    Random random(1);
    constexpr std::size_t n = 21;
    const auto corners = [&](const Distortion& distortion) { return random_map(distortion, n, n, random); };
    for (int trial = 0; trial < 50; ++trial) {
        Distortion shifted = none, scaled = none, turned = none, sheared = none;
        shifted.shift = 3;
        scaled.scaling = 0.25;
        turned.rotation = 30;
        sheared.shear = 0.5;
        const auto a = corners(shifted);
        CHECK(std::abs(a(0, 10, 10) - 10) <= 3);
        CHECK(a(0, 20, 0) - a(0, 0, 0) == doctest::Approx(20));
        CHECK(a(1, 4, 20) - a(1, 4, 0) == doctest::Approx(20));
        const auto b = corners(scaled);
        CHECK(b(0, 10, 10) == 10);
        CHECK(std::abs(b(0, 20, 0) - b(0, 0, 0) - 20) <= 5);
        CHECK(b(1, 20, 3) == b(1, 0, 3));
        CHECK(std::abs(b(1, 3, 20) - b(1, 3, 0) - 20) <= 5);
        CHECK(std::abs((b(1, 3, 20) - b(1, 3, 0)) - (b(0, 20, 0) - b(0, 0, 0))) > 1e-3);
        const auto c = corners(turned);
        const double y = c(0, 20, 10) - 10, x = c(1, 20, 10) - 10;
        CHECK(std::hypot(x, y) == doctest::Approx(10));
        CHECK(std::abs(std::atan2(x, y)) <= 30 * 3.1416 / 180);
        CHECK(c(0, 10, 20) - 10 == doctest::Approx(-x).epsilon(1e-4));
        const auto d = corners(sheared);
        CHECK(d(0, 20, 3) == 20);
        CHECK(std::abs(d(1, 20, 3) - d(1, 0, 3)) <= 10);
        CHECK(d(1, 10, 3) == 3);
    }
}

TEST_CASE("distortion: the elastic part is smooth, and as large as was asked for")
{
    Random random(1);
    constexpr std::size_t n = 32;
    constexpr int trials = 1000;
    for (const double smoothness : {2.0, 4.0, 7.0}) {
        CAPTURE(smoothness);
        Distortion elastic = none;
        elastic.elastic = 1.5;
        elastic.smoothness = smoothness;
        double squares[2] = {}, slopes[2] = {}, bends[2] = {}, products = 0;
        for (int trial = 0; trial < trials; ++trial) {
            const Array<float> map = random_map(elastic, n, n, random);
            const auto moved = [&](std::size_t axis, std::size_t i, std::size_t j) {
                return static_cast<double>(map(axis, i, j)) - static_cast<double>(axis == 0 ? i : j);
            };
            for (std::size_t i = 1; i + 1 < n; ++i)
                for (std::size_t j = 1; j + 1 < n; ++j) {
                    for (std::size_t axis = 0; axis < 2; ++axis) {
                        const double here = moved(axis, i, j);
                        const double before = axis == 0 ? moved(axis, i, j - 1) : moved(axis, i - 1, j);
                        const double after = axis == 0 ? moved(axis, i, j + 1) : moved(axis, i + 1, j);
                        squares[axis] += here * here;
                        slopes[axis] += std::pow(after - here, 2);
                        bends[axis] += std::pow(after - 2 * here + before, 2);
                    }
                    products += moved(0, i, j) * moved(1, i, j);
                }
        }
        const double count = trials * (n - 2) * (n - 2);
        // Noise that a Gaussian of deviation σ has smoothed has the correlation e^{−d²/4σ²} at the distance d.
        const auto correlation = [&](double d) { return std::exp(-d * d / (4 * smoothness * smoothness)); };
        const double slope = 2 - 2 * correlation(1), bend = 6 - 8 * correlation(1) + 2 * correlation(2);
        for (std::size_t axis = 0; axis < 2; ++axis) {
            const double variance = squares[axis] / count;
            CHECK(std::abs(std::sqrt(variance) / 1.5 - 1) < 0.03);
            CHECK(std::abs(slopes[axis] / count / variance / slope - 1) < 0.1);
            CHECK(std::abs(bends[axis] / count / variance / bend - 1) < 0.3);
        }
        CHECK(std::abs(products / count) < 0.1);
    }
}

TEST_CASE("distortion: digits keep their mass, and stay in a field of background")
{
    Random random(1);
    const Array<float> before = digits(200);
    Array<float> images = before;
    distort(images, {}, -0.1f, random);
    CHECK(images != before);
    CHECK(mass(images, -0.1f) == doctest::Approx(mass(before, -0.1f)).epsilon(0.05));
    for (std::size_t n = 0; n < 200; ++n) {
        CHECK(images(n, 0, 0, 0) == -0.1f);
        CHECK(images(n, 0, 31, 31) == -0.1f);
    }
    Array<float> flat(Shape{3, 1, 8, 8}, 0.5f);
    distort(flat, {.shift = 100}, 0.5f, random);
    CHECK(flat == Array<float>(Shape{3, 1, 8, 8}, 0.5f));
}

TEST_CASE("distortion: a seed gives the same images, each its own map, and all channels of an image the same one")
{
    const Array<float> before = numbers<float>({4, 2, 12, 9});
    const auto distorted = [&](std::uint64_t seed) {
        Array<float> images = before;
        Random random(seed);
        distort(images, {}, 0, random);
        return images;
    };
    check_equal(distorted(1), distorted(1));
    CHECK(distorted(1) != distorted(2));

    Random random(1);
    for (std::size_t n = 0; n < 4; ++n) { // one by one gives the same as all at once
        Array<float> one = empty_array<float>({1, 2, 12, 9});
        std::copy_n(before.data() + n * one.size(), one.size(), one.data());
        const Array<float> read = read_at(one, random_map({}, 12, 9, random), 0);
        const Array<float> all = distorted(1);
        CHECK(std::equal(read.begin(), read.end(), all.data() + n * one.size()));
    }
}

TEST_CASE("distortion: wrong parameters and shapes are errors")
{
    Random random(1);
    Array<float> images(Shape{1, 1, 4, 4}, 0.0f), plane(Shape{4, 4}, 0.0f);
    const auto check = [&](const Distortion& wrong, const char* what) {
        check_shape_error([&] { distort(images, wrong, 0, random); }, {"[distort]", what});
    };
    for (const double wrong : {-1.0, infinity, not_a_number}) {
        check({.shift = wrong}, "shift");
        check({.scaling = wrong}, "scaling");
        check({.rotation = wrong}, "rotation");
        check({.shear = wrong}, "shear");
        check({.elastic = wrong}, "elastic");
        check({.smoothness = wrong}, "smoothness");
    }
    check({.scaling = 1}, "below 1");
    check({.smoothness = 0.1}, "0.5");
    check_shape_error([&] { distort(plane, {}, 0, random); }, {"[distort]", "(4,4)"});
    check_shape_error([&] { read_at(images, plane, 0); }, {"[read_at]", "(2,4,4)", "(4,4)"});
    check_shape_error([&] { read_at(plane, images, 0); }, {"[read_at]", "(4,4)"});
    Array<float> nothing = empty_array<float>({0, 1, 4, 4});
    distort(nothing, {}, 0, random);
}
