// The networks for the next character of a text, against their formulas with plain loops around the layers.
#include "files.hpp"
#include "training.hpp"
#include <xgrad/models/data/text.hpp>
#include <xgrad/models/networks/character_lstm.hpp>
#include <xgrad/models/networks/character_transformer.hpp>
#include <xgrad/ops/shape.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

const Labels words{{72, 101, 108, 108, 111}, {0, 255, 32, 32, 7}};

Variable<double> text() { return constant(Array<double>(xt::cast<double>(words))); }

/** CHECKs that logits are V·h + c for states h (N, L, units). */
template <class Model>
void check_outputs(const Model& model, const Array<double>& states, const Array<double>& logits)
{
    const std::size_t units = model.output.weight.shape()[1];
    REQUIRE(logits.shape() == Shape{2, character_classes, 5});
    for (std::size_t n = 0; n < 2; ++n)
        for (std::size_t k = 0; k < character_classes; ++k)
            for (std::size_t t = 0; t < 5; ++t) {
                double expected = model.output.bias.value()(k);
                for (std::size_t u = 0; u < units; ++u)
                    expected += model.output.weight.value()(k, u) * states(n, t, u);
                CHECK(logits(n, k, t) == doctest::Approx(expected).epsilon(1e-10));
            }
}

template <class Model>
void check_causal(const Model& model)
{
    const Array<double> before = model(text()).value();
    Array<double> other = text().value();
    other(0, 3) = 5;
    const Array<double> after = model(constant(other)).value();
    for (std::size_t k = 0; k < character_classes; ++k)
        for (std::size_t t = 0; t < 5; ++t) {
            CHECK((after(0, k, t) == before(0, k, t)) == (t < 3));
            CHECK(after(1, k, t) == before(1, k, t));
        }
}

} // namespace

TEST_CASE("character LSTM: the logits are those of the state after each character")
{
    const CharacterLSTM<double> model(1, {.width = 3, .units = 4});
    // Gates in the order i, f, g, o; the biases start at 0.
    const Array<double>&w = model.lstm.layers[0].input.value(), &r = model.lstm.layers[0].state.value();
    const auto sigmoid = [](double u) { return 1 / (1 + std::exp(-u)); };
    Array<double> states(Shape{2, 5, 4}, 0.0);
    for (std::size_t n = 0; n < 2; ++n) {
        std::vector<double> h(4), c(4);
        for (std::size_t t = 0; t < 5; ++t) {
            std::vector<double> u(16);
            for (std::size_t row = 0; row < 16; ++row) {
                for (std::size_t i = 0; i < 3; ++i)
                    u[row] += w(row, i) * model.symbols.weight.value()(static_cast<std::size_t>(words(n, t)), i);
                for (std::size_t i = 0; i < 4; ++i)
                    u[row] += r(row, i) * h[i];
            }
            for (std::size_t i = 0; i < 4; ++i) {
                c[i] = sigmoid(u[4 + i]) * c[i] + sigmoid(u[i]) * std::tanh(u[8 + i]);
                h[i] = sigmoid(u[12 + i]) * std::tanh(c[i]);
                states(n, t, i) = h[i];
            }
        }
    }
    check_outputs(model, states, model(text()).value());
    check_causal(model);
}

TEST_CASE("character transformer: symbols and places, the blocks, a normalization and the logits")
{
    const CharacterTransformer<double> model(1, {.width = 4, .heads = 2, .blocks = 2});
    Array<double> x(Shape{2, 5, 4});
    for (std::size_t n = 0; n < 2; ++n)
        for (std::size_t t = 0; t < 5; ++t)
            for (std::size_t i = 0; i < 4; ++i) {
                const double angle = static_cast<double>(t) / (i < 2 ? 1 : 100);
                x(n, t, i) = model.symbols.weight.value()(static_cast<std::size_t>(words(n, t)), i) +
                             (i % 2 == 0 ? std::sin(angle) : std::cos(angle));
            }
    const Mode mode = Mode::evaluation();
    const Variable<double> y = model.blocks[1](model.blocks[0](constant(x), mode), mode);
    check_outputs(model, model.norm(y).value(), model(text()).value());
    check_causal(model);
    CHECK(model.blocks[0].options.causal);
    CHECK(model.blocks[0].linear1.bias.size() == 16);
}

TEST_CASE("character models: dropout is in training alone, and the seed decides all")
{
    const auto check = [](const auto& make) {
        Random a(1), b(1), c(2);
        const auto model = make(1);
        const Variable<float> x = constant<float>({{1, 2, 3}, {4, 5, 6}});
        CHECK(model(x).value() == make(1)(x).value());
        CHECK(model(x).value() != make(2)(x).value());
        CHECK(model(x, Mode::training(a)).value() == model(x, Mode::training(b)).value());
        CHECK(model(x, Mode::training(a)).value() != model(x, Mode::training(c)).value());
        CHECK(model(x, Mode::training(a)).value() != model(x).value());
    };
    check([](std::uint64_t seed) { return CharacterLSTM<float>(seed, {.width = 8, .units = 8, .dropout = 0.5}); });
    check([](std::uint64_t seed) {
        return CharacterTransformer<float>(seed, {.width = 8, .heads = 2, .blocks = 1, .dropout = 0.5});
    });
}

TEST_CASE("character models: the number of parameters that a checkpoint must have is that of the network")
{
    for (const auto& [model, choices] :
         {std::pair{"character-lstm", Choices{{"layers", "3"}, {"units", "7"}, {"width", "5"}}},
          std::pair{"character-transformer", Choices{{"blocks", "3"}, {"heads", "3"}, {"width", "6"}}}})
    {
        Choices all = make_classifier(model, 1).choices;
        for (const auto& [option, value] : choices)
            all[option] = value;
        CHECK(architecture(model).parameter_count(all) ==
              make_classifier(model, 1, choices).parameters.element_count());
    }
}

TEST_CASE("character models: what cannot be made or read is an error")
{
    const auto refusal = [](const std::string& model, const Choices& choices) {
        return message_of<Error>([&] { make_classifier(model, 1, choices); });
    };
    CHECK(contains(refusal("character-lstm", {{"units", "0"}}), "not a whole number from 1"));
    CHECK(contains(refusal("character-lstm", {{"dropout", "1"}}), "dropout '1' is not below 1"));
    CHECK(contains(refusal("character-lstm", {{"dropout", "-0.1"}}), "at least 0"));
    CHECK(contains(refusal("character-transformer", {{"heads", "3"}}), "the heads must divide"));
    const CharacterTransformer<float> model(1);
    const auto long_text = constant(Array<float>(Shape{1, text_context + 1}, 65.0f));
    CHECK(contains(message_of<ShapeError>([&] { model(reshape(long_text, {129})); }), "(N, L) are needed"));
    CHECK(model(long_text).shape() == Shape{1, character_classes, text_context + 1});
    CHECK(model(constant(Array<float>(Shape{0, 5}))).shape() == Shape{0, character_classes, 5});
    CHECK(CharacterLSTM<float>(1)(long_text).shape() == Shape{1, character_classes, text_context + 1});
}
