#include <xgrad/layers.hpp>
#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    Random random(1);
    //! [sequences]
    const Embedding<float> embedding(100, 8, random);
    const LSTM<float> lstm(8, 64, random);
    const TransformerBlock<float> block(64, 4, 256, random, {.dropout = 0.1, .causal = true});

    const Labels words(Shape{2, 5}, 7); // two sequences of five words
    const auto [outputs, state, cells] = lstm(embedding(words));
    const auto y = block(outputs, Mode::training(random));
    std::cout << to_string(outputs.shape()) << " " << to_string(state.shape()) << " " << to_string(y.shape()) << "\n"
              << lstm.parameters().name(0) << " " << to_string(lstm.parameters()[0].shape()) << "\n";
    //! [sequences]
}
