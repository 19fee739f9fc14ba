#include <xgrad/base/random.hpp>
#include <xgrad/formats/onnx/to_onnx.hpp>
#include <xgrad/models/training/onnx.hpp>
#include <xgrad/models/training/onnx_file.hpp>
#include <xgrad/models/training/random_batch.hpp>

#include <fmt/format.h>

namespace xgrad
{

namespace
{

/** An input of random numbers. One that is larger differs in each axis that may have any extent. */
Array<float> random_input(const Classifier& classifier, std::size_t count)
{
    if (classifier.task != Task::pixel_classes)
        return random_batch(classifier, count, count).images;
    Random random(count);
    Array<float> scenes = empty_array<float>({count, 1, classifier.height + count, classifier.width + 2 * count});
    for (float& pixel : scenes)
        pixel = static_cast<float>(random.uniform());
    return scenes;
}

} // namespace

onnx::Model to_onnx(const Classifier& classifier)
{
    if (classifier.name == onnx_model)
        return detail::onnx_with_weights(classifier);
    onnx::ExportOptions options{.metadata = {{"model", classifier.name},
                                             {"padding", fmt::to_string(classifier.preparation.padding)},
                                             {"background", fmt::to_string(classifier.preparation.background)},
                                             {"foreground", fmt::to_string(classifier.preparation.foreground)}}};
    for (const auto& [name, value] : classifier.choices)
        options.metadata["option " + name] = value;
    constexpr std::size_t smaller = 2, larger = 3;
    return onnx::to_onnx<float>([&](const Variable<float>& x) { return classifier.logits(x); }, classifier.tensors(),
                                random_input(classifier, smaller), random_input(classifier, larger), options);
}

} // namespace xgrad
