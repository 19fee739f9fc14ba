#include "lesson.hpp"

#include <xgrad/base/error.hpp>
#include <xgrad/models/networks/architecture.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace xgrad::explorer
{

namespace
{

constexpr std::size_t classes = 10;

/** The extents of an IDX file of bytes, whose data are the rest. The browser has unpacked it, as models/data/idx.hpp,
 *  which does so by zlib, is not part of the page. @throws DataError if it is none of that rank */
std::vector<std::size_t> extents_of(std::string_view& file, std::size_t rank, const char* what)
{
    const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(file[i])}; };
    const std::size_t header = 4 + 4 * rank;
    if (file.size() < header || byte(0) != 0 || byte(1) != 0 || byte(2) != 8 || byte(3) != rank)
        throw DataError(fmt::format("[explorer] the {} are no IDX file of bytes of rank {}", what, rank));
    std::vector<std::size_t> extents;
    std::uint64_t size = 1;
    for (std::size_t axis = 0; axis < rank; ++axis) {
        std::size_t extent = 0;
        for (std::size_t i = 0; i < 4; ++i)
            extent = extent << 8 | byte(4 + 4 * axis + i);
        extents.push_back(extent);
        size = extent > file.size() ? file.size() + 1 : size * extent; // larger than the file: nothing can wrap around
        if (size > file.size())
            break;
    }
    file.remove_prefix(header);
    if (size != file.size())
        throw DataError(
            fmt::format("[explorer] the {} have {} bytes, not those that the header promises", what, file.size()));
    return extents;
}

Images read_images(std::string_view pixels, std::string_view labels)
{
    const auto extents = extents_of(pixels, 3, "images");
    const auto count = extents_of(labels, 1, "labels")[0];
    if (count != extents[0] || count == 0)
        throw DataError(fmt::format("[explorer] there are {} images and {} labels", extents[0], count));
    Images images{empty_array<std::uint8_t>({count, 1, extents[1], extents[2]}), Labels({count}, 0), classes};
    std::memcpy(images.pixels.data(), pixels.data(), pixels.size());
    for (std::size_t n = 0; n < count; ++n) {
        images.labels(n) = static_cast<unsigned char>(labels[n]);
        if (static_cast<std::size_t>(images.labels(n)) >= classes)
            throw DataError(fmt::format("[explorer] label {} is {}, and there are ten digits", n, images.labels(n)));
    }
    return images;
}

Json state_of(const Training& training, const Json& losses)
{
    return {{"epoch", training.epoch()},
            {"epochs", training.options().epochs},
            {"batch", training.batch()},
            {"batches", training.batches()},
            {"losses", losses},
            {"rate", training.learning_rate()},
            {"images_per_second", training.images_per_second()},
            {"finished", training.finished()},
            {"report", nullptr},
            {"hash", hash_of_weights(training.classifier())}};
}

Json histogram(const std::string& name, const Variable<float>& gradient)
{
    constexpr std::size_t bins = 41; // an odd number: zero is in the middle of one
    float largest = 0;
    for (std::size_t i = 0; i < gradient.size(); ++i)
        largest = std::max(largest, std::abs(gradient.data()[i]));
    std::vector<std::size_t> counts(bins);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
        const double share = largest > 0 ? (double{gradient.data()[i]} / largest + 1) / 2 : 0.5;
        ++counts[std::min(static_cast<std::size_t>(share * bins), bins - 1)];
    }
    return {{"name", name}, {"low", -largest}, {"high", largest}, {"counts", counts}};
}

} // namespace

Dataset read_digits(std::string_view train_images, std::string_view train_labels, std::string_view test_images,
                    std::string_view test_labels)
{
    return {"mnist-sample", read_images(train_images, train_labels), read_images(test_images, test_labels)};
}

Training begun(const Request& request, const Dataset& data)
{
    const auto model = request.get<std::string>("model");
    auto choices = request.get<Choices>("choices");
    const auto named = request.get<std::string>("recipe");
    const auto seed = request.get<std::size_t>("seed");
    TrainingOptions options;
    if (named.empty()) {
        options = make_classifier(model, 0, choices).defaults;
    } else {
        const Recipe& way = recipe(architecture(model), named);
        choices = way.with(choices);
        options = way.training;
    }
    options.epochs = request.get<std::size_t>("epochs");
    options.seed = seed;
    return {make_classifier(model, seed, choices), data, options};
}

Json taken_steps(Training& training, std::size_t steps)
{
    Json losses = Json::array();
    if (!training.finished() && training.epoch_complete()) {
        const EpochReport report = training.finish_epoch();
        Json state = state_of(training, losses);
        state["report"] = {
            {"epoch", report.epoch}, {"train_loss", report.train_loss}, {"error", report.error}, {"loss", report.loss}};
        return state;
    }
    for (std::size_t i = 0; i < steps && !training.finished() && !training.epoch_complete(); ++i) {
        training.step();
        losses.push_back(training.last_loss());
    }
    return state_of(training, losses);
}

Json histograms(const Training& training)
{
    constexpr std::size_t count = 32;
    const Classifier& classifier = training.classifier();
    const Images& images = training.training_images();
    const Batches batches = images.batches(std::min(count, images.size()), classifier.preparation);
    const Batch batch = batches[0];
    const auto found = value_and_gradient(
        classifier.parameters, [&] { return classifier.loss(constant(Array<float>(batch.images)), batch.labels); });
    Json all = Json::array();
    for (std::size_t i = 0; i < classifier.parameters.size(); ++i)
        all.push_back(histogram(classifier.parameters.name(i), found.gradients[i]));
    return all;
}

} // namespace xgrad::explorer
