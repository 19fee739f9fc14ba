// Images of files in predict: their format, size, direction and place do not matter.
#ifdef XGRAD_COMMAND

#include "command.hpp"
#include "images.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** Image n of the sample's test set at a point between its pixels, 0 outside. */
double value_at(const Images& images, std::size_t n, double row, double column)
{
    double value = 0;
    for (const int i : {0, 1})
        for (const int j : {0, 1}) {
            const double y = std::floor(row) + i, x = std::floor(column) + j;
            if (y >= 0 && x >= 0 && y < 28 && x < 28)
                value += (1 - std::abs(row - y)) * (1 - std::abs(column - x)) *
                         images.pixels(n, 0, static_cast<std::size_t>(y), static_cast<std::size_t>(x));
        }
    return value;
}

/** Digit n as somebody has drawn it: 1.2 to 5.2 times as large, at some place of a sheet, in grey ink on grey paper. */
std::string drawn(const Images& images, std::size_t n)
{
    const double factor = 1.2 + 0.04 * static_cast<double>(n);
    const auto extent = static_cast<std::size_t>(std::ceil(28 * factor));
    const std::size_t width = extent + n * 7 % 40, height = extent + n * 11 % 60;
    const std::size_t left = n % 3 * (width - extent) / 2, top = n / 3 % 3 * (height - extent) / 2;
    const double paper = n % 2 == 0 ? 255 : 225, ink = n % 2 == 0 ? 0 : 70;
    std::string pixels;
    for (std::size_t i = 0; i < height; ++i)
        for (std::size_t j = 0; j < width; ++j) {
            const double row = (static_cast<double>(i) - static_cast<double>(top) + 0.5) / factor - 0.5;
            const double column = (static_cast<double>(j) - static_cast<double>(left) + 0.5) / factor - 0.5;
            pixels += static_cast<char>(std::lround(paper - (paper - ink) / 255 * value_at(images, n, row, column)));
        }
    return grey_png(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), pixels);
}

/** The classes in the output of predict. */
std::string classes_in(const std::string& output)
{
    std::istringstream lines(output);
    std::string classes;
    for (std::string line; std::getline(lines, line);)
        classes += line[line.find(": ") + 2];
    return classes;
}

bool has_png()
{
    const Folder folder;
    test::write(folder / "x.png", grey_png(1, 1, "x"));
    const Result result = call(folder, {"predict", (trained() / best).string(), "x.png"});
    if (result.code != 0)
        MESSAGE("skipped: the library was built without libpng");
    return result.code == 0;
}

} // namespace

TEST_CASE("command: predict knows digits of any size, at any place, dark on light")
{
    if (!has_png())
        return;
    constexpr std::size_t count = 100;
    const Dataset sample = load_dataset(XGRAD_SOURCE_DATA "/mnist-sample");
    const Folder folder;
    const std::string network = XGRAD_SOURCE_DATA "/../web/weights/lenet5.safetensors"; // which is seldom in doubt
    Words by_index = {"predict", network, "--data", "mnist-sample", "--index"};
    Words by_file = {"predict", network}, as_is = {"--as-is"}, inverted = {"--invert"};
    for (std::size_t n = 0; n < count; ++n) {
        const std::string file = std::to_string(n) + ".png";
        test::write(folder / file, drawn(sample.test, n));
        by_file.push_back(file);
        by_index.push_back(std::to_string(n));
    }
    as_is.insert(as_is.begin(), by_file.begin(), by_file.end());
    inverted.insert(inverted.begin(), by_file.begin(), by_file.end());
    const std::string expected = classes_in(call(folder, by_index).out), found = call(folder, by_file).out;
    REQUIRE(expected.size() == count);
    const auto same = [&](const std::string& classes) {
        std::size_t equal = 0;
        for (std::size_t n = 0; n < count; ++n)
            equal += classes[n] == expected[n];
        return equal;
    };
    CHECK(same(classes_in(found)) >= 99);
    CHECK(call(folder, inverted).out == found);
    CHECK(same(classes_in(call(folder, as_is).out)) < 50);
}

TEST_CASE("command: predict takes MNIST's own images as they are")
{
    if (!has_png())
        return;
    const Dataset sample = load_dataset(XGRAD_SOURCE_DATA "/mnist-sample");
    const Folder folder;
    Words words = {"predict", (trained() / best).string()}, as_is = {"predict", words[1], "--as-is"};
    for (std::size_t n = 0; n < sample.test.size(); ++n) {
        const std::string file = std::to_string(n) + ".png";
        const auto* const pixels = reinterpret_cast<const char*>(sample.test.pixels.data()) + n * 784;
        test::write(folder / file, grey_png(28, 28, std::string(pixels, 784)));
        words.push_back(file);
        as_is.push_back(file);
    }
    CHECK(call(folder, words).out == call(folder, as_is).out);
}

TEST_CASE("command: predict takes an image without ink")
{
    for (const std::string image : {"P5 3 3 255\n\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f", "P5 1 1 255\nx",
                                    "P5 2 1 255\nxy", "P5 3 3 255\nabaaabbab"})
    {
        test::write(trained() / "image.pgm", image);
        CHECK(call(trained(), {"predict", best, "image.pgm"}).code == 0);
    }
}

TEST_CASE("command: the classes of a folder of images have its names")
{
    const Folder folder;
    for (const std::string name : {"sea", "lava"}) {
        std::filesystem::create_directories(folder / ("photos/" + name));
        for (int i = 0; i < 12; ++i) {
            std::string image = "P3 4 4 255";
            for (int pixel = 0; pixel < 16; ++pixel)
                image += name == "sea" ? " 10 20 " + std::to_string(190 + i) : " " + std::to_string(200 + i) + " 30 10";
            test::write(folder / ("photos/" + name + "/" + std::to_string(i) + ".ppm"), image);
        }
    }
    const Result trained =
        call(folder, {"train", "mlp", "--hidden", "none", "--data", "photos", "--batch", "4", "--epochs", "5"});
    CAPTURE(trained.err);
    REQUIRE(trained.code == 0);
    CHECK(contains(trained.out, "photos: 20 training and 4 test images of 2 classes"));
    const std::string checkpoint = "xgrad-runs/mlp/best.safetensors";
    const Result evaluated = call(folder, {"evaluate", checkpoint});
    CHECK(contains(evaluated.out, "0 of 4 test images are wrong"));
    CHECK(contains(evaluated.out, "  lava\n"));
    CHECK(contains(evaluated.out, "  sea\n"));
    const Result predicted =
        call(folder, {"predict", checkpoint, "photos/sea/0.ppm", "photos/lava/11.ppm", "--index", "3"});
    CHECK(contains(predicted.out, "photos/sea/0.ppm: sea ("));
    CHECK(contains(predicted.out, "photos/lava/11.ppm: lava ("));
    CHECK(contains(predicted.out, "photos test image 3: sea ("));
    CHECK(contains(predicted.out, ", labelled sea\n"));
    CHECK(call(folder, {"train", "mlp", "--data", "photos", "--resume", "--epochs", "6"}).code == 0);
    check_error(call(folder, {"train", "lenet5", "--data", "photos", "--batch", "4"}), 1,
                "takes images of 28x28 pixels with 1 channel (grey), these have 4x4 with 3 channels");
    check_error(call(folder, {"train", "mlp", "--classes", "3", "--size", "5", "--data", "photos", "--batch", "4"}), 1,
                "it takes images of 5x5");
    check_error(call(folder, {"evaluate", checkpoint, "--data", data_folder()}), 1,
                "with 3 channels, these have 28x28");
}

#endif
