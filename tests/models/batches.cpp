#include <xgrad/base/error.hpp>
#include <xgrad/models/data/dataset.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

using namespace xgrad;

namespace
{

/** Image i has the pixels 6 i, …, 6 i + 5 (mod 256) and the label i. */
Images small_images(std::size_t count, std::size_t channels = 1)
{
    Images images{empty_array<std::uint8_t>({count, channels, 2, 3}), empty_array<std::int32_t>({count}), count};
    std::iota(images.pixels.begin(), images.pixels.end(), std::uint8_t{0});
    std::iota(images.labels.begin(), images.labels.end(), 0);
    return images;
}

std::vector<std::int32_t> order(const Batches& batches)
{
    std::vector<std::int32_t> seen;
    for (const auto& [images, labels] : batches)
        seen.insert(seen.end(), labels.begin(), labels.end());
    return seen;
}

template <class I>
concept has_batches = requires(I images)
{
    std::forward<I>(images).batches(1);
};

} // namespace

TEST_CASE("batches: unshuffled, they are in the images' order, and the last may be smaller")
{
    const Images images = small_images(10);
    const Batches batches = images.batches(4);
    REQUIRE(batches.size() == 3);
    CHECK(batches[0].labels == Labels{0, 1, 2, 3});
    CHECK(batches[1].labels == Labels{4, 5, 6, 7});
    CHECK(batches[2].labels == Labels{8, 9});
    CHECK(batches[2].images.shape() == Shape{2, 1, 6, 7});
}

TEST_CASE("batches: shuffled or not, each image comes exactly once, with its own label")
{
    const Images images = small_images(40);
    for (const std::size_t size : {1u, 7u, 8u, 39u, 40u, 41u, 1000u}) {
        CAPTURE(size);
        for (const Batches& batches : {images.batches(size), images.batches(size, 3)}) {
            std::vector<int> seen(40);
            for (const auto& [prepared, labels] : batches) {
                CHECK(prepared.shape()[0] == labels.size());
                for (std::size_t n = 0; n < labels.size(); ++n) {
                    ++seen.at(static_cast<std::size_t>(labels(n)));
                    const double first_pixel = (prepared(n, 0, 2, 2) + 0.1) / 1.275 * 255;
                    CHECK(first_pixel == doctest::Approx(6 * labels(n)).epsilon(1e-5));
                }
            }
            CHECK(seen == std::vector<int>(40, 1));
        }
    }
}

TEST_CASE("batches: a batch larger than the data is all of it")
{
    const Images images = small_images(5);
    CHECK(images.batches(8).size() == 1);
    CHECK(images.batches(8)[0].labels.size() == 5);
}

TEST_CASE("batches: no images make no batches")
{
    const Images images = small_images(0);
    CHECK(images.batches(8, 1).size() == 0);
    CHECK(order(images.batches(8, 1)).empty());
}

TEST_CASE("batches: the seed decides the order")
{
    const Images images = small_images(100);
    CHECK(order(images.batches(8, 1)) == order(images.batches(8, 1)));
    CHECK(order(images.batches(8, 1)) == order(images.batches(9, 1)));
    CHECK(order(images.batches(8, 1)) != order(images.batches(8, 2)));
    CHECK(order(images.batches(8, 0)) != order(images.batches(8)));
}

TEST_CASE("batches: batch k is the same whether the ones before it were taken or not")
{
    const Images images = small_images(40);
    const Batches batches = images.batches(8, 5);
    std::size_t k = 0;
    for (const auto& [prepared, labels] : batches) {
        const Batch again = images.batches(8, 5)[k++];
        CHECK(again.images == prepared);
        CHECK(again.labels == labels);
    }
    CHECK(k == batches.size());
}

TEST_CASE("batches: the default preparation is LeNet-5's")
{
    Images images{empty_array<std::uint8_t>({1, 1, 28, 28}), Labels{7}, 10};
    images.pixels.fill(128);
    images.pixels(0, 0, 0, 0) = 0;
    images.pixels(0, 0, 27, 27) = 255;
    const Batch batch = images.batches(1)[0];
    REQUIRE(batch.images.shape() == Shape{1, 1, 32, 32});
    CHECK(batch.images(0, 0, 2, 2) == -0.1f);
    CHECK(batch.images(0, 0, 29, 29) == doctest::Approx(1.175).epsilon(1e-6));
    CHECK(batch.images(0, 0, 10, 10) == doctest::Approx(-0.1 + 1.275 * 128 / 255).epsilon(1e-6));
}

TEST_CASE("batches: every channel of every image is surrounded by background")
{
    const Images images = small_images(3, 2);
    for (const std::size_t padding : {0u, 1u, 2u, 5u}) {
        CAPTURE(padding);
        const Batch batch = images.batches(3, Preparation{padding, -1.0f, 254.0f})[0];
        REQUIRE(batch.images.shape() == Shape{3, 2, 2 + 2 * padding, 3 + 2 * padding});
        for (std::size_t n = 0; n < 3; ++n)
            for (std::size_t c = 0; c < 2; ++c)
                for (std::size_t i = 0; i < 2 + 2 * padding; ++i)
                    for (std::size_t j = 0; j < 3 + 2 * padding; ++j) {
                        const bool inside = i >= padding && i < 2 + padding && j >= padding && j < 3 + padding;
                        const auto pixel = [&] { return images.pixels(n, c, i - padding, j - padding); };
                        const float expected = inside ? static_cast<float>(pixel()) - 1 : -1.0f;
                        CHECK(batch.images(n, c, i, j) == doctest::Approx(expected));
                    }
    }
}

TEST_CASE("batches: a shuffle with a preparation of one's own")
{
    const Images images = small_images(9);
    const Batches batches = images.batches(4, 1, {.padding = 0});
    CHECK(batches[0].images.shape() == Shape{4, 1, 2, 3});
    CHECK(order(batches) == order(images.batches(4, 1)));
}

TEST_CASE("batches: size 0, a batch that is not there, and labels that do not match are errors")
{
    const Images images = small_images(9);
    CHECK_THROWS_AS(images.batches(0), ShapeError);
    CHECK_THROWS_AS(images.batches(0, 1), ShapeError);
    CHECK_THROWS_AS(images.batches(4)[3], ShapeError);
    const Images too_few_labels{images.pixels, Labels{1, 2}, 10};
    CHECK_THROWS_AS(too_few_labels.batches(4), ShapeError);
    const Images flat{empty_array<std::uint8_t>({9, 6}), images.labels, 10};
    CHECK_THROWS_AS(flat.batches(4), ShapeError);
}

TEST_CASE("batches: images that are about to go have none")
{
    CHECK(has_batches<const Images&>);
    CHECK_FALSE(has_batches<Images>);
}
