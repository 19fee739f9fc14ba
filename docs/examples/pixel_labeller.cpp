#include <xgrad/models/networks/pixel_labeller.hpp>
#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

namespace
{

/** Prints every second row of the first scene: each pixel as its class, the background as a dot. */
void print(const Labels& labels)
{
    for (std::size_t i = 0; i < labels.shape()[1]; i += 2) {
        for (std::size_t j = 0; j < labels.shape()[2]; ++j)
            std::cout << (labels(0, i, j) == background_class ? "." : std::to_string(labels(0, i, j)));
        std::cout << "\n";
    }
}

} // namespace

int main()
{
    //! [scene]
    const Dataset digits = load_dataset("mnist-sample");
    Random random(5);
    const Batch scenes = compose_scene(digits.train.batches(6, {.padding = 0})[0], random);
    std::cout << "images " << to_string(scenes.images.shape()) << ", labels " << to_string(scenes.labels.shape())
              << "\n";
    print(scenes.labels);
    //! [scene]

    //! [labeller]
    const PixelLabeller<float> net(1);
    const auto logits = net(constant(Array<float>(scenes.images)));
    std::cout << "logits " << to_string(logits.shape()) << ", predicted " << to_string(argmax(logits, 1).shape())
              << "\n";

    Tape tape;
    const auto loss = softmax_cross_entropy(net(constant(Array<float>(scenes.images))), scenes.labels);
    const auto gradients = tape.gradient(loss, net.parameters());
    for (std::size_t i = 0; i < gradients.size(); ++i)
        std::cout << net.parameters().name(i) << " " << to_string(gradients[i].shape()) << "\n";
    //! [labeller]
}
