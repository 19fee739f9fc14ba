#include <xgrad/models/networks/residual_cnn.hpp>
#include <xgrad/xgrad.hpp>

#include <cstdio>

using namespace xgrad;

namespace
{

constexpr Preparation unpadded{.padding = 0, .background = -0.4f, .foreground = 2.8f};

//! [evaluation]
double error_of(const ResidualCNN<float>& net, const Images& images)
{
    std::size_t wrong = 0;
    for (const auto& [pixels, labels] : images.batches(250, unpadded)) {
        const Labels predicted = argmax(net(constant(pixels), Mode::evaluation()));
        for (std::size_t n = 0; n < labels.size(); ++n)
            wrong += predicted[n] != labels[n];
    }
    return static_cast<double>(wrong) / static_cast<double>(images.size());
}
//! [evaluation]

} // namespace

int main()
{
    //! [training]
    const Dataset digits = load_dataset("mnist-sample");
    const ResidualCNN<float> net(1, {.maps = 16});
    const Parameters<float> parameters = net.parameters();
    optim::AdamW<float> optimizer(parameters, {.learning_rate = 0.02f});
    const auto schedule = optim::make_schedule("one-cycle");
    constexpr std::size_t epochs = 2, batch = 50;
    for (std::size_t epoch = 0; epoch < epochs; ++epoch) {
        const Batches batches = digits.train.batches(batch, epoch, unpadded);
        for (std::size_t k = 0; k < batches.size(); ++k) {
            Batch images = batches[k];
            Generators each = sample_generators(1, epoch, k * batch, images.labels.size());
            augment(images.images, {.shift = 1}, unpadded.background, each);
            const Variable<float> x = constant(std::move(images.images));
            const auto [loss, gradients] =
                value_and_gradient(parameters, [&] { return net.loss(net(x, Mode::training(each)), images.labels); });
            const auto done = static_cast<double>(k) / static_cast<double>(batches.size());
            optimizer.set_learning_rate(static_cast<float>(0.02 * schedule(static_cast<double>(epoch) + done, epochs)));
            optimizer.step(gradients);
        }
    }
    //! [training]
    std::printf("more than 9 of 10 test digits right: %s\n", error_of(net, digits.test) < 0.1 ? "yes" : "no");
}
