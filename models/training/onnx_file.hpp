#pragma once
// What a file of ONNX is to a classifier: the weights, the images that it takes, and the network that it came from. Not
// for users.

#include <xgrad/formats/onnx/load_onnx.hpp>
#include <xgrad/models/training/classifier.hpp>
#include <xgrad/ops/shape.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace xgrad::detail
{

/** The classifier that was exported to the model by to_onnx(classifier), with other weights; none if it is of another
 *  program. */
std::optional<Classifier> exported_classifier(const onnx::Model& model);

/** The weights that a classifier of a network learns, and those that it only keeps. The other initializers are
 * constants. */
struct OnnxWeights
{
    OnnxWeights(const OnnxNetwork<float>& network, const std::optional<Classifier>& origin);

    Parameters<float> learned, state;
};

/** The images that the only input of a graph takes. */
class OnnxImages
{
  public:
    /** @throws DataError if there is no such input */
    explicit OnnxImages(const onnx::Graph& graph);

    std::size_t channels = 1;
    std::size_t height = 0, width = 0; ///< 0: any
    std::size_t batch = 0;             ///< the number of images that go through it at a time; 0: any

    /** Images (N, C, H, W) as the input has them. */
    template <class T>
    Variable<T> arranged(const Variable<T>& images) const;

  private:
    enum class Layout
    {
        maps,          ///< (N, C, H, W)
        channels_last, ///< (N, H, W, C)
        grey,          ///< (N, H, W)
        pixels         ///< (N, C·H·W)
    };
    Layout layout_ = Layout::maps;
};

/** Lets the graph give what its last Softmax reads: the loss has one of its own, which is more exact. */
void take_softmax_off(onnx::Graph& graph);

/** Outputs (N, classes), also of (N, classes, 1, 1). */
template <class T>
Variable<T> as_classes(const Variable<T>& outputs)
{
    const Shape& shape = outputs.shape();
    if (shape.size() > 2 && std::all_of(shape.begin() + 2, shape.end(), [](std::size_t extent) { return extent == 1; }))
        return flatten(outputs, 1);
    return outputs;
}

/** The lines of a summary: the nodes that see the images.
 *  @param x  what the network reads, with an axis of images */
std::vector<LayerSummary> onnx_summary(const OnnxNetwork<float>& network, const OnnxWeights& weights,
                                       const Variable<float>& x);

/** The model of a classifier that was made of a file, with its weights as they are now. */
onnx::Model onnx_with_weights(const Classifier& classifier);

} // namespace xgrad::detail
