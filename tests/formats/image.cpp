#include "files.hpp"
#include "images.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/formats/image.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;
using namespace std::string_literals;

namespace
{

const std::string samples = XGRAD_SOURCE_DATA "/../tests/fuzz/corpus/images/";

Array<float> loaded(const std::string& bytes)
{
    std::istringstream stream(bytes);
    return load_image(stream, "x");
}

/** The error of an image, which has to name the file. */
std::string image_error(const std::string& bytes)
{
    const Folder folder;
    write(folder / "x.png", bytes);
    const MemoryLimit limit;
    const std::string error = error_of([&] { load_image(folder / "x.png"); });
    CHECK_MESSAGE(contains(error, "[image] " + (folder / "x.png").string()), error);
    return error;
}

/** True, with a message, if the library was built without the one that reads this file. */
bool is_left_out(const std::string& bytes)
{
    const bool left_out = contains(error_of([&] { loaded(bytes); }), "was built without");
    if (left_out)
        MESSAGE("skipped: the library was built without libpng or libjpeg");
    return left_out;
}

const std::string grey = grey_png(3, 2, "\x00\x01\x02\xfd\xfe\xff"s);

/** Checks an image (C, H, W) against whole numbers, each the multiple of a unit. */
void check_image(const std::string& bytes, const Shape& shape, const std::vector<double>& numbers, double largest)
{
    const Array<float> image = loaded(bytes);
    REQUIRE(image.shape() == shape);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        CAPTURE(i);
        CHECK(std::abs(image.data()[i] - numbers[i] / largest) < 1e-7);
    }
}

} // namespace

TEST_CASE("image: grey PNG images of 1 to 16 bits")
{
    if (is_left_out(grey))
        return;
    check_image(grey, {1, 2, 3}, {0, 1, 2, 253, 254, 255}, 255);
    check_image(png(9, 1, {.bits = 1}, "\0\xa5\x80"s), {1, 1, 9}, {1, 0, 1, 0, 0, 1, 0, 1, 1}, 1);
    check_image(png(4, 1, {.bits = 2}, "\0\x1b"s), {1, 1, 4}, {0, 1, 2, 3}, 3);
    check_image(png(3, 1, {.bits = 4}, "\0\x07\xf0"s), {1, 1, 3}, {0, 7, 15}, 15);
    check_image(png(3, 1, {.bits = 16}, "\0\0\1\1\0\xff\xff"s), {1, 1, 3}, {1, 256, 65535}, 65535);
}

TEST_CASE("image: colours are channels, and transparency lies on white")
{
    if (is_left_out(grey))
        return;
    check_image(png(2, 1, {.colours = 2}, "\0\1\2\3\4\5\6"s), {3, 1, 2}, {1, 4, 2, 5, 3, 6}, 255);
    check_image(png(3, 1, {.colours = 4}, "\0\x64\xff\x64\x00\x64\x33"s), {1, 1, 3}, {100, 255, 100 * .2 + 255 * .8},
                255);
    check_image(png(1, 2, {.bits = 16, .colours = 6}, "\0\0\1\0\2\0\3\xff\xff\0\0\1\0\2\0\3\0\0"s), {3, 2, 1},
                {1, 65535, 2, 65535, 3, 65535}, 65535);
    const std::string palette = png_chunk("PLTE", "\x0a\x14\x1e\xff\xff\xff\1\2\3"s);
    const PngKind of_palette{.bits = 2, .colours = 3, .chunks = palette + png_chunk("tRNS", "\xff\x00"s)};
    check_image(png(3, 1, of_palette, "\0\x18"s), {3, 1, 3}, {10, 255, 1, 20, 255, 2, 30, 255, 3}, 255);
}

TEST_CASE("image: an interlaced PNG image is the same image")
{
    if (is_left_out(grey))
        return;
    constexpr std::size_t width = 11, height = 10;
    const auto value = [](std::size_t i, std::size_t j) { return static_cast<char>(20 * i + 3 * j); };
    // The seven passes: first row and column, then the steps.
    constexpr std::size_t passes[7][4] = {{0, 0, 8, 8}, {0, 4, 8, 8}, {4, 0, 8, 4}, {0, 2, 4, 4},
                                          {2, 0, 4, 2}, {0, 1, 2, 2}, {1, 0, 2, 1}};
    std::string whole, rows;
    for (std::size_t i = 0; i < height; ++i)
        for (std::size_t j = 0; j < width; ++j)
            whole += value(i, j);
    for (const auto& pass : passes)
        for (std::size_t i = pass[0]; i < height; i += pass[2]) {
            rows += '\0';
            for (std::size_t j = pass[1]; j < width; j += pass[3])
                rows += value(i, j);
        }
    CHECK(loaded(png(width, height, {.interlaced = true}, rows)) == loaded(grey_png(width, height, whole)));
}

TEST_CASE("image: JPEG images, baseline and progressive")
{
    const std::string jpeg = contents(samples + "grey.jpg");
    if (is_left_out(jpeg))
        return;
    const auto check_ramp = [](const Array<float>& image, const Shape& shape) {
        REQUIRE(image.shape() == shape);
        for (std::size_t c = 0; c < shape[0]; ++c)
            for (std::size_t i = 0; i < shape[1]; ++i)
                for (std::size_t j = 0; j < shape[2]; ++j)
                    CHECK(std::abs(255 * image(c, i, j) - static_cast<float>(10 * i + 5 * j)) < 6);
    };
    check_ramp(loaded(jpeg), {1, 9, 20});
    check_ramp(loaded(contents(samples + "progressive.jpg")), {3, 11, 17});
    const Array<float> colour = loaded(contents(samples + "colour.jpg"));
    REQUIRE(colour.shape() == Shape{3, 11, 17});
    const float expected[] = {200, 100, 50};
    for (std::size_t i = 0; i < colour.size(); ++i)
        CHECK(std::abs(255 * colour.data()[i] - expected[i / (11 * 17)]) < 2);
    CHECK(contains(image_error(contents(samples + "cmyk.jpg")), "has 4 channels"));
}

