// Data sets as others lay them out.

#include "files.hpp"
#include "images.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/formats/arrays.hpp>
#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/data/idx.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;
namespace fs = std::filesystem;

namespace
{

/** Images whose pixels count on from `first`, and labels. */
Images counting(const Shape& shape, const std::vector<std::int32_t>& labels, int first = 0)
{
    Images images{empty_array<std::uint8_t>(shape), empty_array<std::int32_t>({labels.size()}), 0};
    for (std::size_t i = 0; i < images.pixels.size(); ++i)
        images.pixels.data()[i] = static_cast<std::uint8_t>(i + static_cast<std::size_t>(first));
    std::copy(labels.begin(), labels.end(), images.labels.begin());
    return images;
}

void write_idx_set(const fs::path& folder, const std::string& prefix, const std::string& test, const Images& images,
                   const std::string& suffix = "")
{
    fs::create_directories(folder);
    for (const std::string& part : {std::string("train"), test}) {
        write_idx_images(folder / (prefix + part + "-images-idx3-ubyte" + suffix), images.pixels);
        write_idx_labels(folder / (prefix + part + "-labels-idx1-ubyte" + suffix), images.labels);
    }
}

std::vector<int> labels_of(const Images& images) { return {images.labels.begin(), images.labels.end()}; }
std::vector<int> pixels_of(const Images& images) { return {images.pixels.begin(), images.pixels.end()}; }

Dataset load(const Folder& folder, const std::string& name = "") { return load_dataset((folder / name).string()); }

std::string error_in(const Folder& folder, const std::string& name = "")
{
    return error_of([&] { load(folder, name); });
}

/** A record of CIFAR-10: a label and an image of one value for each channel. */
std::string cifar_record(int label, char red, char green, char blue)
{
    return std::string(1, static_cast<char>(label)) + std::string(1024, red) + std::string(1024, green) +
           std::string(1024, blue);
}

} // namespace

TEST_CASE("dataset: EMNIST's names, its images on their side, and its labels from 1")
{
    for (const std::string suffix : {"", ".gz"}) {
        const Folder folder;
        write_idx_set(folder.path(), "emnist-letters-", "test", counting({2, 1, 2, 3}, {1, 26}), suffix);
        const Dataset data = load(folder);
        CHECK(data.train.pixels.shape() == Shape{2, 1, 3, 2});
        CHECK(pixels_of(data.test) == std::vector{0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11});
        CHECK(labels_of(data.train) == std::vector{0, 25});
        CHECK(data.train.classes == 26);
        REQUIRE(data.class_names.size() == 26);
        CHECK(data.class_names[25] == "26");
        std::string mapping;
        for (int i = 0; i < 26; ++i)
            mapping += std::to_string(i + 1) + " " + std::to_string(65 + i) + " " + std::to_string(97 + i) + "\n";
        write(folder / "emnist-letters-mapping.txt", mapping);
        CHECK(load(folder).class_names[25] == "Z");
    }
}

TEST_CASE("dataset: of several sets in a folder, one is named")
{
    const Folder folder;
    write_idx_set(folder / "all", "emnist-digits-", "test", counting({2, 1, 1, 1}, {0, 9}));
    write_idx_set(folder / "all", "kmnist-", "t10k", counting({2, 1, 1, 2}, {0, 4}));
    const std::string error = error_in(folder, "all");
    CHECK(contains(error, "has several data sets, emnist-digits, kmnist: give one, as"));
    CHECK(load(folder, "all/kmnist").train.classes == 5);
    CHECK(load(folder, "all/kmnist").name == (folder / "all/kmnist").string());
    CHECK(contains(error_in(folder, "all/qmnist"), "is neither"));
    fs::remove(folder / "all/kmnist-t10k-labels-idx1-ubyte");
    CHECK(contains(error_in(folder, "all/kmnist"), "has no kmnist-t10k-labels-idx1-ubyte"));
}

