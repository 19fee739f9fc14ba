#include <xgrad/models/data/dataset.hpp>
#include <xgrad/xgrad.hpp>

#include <cstdio>
#include <iostream>
#include <string>

using namespace xgrad;

namespace
{

using V = Variable<double>;

constexpr std::size_t codes = 8; // D

//! [model]
/** A variational autoencoder (Kingma and Welling 2014) of images as rows x (N, 784), with codes z (N, D). */
struct VAE
{
    Random random{1};
    Linear<double> hidden{784, 128, random, Initialization::he}, mean{128, codes, random},
        log_variance{128, codes, random};
    Linear<double> wider{codes, 128, random, Initialization::he}, pixels{128, 784, random};

    /** The logits of the pixels of the codes z. */
    V decode(const V& z) const { return pixels(relu(wider(z))); }

    /** −ELBO: the mean over the samples of the reconstruction's cross-entropy and KL(q(z|x) ‖ N(0, 1)).
     *  @param noise  standard normal numbers (N, D): z = μ + σ∘noise is a function of the parameters */
    V loss(const V& x, const V& noise) const
    {
        const V h = relu(hidden(x)), mu = mean(h), s = log_variance(h);
        const V z = mu + exp(0.5 * s) * noise;
        const V divergence = 0.5 * sum(square(mu) + exp(s) - s - 1.0) / static_cast<double>(x.shape()[0]);
        return binary_cross_entropy_with_logits(decode(z), x) + divergence;
    }

    Parameters<double> parameters() const
    {
        return {{"hidden", hidden.parameters()},
                {"mean", mean.parameters()},
                {"log_variance", log_variance.parameters()},
                {"wider", wider.parameters()},
                {"pixels", pixels.parameters()}};
    }
};
//! [model]

/** Normal numbers (N, D), each row from the generator of its sample. */
Array<double> normal_rows(SampleRandom random, std::size_t rows, std::size_t width)
{
    Array<double> noise(Shape{rows, width});
    for (std::size_t n = 0; n < rows; ++n)
        for (std::size_t d = 0; d < width; ++d)
            noise(n, d) = random[n].normal();
    return noise;
}

/** Rows 2r and 2r + 1 of digit n as characters, the darker the more ink. */
std::string row_of(const Array<double>& ink, std::size_t n, std::size_t r)
{
    std::string row;
    for (std::size_t j = 0; j < 28; ++j)
        row += " .:+#"[static_cast<std::size_t>(2.499 * (ink(n, 56 * r + j) + ink(n, 56 * r + 28 + j)))];
    return row;
}

} // namespace

int main()
{
    //! [training]
    const Dataset mnist = load_dataset("mnist-sample");
    const VAE model;
    optim::Adam<double> optimizer(model.parameters(), {.learning_rate = 0.003});
    constexpr std::size_t batch = 50;
    double first = 0, last = 0;
    for (std::uint64_t epoch = 1; epoch <= 5; ++epoch) {
        last = 0;
        const Batches batches = mnist.train.batches(batch, epoch, {.padding = 0, .background = 0, .foreground = 1});
        for (std::size_t k = 0; k < batches.size(); ++k) {
            const Array<double> rows = xt::cast<double>(batches[k].images);
            const V x = reshape(constant(rows), {rows.shape()[0], 784});
            Generators generators = sample_generators(1, epoch, k * batch, x.shape()[0]);
            const V noise = constant(normal_rows(generators, x.shape()[0], codes));
            const auto [loss, gradients] = value_and_gradient(model.parameters(), [&] { return model.loss(x, noise); });
            optimizer.step(gradients);
            first = epoch == 1 && k == 0 ? loss : first;
            last += loss / static_cast<double>(batches.size());
        }
    }
    //! [training]
    std::printf("loss at first %.0f, in the last epoch %.0f\n", first, last);

    //! [drawing]
    Generators generators = sample_generators(2, 0, 0, 4);
    const Array<double> drawn = sigmoid(model.decode(constant(normal_rows(generators, 4, codes)))).value();
    //! [drawing]
    for (std::size_t r = 0; r < 14; ++r)
        std::cout << row_of(drawn, 0, r) << "|" << row_of(drawn, 1, r) << "|" << row_of(drawn, 2, r) << "|\n";
}
