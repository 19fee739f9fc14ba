#include <xgrad/xgrad.hpp>

#include <cstdio>

using namespace xgrad;

namespace
{

struct Outcome
{
    double slope;   ///< the largest |∂Ω/∂c| at the start
    double error;   ///< the mean square at the end
    double largest; ///< the largest weight of an output map at the end, the mean over the maps
};

Outcome learn(Sparsity sparsity)
{
    //! [learn]
    Random random(1);
    const auto images = constant(random.normal<double>({8, 6, 8, 8}, 0, 1));
    const Convolution<double> teacher(6, 4, 3, random, Initialization::lecun, {}, Product::convolution);
    const auto targets = teacher(images);

    const Combination<double> layer(6, 4, 3, random);
    const auto error = [&] { return mean(square(layer(images) - targets)); };
    const auto penalty = [&] { return sparsity_penalty(sparsity, layer.weights()); };
    const auto slopes = value_and_gradient(Parameters<double>{{"scores", layer.scores}}, penalty).gradients[0];

    optim::Adam<double> optimizer(layer.parameters(), {.learning_rate = 0.02});
    for (int step = 0; step < 500; ++step) {
        const auto [loss, gradients] =
            value_and_gradient(layer.parameters(), [&] { return error() + 0.05 * penalty(); });
        optimizer.step(gradients);
    }
    //! [learn]
    return {max(abs(slopes)).item(), error().item(), mean(max(layer.weights(), 0)).item()};
}

} // namespace

int main()
{
    std::printf("penalty   slope at the start   error   largest weight\n");
    for (const Sparsity sparsity : {Sparsity::l1, Sparsity::entropy, Sparsity::power}) {
        const Outcome outcome = learn(sparsity);
        std::printf("%-9s %18.4f %7.2f %16.2f\n", sparsity_names()[static_cast<std::size_t>(sparsity)].c_str(),
                    outcome.slope, outcome.error, outcome.largest);
    }
}
