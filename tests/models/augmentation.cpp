#include "ops.hpp"
#include <xgrad/models/data/augmentation.hpp>

#include <map>
#include <set>
#include <tuple>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

Array<float> augmented(Array<float> images, const Augmentation& how, std::uint64_t seed, float background = -1)
{
    Random random(seed);
    augment(images, how, background, random);
    return images;
}

/** The pixel of an image read at a place, or the background outside. */
float read(const Array<float>& x, std::size_t n, std::size_t c, std::ptrdiff_t row, std::ptrdiff_t column)
{
    const auto rows = static_cast<std::ptrdiff_t>(x.shape()[2]), columns = static_cast<std::ptrdiff_t>(x.shape()[3]);
    const bool inside = row >= 0 && row < rows && column >= 0 && column < columns;
    return inside ? x(n, c, static_cast<std::size_t>(row), static_cast<std::size_t>(column)) : -1.0F;
}

} // namespace

TEST_CASE("augmentation: without any, images stay as they are, and nothing is drawn")
{
    const Array<float> images = numbers<float>({3, 2, 4, 5});
    Random random(1);
    Array<float> same = images;
    augment(same, {}, -1, random);
    CHECK(same == images);
    CHECK(random.state() == Random(1).state());
    CHECK_FALSE(Augmentation{}.changes());
}

TEST_CASE("augmentation: half of the images are mirrored, all channels alike")
{
    constexpr std::size_t count = 400;
    const Array<float> images = numbers<float>({count, 2, 3, 5});
    const Array<float> changed = augmented(images, {.flip = true}, 1);
    std::size_t mirrored = 0;
    for (std::size_t n = 0; n < count; ++n) {
        const bool is = changed(n, 0, 0, 0) == images(n, 0, 0, 4);
        mirrored += is;
        bool right = true;
        for (std::size_t c = 0; c < 2; ++c)
            for (std::size_t i = 0; i < 3; ++i)
                for (std::size_t j = 0; j < 5; ++j)
                    right = right && changed(n, c, i, j) == images(n, c, i, is ? 4 - j : j);
        CHECK(right);
    }
    CHECK(mirrored > 160);
    CHECK(mirrored < 240);
}

TEST_CASE("augmentation: shifts are whole pixels, each as often, and background comes in")
{
    constexpr std::size_t count = 2000;
    const Array<float> images = generate<float>({count, 1, 4, 6}, [](const Index& i) { return 1 + i[2] * 6 + i[3]; });
    const Array<float> changed = augmented(images, {.shift = 1}, 2);
    std::map<std::pair<std::ptrdiff_t, std::ptrdiff_t>, std::size_t> seen;
    for (std::size_t n = 0; n < count; ++n) {
        const auto place = static_cast<std::ptrdiff_t>(changed(n, 0, 1, 1)) - 1; // of the pixel that is at (1, 1)
        const std::ptrdiff_t down = place / 6 - 1, right = place % 6 - 1;
        ++seen[{down, right}];
        bool fits = true;
        for (std::ptrdiff_t i = 0; i < 4; ++i)
            for (std::ptrdiff_t j = 0; j < 6; ++j)
                fits = fits && changed(n, 0, static_cast<std::size_t>(i), static_cast<std::size_t>(j)) ==
                                   read(images, n, 0, i + down, j + right);
        CHECK(fits);
    }
    CHECK(seen.size() == 9);
    for (const auto& [shift, times] : seen) {
        CHECK(times > count / 9 - 70); // five standard deviations
        CHECK(times < count / 9 + 70);
    }
    CHECK(augmented(images, {.shift = 1000}, 2) != images);
}

TEST_CASE("augmentation: the erased square has its centre at any pixel, and is cut at the edges")
{
    constexpr std::size_t count = 1000;
    const Array<float> images(Shape{count, 2, 5, 4}, 1.0F);
    for (const std::size_t side : {1u, 2u, 3u}) {
        CAPTURE(side);
        const Array<float> changed = augmented(images, {.erase = side}, 3);
        std::set<std::vector<float>> seen, expected;
        for (std::size_t n = 0; n < count; ++n)
            for (std::size_t c = 0; c < 2; ++c)
                seen.emplace(&changed(n, c, 0, 0), &changed(n, c, 0, 0) + 20);
        for (std::size_t row = 0; row < 5; ++row)
            for (std::size_t column = 0; column < 4; ++column) {
                std::vector<float> image(20, 1.0F);
                for (std::size_t k = 0; k < 20; ++k)
                    if (k / 4 + side / 2 >= row && k / 4 + side / 2 < row + side && k % 4 + side / 2 >= column &&
                        k % 4 + side / 2 < column + side)
                        image[k] = -1;
                expected.insert(image);
            }
        CHECK(seen == expected);
        for (std::size_t n = 0; n < count; ++n)
            CHECK(changed(n, 0, 2, 2) == changed(n, 1, 2, 2));
    }
    CHECK(augmented(images, {.erase = 100}, 3) == Array<float>(images.shape(), -1.0F));
}

TEST_CASE("augmentation: an image's change depends on its own generator")
{
    const Array<float> images = numbers<float>({6, 2, 7, 5});
    const Augmentation all{.flip = true, .shift = 2, .erase = 3};
    Array<float> whole = images;
    Generators each = sample_generators(1, 2, 10, 6);
    augment(whole, all, 0, each);
    for (std::size_t n = 0; n < 6; ++n) {
        Array<float> one = empty_array<float>({1, 2, 7, 5});
        std::copy_n(images.data() + n * one.size(), one.size(), one.data());
        Generators own = sample_generators(1, 2, 10 + n, 1);
        augment(one, all, 0, own);
        CHECK(std::equal(one.begin(), one.end(), whole.data() + n * one.size()));
    }
    CHECK(augmented(images, all, 1) != augmented(images, all, 2));
}

TEST_CASE("augmentation: empty images, and errors")
{
    Random random(1);
    for (const Shape& shape : {Shape{0, 1, 4, 4}, {2, 0, 4, 4}, {2, 1, 0, 4}, {2, 1, 4, 0}}) {
        Array<float> nothing = empty_array<float>(shape);
        augment(nothing, {.flip = true, .shift = 1, .erase = 2}, 0, random);
    }
    Array<float> plane(Shape{4, 4}, 0.0F), images(Shape{1, 1, 4, 4}, 0.0F);
    check_shape_error([&] { augment(plane, {}, 0, random); }, {"[augment]", "(4,4)"});
    constexpr auto most = std::numeric_limits<std::size_t>::max();
    check_shape_error([&] { augment(images, {.shift = most}, 0, random); }, {"[augment]", "shift", "1048576"});
    check_shape_error([&] { augment(images, {.erase = most / 2 + 1}, 0, random); }, {"[augment]", "square"});
}