TEST_CASE("dataset: QMNIST's labels are the first column of a table")
{
    const Folder folder;
    write_idx_set(folder.path(), "qmnist-", "test", counting({2, 1, 1, 2}, {0, 1}));
    for (const std::string part : {"train", "test"}) {
        fs::remove(folder / ("qmnist-" + part + "-labels-idx1-ubyte"));
        std::string table = std::string("\0\0\x0c\2", 4) + big_endian(2) + big_endian(3);
        for (const std::uint32_t number : {7u, 3u, 300u, 0u, 1u, 0u})
            table += big_endian(number);
        write(folder / ("qmnist-" + part + "-labels-idx2-int"), table);
    }
    CHECK(labels_of(load(folder).test) == std::vector{7, 0});
    write(folder / "qmnist-test-labels-idx2-int",
          std::string("\0\0\x0c\2", 4) + big_endian(1) + big_endian(1) + big_endian(0x80000000));
    CHECK(contains(error_in(folder), "the label of sample 0 is 2147483648"));
}

TEST_CASE("dataset: files in folders of the same names, and in an only folder")
{
    const Folder folder;
    const Images images = counting({2, 1, 2, 2}, {0, 1});
    for (const std::string part : {"train", "t10k"}) {
        const std::string x = part + "-images-idx3-ubyte", y = part + "-labels-idx1-ubyte";
        fs::create_directories(folder / ("archive/" + x));
        fs::create_directories(folder / ("archive/" + y));
        write_idx_images(folder / ("archive/" + x + "/" + x), images.pixels);
        write_idx_labels(folder / ("archive/" + y + "/" + y), images.labels);
    }
    CHECK(pixels_of(load(folder, "archive").train) == pixels_of(images));
    CHECK(pixels_of(load(folder).train) == pixels_of(images));
}