TEST_CASE("image: PGM and PPM, plain and binary")
{
    check_image("P2 3 1 7\n0 1\n# seven\n7", {1, 1, 3}, {0, 1, 7}, 7);
    check_image("P5 2 2 255\n\1\2\3\4", {1, 2, 2}, {1, 2, 3, 4}, 255);
    check_image("P5 1 1 65535\n\1\2", {1, 1, 1}, {258}, 65535);
    check_image("P3 2 1 10 1 2 3 4 5 6", {3, 1, 2}, {1, 4, 2, 5, 3, 6}, 10);
    check_image("P6 1 1 255\nabc", {3, 1, 1}, {97, 98, 99}, 255);
    check_image("P5 1 1 100\n\xff", {1, 1, 1}, {100}, 100);
}

TEST_CASE("image: files that are cut off anywhere")
{
    for (const std::string& bytes : {grey, contents(samples + "grey.jpg"), contents(samples + "progressive.jpg")}) {
        if (is_left_out(bytes))
            continue;
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            CAPTURE(size);
            CHECK(contains(error_of([&] { loaded(bytes.substr(0, size)); }), "[image] x: "));
        }
    }
    CHECK(contains(image_error(grey.substr(0, 60)), "cut off"));
}

TEST_CASE("image: a byte that has changed is noticed in a PNG image")
{
    if (is_left_out(grey))
        return;
    for (std::size_t i = 0; i < grey.size(); ++i) {
        CAPTURE(i);
        std::string changed = grey;
        changed[i] = static_cast<char>(changed[i] ^ 4);
        CHECK(contains(error_of([&] { loaded(changed); }), "[image] x: "));
    }
}

TEST_CASE("image: promises that the file cannot keep are refused before memory is taken")
{
    if (!is_left_out(grey)) {
        CHECK(contains(image_error(png(100000, 100000, {}, "\0"s)), "100000x100000 pixels"));
        CHECK(contains(image_error(png(8000, 8000, {}, "\0"s)), "bytes cannot hold so many"));
        // Zeros are packed a thousand times; nine million pixels are more than 64 for each byte, and than 2^23.
        const std::string zeros = png(3000, 3000, {.bits = 1}, std::string(376 * 3000, '\0'));
        CHECK(contains(image_error(zeros), "64 for each byte"));
        CHECK(contains(image_error(png(0, 5, {}, "\0"s)), "libpng says"));
    }
    std::string jpeg = contents(samples + "grey.jpg");
    if (!is_left_out(jpeg)) {
        const std::size_t frame = jpeg.find("\xff\xc0");
        REQUIRE(frame != std::string::npos);
        jpeg.replace(frame + 5, 4, "\xff\x00\xff\x00"s); // height and width
        CHECK(contains(image_error(jpeg), "65280x65280 pixels"));
        jpeg.replace(frame + 5, 4, "\x10\x00\x10\x00"s);
        CHECK(contains(image_error(jpeg), "cannot hold so many"));
    }
    CHECK(contains(image_error("P5 60000 60000 255\n"), "too large"));
    CHECK(contains(image_error("P5 6000 6000 255\n"), "cut off"));
}

TEST_CASE("image: a colour that the palette does not have")
{
    if (is_left_out(grey))
        return;
    const PngKind of_two{.colours = 3, .chunks = png_chunk("PLTE", "abcdef")};
    CHECK(loaded(png(2, 1, of_two, "\0\0\1"s)).shape() == Shape{3, 1, 2});
    CHECK(contains(image_error(png(2, 1, of_two, "\0\0\2"s)), "has the colour 2 of a palette of 2"));
}

TEST_CASE("image: what is no image")
{
    for (const std::string& other : {""s, "P"s, "P9 1 1"s, "GIF89a"s, "\x89QNG"s, "\xff\xd9"s}) {
        CAPTURE(other);
        CHECK(contains(image_error(other), "is none of PNG, JPEG, PGM (P2, P5) and PPM (P3, P6)"));
    }
    CHECK(contains(error_of([] { load_image("/a/b.png"); }), "/a/b.png: cannot be opened"));
    CHECK(contains(error_of([] { load_image("/tmp"); }), "/tmp: cannot be opened"));
}

TEST_CASE("image: the brightness of colours")
{
    const Array<float> grey_one{{{0.25f, 0.5f}}};
    CHECK(to_grey(grey_one) == grey_one);
    const Array<float> colours{{{1, 0}}, {{0, 1}}, {{0.5f, 0}}};
    const Array<float> brightness = to_grey(colours);
    CHECK(brightness.shape() == Shape{1, 1, 2});
    CHECK(std::abs(brightness.data()[0] - 0.356) < 1e-6);
    CHECK(std::abs(brightness.data()[1] - 0.587) < 1e-6);
    CHECK_THROWS_AS(to_grey(Array<float>({2, 3, 3}, 0)), ShapeError);
}
