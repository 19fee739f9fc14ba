#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/formats/arrays.hpp>
#include <xgrad/models/data/layouts.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace xgrad::detail
{

namespace
{

namespace fs = std::filesystem;

/** The names of the four arrays: for training and for the test, images and labels. */
struct Names
{
    const char *x_train, *y_train, *x_test, *y_test;
};

constexpr Names keras = {"x_train", "y_train", "x_test", "y_test"};
constexpr Names medmnist = {"train_images", "train_labels", "test_images", "test_labels"};

class Reader
{
  public:
    explicit Reader(const fs::path& file) : file_(file) {}

    /** The arrays of one of the two kinds of names. */
    const Names& load()
    {
        const auto arrays = [&](const Names& names) {
            return load_arrays(file_, {names.x_train, names.y_train, names.x_test, names.y_test});
        };
        try {
            arrays_ = arrays(keras);
            return keras;
        } catch (const DataError& error) {
            if (std::string(error.what()).find("has no array '") == std::string::npos)
                throw;
            try {
                arrays_ = arrays(medmnist);
                return medmnist;
            } catch (const DataError&) {
                throw DataError(fmt::format("{}; a data set has x_train, y_train, x_test and y_test", error.what()));
            }
        }
    }

    Images images(const char* x, const char* y) const
    {
        Images images{pixels(x), labels(y), 0};
        if (images.pixels.shape()[0] != images.size())
            fail(fmt::format("'{}' has {} images, and '{}' has {} labels", x, images.pixels.shape()[0], y,
                             images.size()));
        return images;
    }

  private:
    [[noreturn]] void fail(const std::string& what) const
    {
        throw DataError(fmt::format("[dataset] {}: {}", file_.string(), what));
    }

    /** The numbers as bytes. Floating-point numbers from 0 to 1 are parts of 255. */
    Array<std::uint8_t> bytes(const char* name) const
    {
        const AnyArray& array = arrays_.at(name);
        const bool is_floating = array.type() >= ElementType::float16;
        try {
            if (!is_floating)
                return array.as<std::uint8_t>();
            const Array<float> values = array.as<float>();
            if (std::any_of(values.begin(), values.end(), [](float value) { return value > 1; }))
                return array.as<std::uint8_t>();
            Array<std::uint8_t> bytes = empty_array<std::uint8_t>(values.shape());
            for (std::size_t i = 0; i < values.size(); ++i) {
                if (!(values.data()[i] >= 0))
                    fail(fmt::format("'{}' has {}: numbers from 0 to 1, or whole ones up to 255, were expected", name,
                                     values.data()[i]));
                bytes.data()[i] = static_cast<std::uint8_t>(std::lround(255 * values.data()[i]));
            }
            return bytes;
        } catch (const DataError& error) {
            fail(fmt::format("'{}' has other numbers than pixels from 0 to 255, or from 0 to 1: {}", name,
                             error.what()));
        }
    }

    /** The images (N, H, W) or (N, H, W, C) as (N, C, H, W). */
    Array<std::uint8_t> pixels(const char* name) const
    {
        const Shape& shape = arrays_.at(name).shape();
        const std::size_t channels = shape.size() == 4 ? shape[3] : 1;
        if ((shape.size() != 3 && shape.size() != 4) || (channels != 1 && channels != 3) || element_count(shape) == 0)
            fail(fmt::format("'{}' has the shape {}: (N, H, W), (N, H, W, 1) or (N, H, W, 3) was expected", name,
                             to_string(shape)));
        const Array<std::uint8_t> given = bytes(name);
        const std::size_t count = shape[0], size = shape[1] * shape[2];
        Array<std::uint8_t> result = empty_array<std::uint8_t>({count, channels, shape[1], shape[2]});
        for (std::size_t n = 0; n < count; ++n)
            for (std::size_t i = 0; i < size; ++i)
                for (std::size_t c = 0; c < channels; ++c)
                    result.data()[(n * channels + c) * size + i] = given.data()[(n * size + i) * channels + c];
        return result;
    }

    Labels labels(const char* name) const
    {
        const AnyArray& array = arrays_.at(name);
        const Shape& shape = array.shape();
        if (shape.empty() || array.size() != shape[0])
            fail(fmt::format("'{}' has the shape {}: a label for each image was expected, (N) or (N, 1)", name,
                             to_string(shape)));
        constexpr std::int32_t most = 1000;
        Labels labels = empty_array<std::int32_t>({shape[0]});
        const Array<std::int32_t> given = array.as<std::int32_t>();
        for (std::size_t i = 0; i < labels.size(); ++i) {
            labels.data()[i] = given.data()[i];
            if (labels.data()[i] < 0 || labels.data()[i] >= most)
                fail(fmt::format("label {} of '{}' is {}: from 0 to {} was expected", i, name, labels.data()[i],
                                 most - 1));
        }
        return labels;
    }

    const fs::path& file_;
    NamedArrays arrays_;
};

} // namespace

Dataset read_array_file(const fs::path& file)
{
    Reader reader(file);
    const Names& names = reader.load();
    Dataset data{"", reader.images(names.x_train, names.y_train), reader.images(names.x_test, names.y_test)};
    check_sizes(data, file.string());
    settle_classes(data);
    return data;
}

} // namespace xgrad::detail