TEST_CASE("dataset: CIFAR-10 and CIFAR-100")
{
    const Folder folder;
    fs::create_directory(folder / "ten");
    write(folder / "ten/data_batch_1.bin", cifar_record(3, 1, 2, 3) + cifar_record(9, 4, 5, 6));
    write(folder / "ten/data_batch_2.bin", cifar_record(0, 7, 8, 9));
    write(folder / "ten/test_batch.bin", cifar_record(1, 1, 1, 1));
    write(folder / "ten/batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
    const Dataset ten = load(folder, "ten");
    CHECK(ten.train.pixels.shape() == Shape{3, 3, 32, 32});
    CHECK(labels_of(ten.train) == std::vector{3, 9, 0});
    CHECK(ten.train.pixels(2, 1, 31, 31) == 8);
    CHECK(ten.train.classes == 10);
    CHECK(ten.class_names[9] == "j");
    write(folder / "ten/test_batch.bin", cifar_record(10, 1, 1, 1));
    CHECK(contains(error_in(folder, "ten"), "the label of record 0 is 10"));
    write(folder / "ten/test_batch.bin", cifar_record(1, 1, 1, 1).substr(1));
    CHECK(contains(error_in(folder, "ten"), "records of 3073 were expected"));
    fs::remove(folder / "ten/test_batch.bin");
    CHECK(contains(error_in(folder, "ten"), "no test_batch.bin"));

    fs::create_directory(folder / "hundred");
    for (const char* name : {"train.bin", "test.bin"})
        write(folder / "hundred" / name, "\x7" + cifar_record(99, 1, 2, 3));
    const Dataset hundred = load(folder, "hundred");
    CHECK(labels_of(hundred.test) == std::vector{99});
    CHECK(hundred.train.classes == 100);
    CHECK(hundred.train.pixels(0, 0, 0, 0) == 1);

    fs::create_directory(folder / "python");
    write(folder / "python/data_batch_1", "x");
    CHECK(contains(error_in(folder, "python"), "get the binary version"));
}

TEST_CASE("dataset: a folder of images for each class")
{
    const Folder folder;
    for (const std::string name : {"dog", "cat"}) {
        fs::create_directories(folder / ("animals/" + name));
        for (int i = 0; i < 7; ++i)
            write(folder / ("animals/" + name + "/" + std::to_string(i) + (i == 6 ? ".PPM" : ".pgm")),
                  i == 6 ? "P3 2 1 255 1 2 3 4 4 4"
                         : "P2 2 1 255 " + std::to_string(i) + (name == "cat" ? " 0" : " 9"));
        write(folder / ("animals/" + name + "/notes.txt"), "not an image");
        write(folder / ("animals/" + name + "/.hidden.pgm"), "not an image");
    }
    const Dataset data = load(folder, "animals");
    CHECK(data.class_names == std::vector<std::string>{"cat", "dog"});
    CHECK(data.is_of_files);
    CHECK(data.train.classes == 2);
    CHECK(data.train.pixels.shape() == Shape{12, 3, 1, 2});
    CHECK(labels_of(data.train) == std::vector{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1});
    CHECK(labels_of(data.test) == std::vector{0, 1});
    CHECK(pixels_of(data.test) == std::vector{5, 0, 5, 0, 5, 0, 5, 9, 5, 9, 5, 9}); // the sixth of each
    CHECK(data.train.pixels(5, 1, 0, 0) == 2);

    fs::create_directory(folder / "parts");
    fs::rename(folder / "animals", folder / "parts/train");
    for (const std::string name : {"dog", "cat"}) {
        fs::remove(folder / ("parts/train/" + name + "/6.PPM"));
        fs::create_directories(folder / ("parts/test/" + name));
        write(folder / ("parts/test/" + name + "/x.pgm"), "P2 2 1 255 7 8");
    }
    const Dataset parts = load(folder, "parts");
    CHECK(parts.train.pixels.shape() == Shape{12, 1, 1, 2});
    CHECK(pixels_of(parts.test) == std::vector{7, 8, 7, 8});
    CHECK(labels_of(parts.test) == std::vector{0, 1});
    fs::rename(folder / "parts/test/dog", folder / "parts/test/cow");
    CHECK(contains(error_in(folder, "parts"), "has the class 'cow'"));
}

TEST_CASE("dataset: colours that are all equal are grey")
{
    const Folder folder;
    for (const std::string name : {"a", "b"}) {
        fs::create_directory(folder / name);
        for (int i = 0; i < 6; ++i)
            write(folder / (name + "/" + std::to_string(i) + ".ppm"), "P3 1 1 255 5 5 5");
    }
    CHECK(load(folder).train.pixels.shape() == Shape{10, 1, 1, 1});
    write(folder / "b/0.ppm", "P3 1 2 255 5 5 5 5 5 5");
    CHECK(contains(error_in(folder), "b/0.ppm has 1x2 pixels, and"));
    write(folder / "b/0.ppm", "P3 1 1 255 5 5");
    CHECK(contains(error_in(folder), "b/0.ppm: is damaged or cut off"));
    fs::remove_all(folder / "b");
    CHECK(contains(error_in(folder), "has images in one folder, 'a'"));
}

TEST_CASE("dataset: an archive of arrays")
{
    const Folder folder;
    NamedArrays arrays;
    arrays["x_train"] = Array<std::uint8_t>{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}};
    arrays["y_train"] = Array<std::int64_t>{0, 3};
    arrays["x_test"] = Array<float>{{{0, 1}, {0.2f, 0.4f}}};
    arrays["y_test"] = Array<std::uint8_t>(Shape{1, 1}, 1);
    save_npz(folder / "mnist.npz", arrays);
    const Dataset data = load(folder, "mnist.npz");
    CHECK(data.train.pixels.shape() == Shape{2, 1, 2, 2});
    CHECK(labels_of(data.train) == std::vector{0, 3});
    CHECK(data.train.classes == 4);
    CHECK(pixels_of(data.test) == std::vector{0, 255, 51, 102});

    NamedArrays colours;
    colours["train_images"] = colours["test_images"] = Array<double>{{{{1, 2, 3}, {4, 5, 255}}}};
    colours["train_labels"] = colours["test_labels"] = Array<std::uint8_t>(Shape{1, 1}, 0);
    save_npz(folder / "colours.npz", colours);
    const Dataset of_colours = load(folder, "colours.npz");
    CHECK(of_colours.train.pixels.shape() == Shape{1, 3, 1, 2});
    CHECK(pixels_of(of_colours.train) == std::vector{1, 4, 2, 5, 3, 255});

    const auto error_with = [&](const std::string& name, const AnyArray& array) {
        NamedArrays changed = arrays;
        changed[name] = array;
        save_npz(folder / "x.npz", changed);
        return error_in(folder, "x.npz");
    };
    CHECK(contains(error_with("x_train", Array<float>{1, 2}), "'x_train' has the shape (2)"));
    CHECK(contains(error_with("x_train", Array<std::int32_t>{{{1, 256}}}), "'x_train' has other numbers"));
    CHECK(contains(error_with("x_test", Array<float>{{{-1, 0}}}), "'x_test' has"));
    CHECK(contains(error_with("y_test", Array<std::int32_t>{1, 2}), "'x_test' has 1 images, and 'y_test' has 2"));
    CHECK(contains(error_with("y_test", Array<std::int32_t>{-1}), "label 0 of 'y_test' is -1"));
    CHECK(contains(error_with("x_test", Array<std::uint8_t>{{{1, 2, 3}}}), "training images of 2x2"));
    arrays.erase("y_test");
    CHECK(contains(error_with("z", Array<float>{1}), "has x_train, y_train, x_test and y_test"));
}

