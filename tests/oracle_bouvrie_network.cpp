#include "digits.hpp"
#include "maps.hpp"
#include "oracles.hpp"
#include "oracles/bouvrie_network.hpp"
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/bouvrie.hpp>
#include <xgrad/models/mlp.hpp>
#include <xgrad/ops/ops.hpp>

#include <cmath>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** Images (N, 1, 28, 28) with their labels. */
struct Samples
{
    Array<double> images;
    Labels labels;
};

std::vector<Samples> all_samples()
{
    const Dataset sample = first_digits(3, 1);
    const Batch digits = sample.train.batches(3, {.padding = 0})[0];
    return {{Random(7).uniform<double>({2, 1, 28, 28}, -1, 1), indices({8, 3})},
            {Array<double>(xt::cast<double>(digits.images)), digits.labels}};
}

oracles::BouvrieActivation by_hand(Activation activation)
{
    return activation == Activation::sigmoid ? oracles::bouvrie_logistic : oracles::bouvrie_tanh;
}

oracles::Tensors tensors(const Parameters<double>& parameters)
{
    oracles::Tensors all;
    for (std::size_t p = 0; p < parameters.size(); ++p)
        all[parameters.name(p)] = tensor(parameters[p]);
    return all;
}

/** The arrays of samples, one after the other, times `factor`. */
oracles::Tensor joined(const std::vector<oracles::Tensor>& parts, double factor = 1)
{
    oracles::Tensor all({parts.size() * parts.front().data.size()});
    std::size_t position = 0;
    for (const auto& part : parts)
        for (const double element : part.data)
            all.data[position++] = factor * element;
    return all;
}

/** What a forward pass came to: each u, and the outputs. */
struct Forward
{
    Variables<double> us;
    Variable<double> output;
};

/** Holds all gradients of a network against the passes of its samples.
 *  @param forward  of the network, layer by layer   @param pass  by hand, of one sample and its targets */
template <class Network, class F, class Pass>
void check_network(OracleEntry& entry, const Network& network, F forward, const Samples& samples, double negative,
                   Pass pass)
{
    const std::size_t count = samples.labels.size();
    std::vector<oracles::BouvriePass> passes;
    for (std::size_t n = 0; n < count; ++n) {
        auto t = oracles::b1_targets({static_cast<std::size_t>(samples.labels(n))}, 10, negative);
        t.shape = {10};
        passes.push_back(pass(tensor(detail::rows(samples.images, n, n + 1)), t));
    }
    const auto of_samples = [&](auto part) {
        std::vector<oracles::Tensor> parts;
        for (const auto& one : passes)
            parts.push_back(part(one));
        return parts;
    };

    const auto x = variable(Array<double>(samples.images));
    Tape tape;
    const auto parameters = network.parameters();
    const auto gradients = tape.gradient(network.loss(network(x), samples.labels), parameters);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        const std::string& name = parameters.name(p);
        agree(entry, gradients[p], oracles::b24(of_samples([&](const auto& one) { return one.gradients.at(name); })),
              name);
    }

    const Forward layers = forward(x);
    Variables<double> xs = layers.us;
    xs.insert(xs.begin(), x);
    const auto sensitivities = tape.gradient(network.loss(layers.output, samples.labels), xs);
    agree(entry, layers.output, joined(of_samples([](const auto& one) { return one.output; })), "output");
    REQUIRE(passes[0].sensitivities.size() == xs.size());
    for (std::size_t l = 0; l < xs.size(); ++l) {
        const std::string name = (l == 0 ? "x" : "u") + std::to_string(l);
        const auto parts = of_samples([&](const auto& one) { return one.sensitivities.at(name); });
        agree(entry, sensitivities[l], joined(parts, 1 / static_cast<double>(count)), name);
    }
}

