#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/sha256.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/data/text.hpp>
#include <xgrad/models/training/classifier.hpp>
#include <xgrad/models/training/metadata.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace xgrad
{

namespace
{

constexpr const char* model_key = "model";
constexpr std::string_view choice_key = "model.";

/** The metadata of a checkpoint about the model: its name and choices. */
std::map<std::string, std::string> describe(const Classifier& classifier)
{
    std::map<std::string, std::string> entries = {{model_key, classifier.name}};
    for (const auto& [name, value] : classifier.choices)
        entries.emplace(std::string(choice_key) + name, value);
    return entries;
}

} // namespace

const char* samples_of(Task task) { return task == Task::next_characters ? "windows" : "images"; }

const char* answers_of(Task task)
{
    return task == Task::next_characters ? "characters" : task == Task::pixel_classes ? "pixels" : "images";
}

void store(const Classifier& classifier, Checkpoint& checkpoint)
{
    checkpoint.metadata.merge(describe(classifier));
    const Parameters<float> tensors = classifier.tensors();
    for (std::size_t i = 0; i < tensors.size(); ++i)
        checkpoint.tensors.emplace(tensors.name(i), tensors[i].value());
}

void restore(const Classifier& classifier, const Checkpoint& checkpoint)
{
    for (const auto& [key, own] : describe(classifier)) {
        const std::string& other = detail::metadata(checkpoint, key);
        if (other != own)
            throw DataError(fmt::format("[classifier] the checkpoint was made with {} '{}', not '{}': leave the option "
                                        "out, or take another checkpoint",
                                        key, printable(other), own));
    }
    const Parameters<float> tensors = classifier.tensors();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const auto found = checkpoint.tensors.find(tensors.name(i));
        if (found == checkpoint.tensors.end() || found->second.shape() != tensors[i].shape())
            throw DataError(
                fmt::format("[classifier] the checkpoint has no tensor '{}' of shape {}: it is not of this {}",
                            tensors.name(i), to_string(tensors[i].shape()), classifier.name));
    }
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        Variable<float> own = tensors[i];
        const Array<float>& values = checkpoint.tensors.at(tensors.name(i));
        std::copy(values.begin(), values.end(), own.mutable_value().begin());
    }
}

std::string hash_of_weights(const Classifier& classifier)
{
    constexpr std::size_t digits = 16;
    Sha256 hash;
    const Parameters<float> all = classifier.tensors();
    for (std::size_t i = 0; i < all.size(); ++i) {
        hash.append(all.name(i).data(), all.name(i).size());
        hash.append(all[i].data(), all[i].size() * sizeof(float));
    }
    return hash.digest().substr(0, digits);
}

void check_images(const Classifier& classifier, const Images& images)
{
    const Shape& shape = images.pixels.shape();
    if (classifier.height == 0 || shape.size() != 4)
        return;
    if (shape[1] == classifier.channels && shape[2] == classifier.height && shape[3] == classifier.width)
        return;
    if (classifier.task == Task::next_characters)
        throw ShapeError(fmt::format("[{}] it reads texts, these are images of {}x{} pixels: give alice or a file of "
                                     "text",
                                     classifier.name, shape[2], shape[3]));
    if (images.classes == character_classes && shape[2] == 1)
        throw ShapeError(fmt::format("[{}] it reads images, this is a text: give another data set", classifier.name));
    const auto channels = [](std::size_t count) {
        return count == 1 ? std::string("1 channel (grey)") : fmt::format("{} channels", count);
    };
    if (shape[1] != classifier.channels)
        throw ShapeError(fmt::format("[{}] it takes images of {}x{} pixels with {}, these have {}x{} with {}: convert "
                                     "them, or give another data set",
                                     classifier.name, classifier.height, classifier.width,
                                     channels(classifier.channels), shape[2], shape[3], channels(shape[1])));
    throw ShapeError(fmt::format("[{0}] it takes images of {1}x{2} pixels, these are {3}x{4}: scale them to "
                                 "{1}x{2}, or give another data set",
                                 classifier.name, classifier.height, classifier.width, shape[2], shape[3]));
}

void check_classes(const Classifier& classifier, const Images& images)
{
    if (images.classes > classifier.classes)
        throw ShapeError(fmt::format("[{}] it tells {} classes apart, and the data have {}: take another network, or "
                                     "leave the other classes out",
                                     classifier.name, classifier.classes, images.classes));
}

std::pair<std::string, Choices> model_of(const Checkpoint& checkpoint)
{
    Choices choices;
    for (const auto& [key, value] : checkpoint.metadata)
        if (key.starts_with(choice_key))
            choices.emplace(key.substr(choice_key.size()), value);
    return {detail::metadata(checkpoint, model_key), std::move(choices)};
}

} // namespace xgrad
