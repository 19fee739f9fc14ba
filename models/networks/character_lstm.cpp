#include <xgrad/base/instantiate.hpp>
#include <xgrad/models/data/text.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/networks/character_lstm.hpp>
#include <xgrad/ops/dropout.hpp>
#include <xgrad/ops/shape.hpp>

namespace xgrad
{

template <class T>
CharacterLSTM<T>::CharacterLSTM(std::uint64_t seed, const CharacterLSTMOptions& choice)
    : CharacterLSTM(Random(seed), choice)
{}

// The order of the members is that of their initialisation, so the weights depend on the seed alone.
template <class T>
CharacterLSTM<T>::CharacterLSTM(Random random, const CharacterLSTMOptions& choice)
    : options(choice),
      symbols(character_classes, choice.width, random),
      lstm(choice.width, choice.units, random, choice.layers),
      output(choice.units, character_classes, random)
{}

template <class T>
Variable<T> CharacterLSTM<T>::operator()(const Variable<T>& text, Mode mode) const
{
    Variable<T> states = lstm(symbols(characters(text))).outputs;
    if (mode.is_training() && options.dropout > 0)
        states = dropout(states, options.dropout, mode.random());
    return permute(output(states), {0, 2, 1});
}

template <class T>
Parameters<T> CharacterLSTM<T>::parameters() const
{
    return {{"symbols", symbols.parameters()}, {"lstm", lstm.parameters()}, {"output", output.parameters()}};
}

template <class T>
std::vector<LayerSummary> CharacterLSTM<T>::summary() const
{
    return {summarize("symbols", symbols, {text_context, options.width}),
            summarize("lstm", lstm, {text_context, options.units}),
            summarize("output", output, {character_classes, text_context})};
}

#define XGRAD_INSTANTIATE(T) template struct CharacterLSTM<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

namespace detail::networks
{

namespace
{

CharacterLSTMOptions options_of(const Choices& choices)
{
    const auto whole_number = [&](const char* option, std::size_t most) {
        return whole("character-lstm", choices, option, 1, most);
    };
    return {.width = whole_number("width", 1000),
            .units = whole_number("units", 2000),
            .layers = whole_number("layers", 10),
            .dropout = probability("character-lstm", choices, "dropout")};
}

std::size_t parameter_count(const Choices& choices)
{
    const auto [width, units, layers, dropout] = options_of(choices);
    const auto of_layer = [units = units](std::size_t inputs) { return 4 * units * (inputs + units + 2); };
    return character_classes * (width + units + 1) + of_layer(width) + (layers - 1) * of_layer(units);
}

Classifier make(std::uint64_t seed, const Choices& choices)
{
    Classifier classifier = classifier_of("character-lstm", CharacterLSTM<float>(seed, options_of(choices)));
    read_text_windows(classifier);
    classifier.defaults = {.epochs = 20,
                           .batch = 16,
                           .chunk = 8,
                           .learning_rate = 0.005,
                           .weight_decay = 0,
                           .optimizer = "adam",
                           .clip_norm = 1};
    return classifier;
}

} // namespace

Architecture character_lstm()
{
    return {"character-lstm",
            "the next character of a text by a long short-term memory",
            {{"layers", {"1"}, "number of layers"},
             {"units", {"160"}, "units of a layer's state"},
             {"width", {"32"}, "numbers for a character"},
             {"dropout", {"0.1"}, "fraction of the outputs that is left out in training"}},
            make,
            {},
            {},
            parameter_count};
}

} // namespace detail::networks

} // namespace xgrad
