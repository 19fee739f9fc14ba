#include "command.hpp"
#include "input_image.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/formats/image.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/models/networks/pixel_labeller.hpp>
#include <xgrad/models/training/generation.hpp>
#include <xgrad/models/training/training.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/softmax.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

namespace xgrad::command
{

namespace
{

struct Arguments
{
    ModelArguments model;
    std::vector<std::string> files;
    std::vector<std::size_t> indices;
    std::optional<std::string> data;
    Checksum checksum = Checksum::checked;
    bool invert = false, as_is = false;
    std::optional<std::string> text;
    std::size_t length = 500;
    double temperature = 0.8;
    std::uint64_t seed = 1;
};

/** @param pixels  (C, H, W) */
Images one_image(const Array<std::uint8_t>& pixels)
{
    const Shape& shape = pixels.shape();
    Images images{empty_array<std::uint8_t>({1, shape[0], shape[1], shape[2]}), Labels(Shape{1}, 0), 10};
    std::copy(pixels.begin(), pixels.end(), images.pixels.begin());
    return images;
}

Array<std::uint8_t> as_bytes(const Array<float>& image)
{
    Array<std::uint8_t> bytes = empty_array<std::uint8_t>(image.shape());
    std::transform(image.begin(), image.end(), bytes.begin(),
                   [](float value) { return static_cast<std::uint8_t>(std::lround(255 * value)); });
    return bytes;
}

/** The classes of the pixels as text, with a dot for the background. */
std::string picture(const Labels& pixels)
{
    std::string text;
    const std::size_t width = pixels.shape()[2];
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        const std::int32_t label = pixels.data()[i];
        text += i % width == 0 ? "\n" : "";
        text += label == background_class ? "." : fmt::to_string(label);
    }
    return text + "\n";
}

/** The name of a class, or its number. */
std::string name_of(std::size_t label, const std::vector<std::string>& names)
{
    return label < names.size() ? names[label] : fmt::to_string(label);
}

/** The prediction for an image: "7 (98.76 %), else 1 (0.95 %)". */
std::string verdict(const Classifier& classifier, const std::vector<std::string>& names, const Images& image)
{
    const PauseRecording pause;
    const Batches batches = image.batches(1, classifier.preparation);
    const Variable<float> logits = classifier.logits(constant(batches[0].images));
    if (logits.dimension() == 4)
        return picture(argmax(logits, 1));
    const Variable<float> probabilities = softmax(logits);
    const float* p = probabilities.data();
    std::vector<std::size_t> order(probabilities.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::partial_sort(order.begin(), order.begin() + 2, order.end(),
                      [p](std::size_t a, std::size_t b) { return p[a] > p[b]; });
    return fmt::format("{} ({:.2f} %), else {} ({:.2f} %)", name_of(order[0], names), 100 * p[order[0]],
                       name_of(order[1], names), 100 * p[order[1]]);
}

/** The preparations of an image file that a model needs. */
enum class Drawing
{
    as_is, ///< none
    light, ///< light on dark
    digit  ///< light on dark, and scaled and centred as MNIST's
};

/** The way to take images that are not of the data set: as those that the model has learned from. */
Drawing drawing_of(const Classifier& classifier, const Checkpoint& checkpoint)
{
    const auto data = checkpoint.metadata.find("data");
    const std::string name = data == checkpoint.metadata.end() ? "" : data->second;
    if (classifier.channels > 1 || checkpoint.metadata.contains("data.files"))
        return Drawing::as_is;
    return classifier.task == Task::image_classes && name != "fashion-mnist" ? Drawing::digit : Drawing::light;
}

/** An image with as many channels as a model takes. */
Array<float> with_channels(const Array<float>& image, std::size_t channels)
{
    if (image.shape()[0] == channels)
        return image;
    const Array<float> grey = to_grey(image);
    Array<float> all = empty_array<float>({channels, grey.shape()[1], grey.shape()[2]});
    for (std::size_t c = 0; c < channels; ++c)
        std::copy(grey.begin(), grey.end(), all.data() + c * grey.size());
    return all;
}

Array<float> input_image(const std::string& file, const Classifier& classifier, Drawing drawing, bool invert)
{
    Array<float> image = with_channels(load_image(file), classifier.channels);
    if (invert || (drawing != Drawing::as_is && is_dark_on_light(image)))
        image = inverted(std::move(image));
    return drawing == Drawing::digit ? as_digit(image, classifier.height, classifier.width)
                                     : fit(image, classifier.height, classifier.width);
}

void predict_files(const Classifier& classifier, const std::vector<std::string>& names, Drawing drawing,
                   const Arguments& arguments)
{
    for (const std::string& file : arguments.files) {
        const Array<float> image = input_image(file, classifier, drawing, arguments.invert);
        fmt::print("{}: {}\n", printable(file, file.size()), verdict(classifier, names, one_image(as_bytes(image))));
    }
}

void predict_indices(const Classifier& classifier, const std::vector<std::string>& names, const Images& images,
                     const std::string& name, const std::vector<std::size_t>& indices)
{
    check_images(classifier, images);
    const Shape& shape = images.pixels.shape();
    const std::size_t size = shape[1] * shape[2] * shape[3];
    for (const std::size_t index : indices) {
        if (index >= images.size())
            throw DataError(fmt::format("[predict] there is no test image {} in {}: they are numbered from 0 to {}",
                                        index, name, images.size() - 1));
        auto pixels = empty_array<std::uint8_t>({shape[1], shape[2], shape[3]});
        std::copy_n(images.pixels.data() + index * size, size, pixels.data());
        fmt::print("{} test image {}: {}, labelled {}\n", name, index, verdict(classifier, names, one_image(pixels)),
                   name_of(static_cast<std::size_t>(images.labels.data()[index]), names));
    }
}

/** Prints the text and its continuation, line by line: a model can draw any bytes. */
void continue_given(const Classifier& classifier, const Arguments& arguments)
{
    Random random(arguments.seed);
    const auto model = [&](const Variable<float>& seen) { return classifier.logits(seen); };
    const std::string whole =
        *arguments.text + continue_text(model, *arguments.text, arguments.length, arguments.temperature, random);
    for (std::size_t begin = 0; begin <= whole.size();) {
        const std::size_t end = std::min(whole.find('\n', begin), whole.size());
        fmt::print("{}\n", printable(std::string_view(whole).substr(begin, end - begin), whole.size()));
        begin = end + 1;
    }
}

int run(Arguments& arguments)
{
    const bool of_images = !arguments.files.empty() || !arguments.indices.empty();
    if (!of_images && !arguments.text)
        throw UsageError("nothing to predict: give images, the numbers of test images with --index, or a text with "
                         "--text");
    arguments.model.read_file(arguments.checksum);
    const Checkpoint& checkpoint = *arguments.model.checkpoint;
    const Classifier classifier = arguments.model.make_finite();
    const bool reads_text = classifier.task == Task::next_characters;
    if (reads_text ? of_images : arguments.text.has_value())
        throw UsageError(fmt::format("[predict] {} reads {}", classifier.name,
                                     reads_text ? "a text: give its beginning with --text" : "images, not --text"));
    if (reads_text) {
        continue_given(classifier, arguments);
        return success;
    }
    const std::vector<std::string> names = class_names(checkpoint);
    predict_files(classifier, names, arguments.as_is ? Drawing::as_is : drawing_of(classifier, checkpoint), arguments);
    if (!arguments.indices.empty()) {
        const Dataset data = load_data_for(arguments.model, classifier, arguments.data);
        predict_indices(classifier, names, data.test, printable(data.name), arguments.indices);
    }
    return success;
}

} // namespace

Verb predict(const Options& app)
{
    const Options verb = app.add_verb(
        "predict", "prints the class of images, or continues a text",
        "Images are PNG, JPEG, PGM or PPM files of one digit, of any size. Dark on light is noticed and inverted;\n"
        "the digit is scaled and centred as MNIST's are. --as-is leaves all that out.\n"
        "A model of characters continues the text that is given by --text.\n"
        "Examples:\n  xgrad predict xgrad-runs/lenet5/best.safetensors digit.png\n"
        "  xgrad predict xgrad-runs/lenet5/best.safetensors --index 0 1 2\n"
        "  xgrad predict xgrad-runs/character-lstm/best.safetensors --text 'Alice was '");
    const auto arguments = std::make_shared<Arguments>();
    arguments->model.add_file_to(verb);
    verb.add("IMAGE", arguments->files, "PNG, JPEG, PGM or PPM files");
    verb.add("--index", arguments->indices, "numbers of test images, from 0").check(not_negative());
    verb.add("--data", arguments->data,
             "data of the test images: mnist, fashion-mnist, mnist-sample, or a folder or a file of images "
             "[what it was trained on, else mnist]");
    add_unchecked(verb, arguments->checksum);
    verb.add_flag("--invert", arguments->invert, "takes images to be dark on light, without a look at them");
    verb.add_flag("--as-is", arguments->as_is,
                  "takes images to be light on dark, and only shrinks larger ones and frames smaller ones");
    verb.add("--text", arguments->text, "beginning of a text that the model continues");
    verb.add("--length", arguments->length, "number of characters that are added to it [500]")
        .check(between(1, 1000000));
    verb.add("--temperature", arguments->temperature,
             "1 for the model's probabilities; the smaller, the more often the likeliest character [0.8]")
        .check(positive());
    verb.add("--seed", arguments->seed, "seed of the characters that are drawn [1]").check(not_negative());
    return {verb, [arguments] { return run(*arguments); }};
}

} // namespace xgrad::command
