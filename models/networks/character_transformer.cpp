#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/data/text.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/networks/character_transformer.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/format.h>

namespace xgrad
{

namespace
{

std::string block_name(std::size_t index) { return fmt::format("block{}", index + 1); }

} // namespace

template <class T>
CharacterTransformer<T>::CharacterTransformer(std::uint64_t seed, const CharacterTransformerOptions& choice)
    : CharacterTransformer(Random(seed), choice)
{}

// The order of the members is that of their initialisation, so the weights depend on the seed alone.
template <class T>
CharacterTransformer<T>::CharacterTransformer(Random random, const CharacterTransformerOptions& choice)
    : options(choice),
      symbols(character_classes, choice.width, random),
      norm({choice.width}),
      output(choice.width, character_classes, random)
{
    for (std::size_t i = 0; i < choice.blocks; ++i)
        blocks.emplace_back(choice.width, choice.heads, 4 * choice.width, random,
                            TransformerOptions{.dropout = choice.dropout, .causal = true});
}

template <class T>
Variable<T> CharacterTransformer<T>::operator()(const Variable<T>& text, Mode mode) const
{
    if (text.dimension() != 2)
        throw ShapeError(fmt::format("[character_transformer] characters (N, L) are needed, the shape is {}",
                                     to_string(text.shape())));
    Variable<T> x = symbols(characters(text)) + sinusoidal_places<T>(text.shape()[1], options.width);
    for (const TransformerBlock<T>& block : blocks)
        x = block(x, mode);
    return permute(output(norm(x)), {0, 2, 1});
}

template <class T>
Parameters<T> CharacterTransformer<T>::parameters() const
{
    Parameters<T> all{{"symbols", symbols.parameters()}};
    for (std::size_t i = 0; i < blocks.size(); ++i)
        all.add(block_name(i), blocks[i].parameters());
    all.add("norm", norm.parameters());
    all.add("output", output.parameters());
    return all;
}

template <class T>
std::vector<LayerSummary> CharacterTransformer<T>::summary() const
{
    const Shape each{text_context, options.width};
    std::vector<LayerSummary> lines{summarize("symbols", symbols, each)};
    for (std::size_t i = 0; i < blocks.size(); ++i)
        lines.push_back(summarize(block_name(i), blocks[i], each));
    lines.push_back(summarize("norm", norm, each));
    lines.push_back(summarize("output", output, {character_classes, text_context}));
    return lines;
}

#define XGRAD_INSTANTIATE(T) template struct CharacterTransformer<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

namespace detail::networks
{

namespace
{

CharacterTransformerOptions options_of(const Choices& choices)
{
    const auto whole_number = [&](const char* option, std::size_t most) {
        return whole("character-transformer", choices, option, 1, most);
    };
    return {.width = whole_number("width", 1000),
            .heads = whole_number("heads", 1000),
            .blocks = whole_number("blocks", 100),
            .dropout = probability("character-transformer", choices, "dropout")};
}

std::size_t parameter_count(const Choices& choices)
{
    const auto [width, heads, blocks, dropout] = options_of(choices);
    const std::size_t of_block = 12 * width * width + 13 * width;
    return character_classes * width + blocks * of_block + 2 * width + character_classes * (width + 1);
}

Classifier make(std::uint64_t seed, const Choices& choices)
{
    Classifier classifier =
        classifier_of("character-transformer", CharacterTransformer<float>(seed, options_of(choices)));
    read_text_windows(classifier);
    classifier.defaults = {.epochs = 20,
                           .batch = 8,
                           .chunk = 4,
                           .learning_rate = 0.003,
                           .weight_decay = 0.01,
                           .optimizer = "adamw",
                           .clip_norm = 1};
    return classifier;
}

} // namespace

Architecture character_transformer()
{
    return {"character-transformer",
            "the next character of a text by a transformer",
            {{"blocks", {"2"}, "number of blocks"},
             {"heads", {"4"}, "heads of a block's attention"},
             {"width", {"64"}, "numbers of a place"},
             {"dropout", {"0.1"}, "fraction that is left out in training"}},
            make,
            {},
            {},
            parameter_count};
}

} // namespace detail::networks

} // namespace xgrad
