#include <xgrad/layers.hpp>
#include <xgrad/models/data/text.hpp>
#include <xgrad/models/training/generation.hpp>
#include <xgrad/xgrad.hpp>

#include <cstdio>
#include <cstdlib>

using namespace xgrad;

namespace
{

//! [model]
/** A model of the next character: the state of an LSTM tells it. */
struct LanguageModel
{
    static constexpr std::size_t width = 32, units = 128;

    Random random{1};
    Embedding<float> symbols{character_classes, width, random};
    LSTM<float> lstm{width, units, random};
    Linear<float> output{units, character_classes, random};

    /** @param text  characters (N, L)   @return  logits (N, 256, L) of the character after each of them */
    Variable<float> operator()(const Variable<float>& text) const
    {
        return permute(output(lstm(symbols(characters(text))).outputs), {0, 2, 1});
    }

    Parameters<float> parameters() const
    {
        return {{"symbols", symbols.parameters()}, {"lstm", lstm.parameters()}, {"output", output.parameters()}};
    }
};
//! [model]

/** The loss for each character of all windows, in nats. */
double loss_of(const LanguageModel& net, const Images& windows)
{
    const auto [seen, next] = next_characters(windows.batches(windows.size(), as_characters)[0]);
    return softmax_cross_entropy(net(constant(seen)), next).item();
}

} // namespace

/** Learns for as many epochs as the argument says, and prints a longer text; without an argument for one epoch. */
int main(int argc, char** argv)
{
    const int epochs = argc > 1 ? std::atoi(argv[1]) : 1;
    //! [training]
    const Dataset alice = load_dataset("alice");
    const LanguageModel net;
    const Parameters<float> parameters = net.parameters();
    optim::Adam<float> optimizer(parameters, {.learning_rate = 0.005f});
    for (int epoch = 1; epoch <= epochs; ++epoch)
        for (const Batch& windows : alice.train.batches(16, static_cast<std::uint64_t>(epoch), as_characters)) {
            const auto [seen, next] = next_characters(windows);
            auto [loss, gradients] = value_and_gradient(
                parameters, seen, next,
                [&](const Variable<float>& x, const Labels& t) { return softmax_cross_entropy(net(x), t); },
                {.chunk = 8});
            optim::clip_by_global_norm(gradients, 1.0f);
            optimizer.step(gradients);
        }
    //! [training]
    const double loss = loss_of(net, alice.test);
    std::printf("the last chapters: below 2.6 nats for each character: %s\n", loss < 2.6 ? "yes" : "no");

    //! [text]
    Random random(1);
    const std::string text = continue_text(net, "Alice ", argc > 1 ? 500 : 40, 0.8, random);
    //! [text]
    std::printf("characters of a text of its own: %zu\n", text.size());
    if (argc > 1)
        std::printf("loss %.3f\nAlice %s\n", loss, text.c_str());
}
