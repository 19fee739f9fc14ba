#include "digits.hpp"
#include "files.hpp"
#include "training.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/models/data/validation.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** Images of 1×2 pixels that tell their place: n, n + 1, and the label n mod 7. */
Images numbered(std::size_t count)
{
    Images images{Array<std::uint8_t>(Shape{count, 1, 1, 2}, 0), Labels(Shape{count}, 0), 7};
    for (std::size_t n = 0; n < count; ++n) {
        images.pixels.data()[2 * n] = static_cast<std::uint8_t>(n);
        images.pixels.data()[2 * n + 1] = static_cast<std::uint8_t>(n + 1);
        images.labels.data()[n] = static_cast<std::int32_t>(n % 7);
    }
    return images;
}

/** The places of the images. CHECKs that pixels and labels are still together. */
std::vector<int> places(const Images& images)
{
    std::vector<int> found;
    CHECK(images.classes == 7);
    CHECK(images.pixels.shape() == Shape{images.size(), 1, 1, 2});
    for (std::size_t n = 0; n < images.size(); ++n) {
        found.push_back(images.pixels.data()[2 * n]);
        CHECK(images.pixels.data()[2 * n + 1] == found.back() + 1);
        CHECK(images.labels.data()[n] == found.back() % 7);
    }
    return found;
}

} // namespace

TEST_CASE("validation: each image is in one of the parts, which keep the order")
{
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{30}, std::size_t{99}}) {
        const ValidationSplit split = hold_out(numbered(100), count, 5);
        CHECK(split.validation.size() == count);
        std::vector<int> train = places(split.train), validation = places(split.validation);
        CHECK(std::is_sorted(train.begin(), train.end()));
        CHECK(std::is_sorted(validation.begin(), validation.end()));
        train.insert(train.end(), validation.begin(), validation.end());
        CHECK(std::set<int>(train.begin(), train.end()).size() == 100);
    }
}

TEST_CASE("validation: the seed chooses, every image as often as the others")
{
    const Images images = numbered(20);
    CHECK(places(hold_out(images, 5, 3).validation) == places(hold_out(images, 5, 3).validation));
    std::vector<int> times(20);
    constexpr int trials = 2000;
    for (std::uint64_t seed = 0; seed < trials; ++seed)
        for (const int place : places(hold_out(images, 5, seed).validation))
            ++times[static_cast<std::size_t>(place)];
    for (const int time : times) // 500 with a deviation of 19
        CHECK(std::abs(time - trials / 4) < 100);
}

TEST_CASE("validation: what cannot be held out is an error")
{
    CHECK_THROWS_WITH_AS(hold_out(numbered(20), 20, 1),
                         "[hold_out] 20 images were to be held out of 20: some must be left", ShapeError);
    CHECK_THROWS_AS(hold_out(numbered(0), 0, 1), ShapeError);
    CHECK_THROWS_AS(hold_out(numbered(20), std::size_t(-1), 1), ShapeError);
    Images damaged = numbered(20);
    damaged.labels = Labels(Shape{19}, 0);
    CHECK_THROWS_AS(hold_out(damaged, 1, 1), ShapeError);
}