TEST_CASE("dataset: tables with a label and pixels in each row")
{
    const Folder folder;
    std::string rows = "label,pixel0,pixel1,pixel2,pixel3\r\n";
    for (int i = 0; i < 7; ++i)
        rows += "2," + std::to_string(i) + ",1,2,255\r\n";
    rows += "\n0,9,9,9,9\n";
    write(folder / "train.csv", rows);
    write(folder / "test.csv", "pixel0,pixel1,pixel2,pixel3\n1,2,3,4\n");
    write(folder / "sample_submission.csv", "ImageId,Label\n1,0\n");
    const Dataset data = load(folder);
    CHECK(data.train.pixels.shape() == Shape{7, 1, 2, 2});
    CHECK(labels_of(data.train) == std::vector{2, 2, 2, 2, 2, 2, 0});
    CHECK(pixels_of(data.test) == std::vector{5, 1, 2, 255});
    CHECK(data.train.classes == 3);
    CHECK(pixels_of(load(folder, "train.csv").test) == pixels_of(data.test));

    write(folder / "test.csv", "pixel0,pixel1,pixel2,pixel3,class\n1,2,3.0,4,1\n");
    CHECK(pixels_of(load(folder).test) == std::vector{1, 2, 3, 4});
    CHECK(labels_of(load(folder).test) == std::vector{1});
    CHECK(load(folder).train.size() == 8);

    const Folder plain; // as mnist_train.csv
    write(plain / "mnist_train.csv", "5;0;1;2;3\n1;4;5;6;7\n");
    write(plain / "mnist_test.csv", "0;0;1;2;3\n");
    CHECK(labels_of(load(plain).train) == std::vector{5, 1});

    const auto error_with = [&](const std::string& text) {
        write(folder / "x.csv", text);
        return error_in(folder, "x.csv");
    };
    CHECK(contains(error_with("label,a,b\n1,2,3\n"), "has 2 pixels in a row beside the label, which are no square"));
    CHECK(contains(error_with("label,a\n1,256\n"), "line 2 has '256' in column 2: a pixel from 0 to 255 was expected"));
    CHECK(contains(error_with("label,a\n1,x\n"), "line 2 has 'x' in column 2"));
    CHECK(contains(error_with("label,a\n1,1.5\n"), "line 2 has '1.5'"));
    CHECK(contains(error_with("label,a\n1000,1\n"), "a label from 0 to 999 was expected"));
    CHECK(contains(error_with("label,a\n1,2,3\n"), "line 2 has 3 cells, and the first one has 2"));
    CHECK(contains(error_with("pixel0\n1\n"), "has no column 'label'"));
    CHECK(contains(error_with("label,a\n"), "has no rows of pixels"));
    CHECK(contains(error_with("label,a\n0,1\n"), "no class has six"));
    CHECK(contains(error_with(""), "has no rows of pixels"));
}

TEST_CASE("dataset: a folder of something else lists what it has and what was expected")
{
    const Folder folder;
    CHECK(contains(error_in(folder), "has nothing; one of these was expected: IDX files such as"));
    write(folder / "a\x1b", "x");
    fs::create_directory(folder / "b");
    CHECK(contains(error_in(folder), "has a\\x1b, b/; one of these"));
    write(folder / "train-images-idx3-ubyte.gz", "x");
    CHECK(contains(error_in(folder, "train-images-idx3-ubyte.gz"),
                   "is one of the files of a data set: give their folder"));
}