void check_perceptron(OracleEntry& entry, const std::vector<std::size_t>& sizes, Activation hidden, Activation output)
{
    MLP<double> network(sizes, 1,
                        {.activation = hidden, .output_activation = output, .loss = MLPOptions::Loss::squared_error});
    Random random(2);
    fill(random, network.parameters(), 0.2);
    const auto forward = [&](const Variable<double>& images) {
        Forward pass{{}, flatten(images, 1)};
        for (std::size_t l = 0; l < network.layers.size(); ++l) {
            pass.us.push_back(network.layers[l](pass.output));
            pass.output = activate(l + 1 < network.layers.size() ? hidden : output, pass.us.back());
        }
        return pass;
    };
    const auto weights = tensors(network.parameters());
    for (const Samples& samples : all_samples())
        check_network(entry, network, forward, samples, output == Activation::sigmoid ? 0 : -1,
                      [&](oracles::Tensor x, const oracles::Tensor& t) {
                          x.shape = {x.data.size()};
                          return oracles::perceptron(weights, x, t, by_hand(hidden), by_hand(output));
                      });
}

void check_bouvrie(OracleEntry& entry, const BouvrieOptions& options, oracles::Function penalty_slope = nullptr)
{
    const Bouvrie<double> network(1, options);
    Random random(2);
    fill(random, network.parameters(), 0.4);
    const auto forward = [&](const Variable<double>& images) {
        const auto squash = [&](const Variable<double>& u) { return activate(options.activation, u); };
        const auto u1 = network.c1(images), u2 = network.s2(squash(u1));
        const auto u3 = std::visit([&](const auto& layer) { return layer(squash(u2)); }, network.c3);
        const auto u4 = network.s4(squash(u3)), u5 = network.f5(flatten(squash(u4), 1));
        return Forward{{u1, u2, u3, u4, u5}, activate(options.output_activation, u5)};
    };
    const auto weights = tensors(network.parameters());
    for (const Samples& samples : all_samples())
        check_network(entry, network, forward, samples, options.output_activation == Activation::sigmoid ? 0 : -1,
                      [&](oracles::Tensor image, const oracles::Tensor& t) {
                          image.shape = {1, 28, 28};
                          return oracles::bouvrie_network(weights, image, t, by_hand(options.activation),
                                                          by_hand(options.output_activation),
                                                          {options.sparsity_weight, penalty_slope});
                      });
}

} // namespace

ORACLE_TEST("B-perceptron", "the whole backward pass of a perceptron (B2 to B7): all ∂E/∂W, ∂E/∂b, δ and ∂E/∂x")
{
    check_perceptron(entry, {784, 12, 10}, Activation::scaled_tanh, Activation::sigmoid);
    check_perceptron(entry, {784, 9, 7, 10}, Activation::scaled_tanh, Activation::scaled_tanh);
    check_perceptron(entry, {784, 8, 6, 5, 10}, Activation::sigmoid, Activation::sigmoid);
    check_perceptron(entry, {784, 10}, Activation::sigmoid, Activation::scaled_tanh);
}

ORACLE_TEST("B-network",
            "the whole backward pass of the convolutional network (B2 to B14d): all gradients, δ and ∂E/∂x")
{
    check_bouvrie(entry, {});
    check_bouvrie(entry, {.activation = Activation::sigmoid});
    check_bouvrie(entry, {.output_activation = Activation::scaled_tanh});
}

ORACLE_TEST("B-combination", "the same with learned combinations and penalties on them (B14c to B21)")
{
    check_bouvrie(entry, {.combination = true});
    check_bouvrie(entry, {.combination = true, .sparsity = Sparsity::l1, .sparsity_weight = 0.3},
                  [](double) { return 1.0; });
    check_bouvrie(entry, {.combination = true, .sparsity = Sparsity::entropy, .sparsity_weight = 0.3},
                  [](double alpha) { return -std::log(alpha) - 1; });
    check_bouvrie(entry, {.combination = true, .sparsity = Sparsity::power, .sparsity_weight = 0.3},
                  [](double alpha) { return 0.5 / std::sqrt(alpha); });
}
