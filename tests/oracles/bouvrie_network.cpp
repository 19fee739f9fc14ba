#include "oracles/bouvrie_network.hpp"

#include "maps.hpp"
#include "models/digits.hpp"
#include "oracles.hpp"
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/networks/bouvrie.hpp>
#include <xgrad/models/networks/mlp.hpp>
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

/** The results of a forward pass: each u by name, and the outputs. */
struct Forward
{
    std::vector<std::string> names;
    Variables<double> us;
    Variable<double> output;
};

/** The results of a pass by hand for one sample. */
struct Pass
{
    oracles::Tensor output;
    oracles::Tensors gradients;

    Pass(oracles::Tensors values, const oracles::Tensor& t, const oracles::Steps& backward) : output(values.at("y"))
    {
        values["t"] = t;
        gradients = oracles::run(backward, values);
    }
};

/** Compares all gradients of a network with the passes by hand of its samples.
 *  @param forward  the network, layer by layer   @param pass  the pass by hand of one sample and its targets */
template <class Network, class F, class ByHand>
void check_network(OracleEntry& entry, const Network& network, F forward, const Samples& samples, double negative,
                   ByHand pass)
{
    const std::size_t count = samples.labels.size();
    std::vector<Pass> passes;
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
    REQUIRE(passes[0].gradients.size() == parameters.size() + layers.us.size() + 1);
    Variables<double> xs = layers.us;
    xs.push_back(x);
    std::vector<std::string> names = layers.names;
    names.push_back(parameters.name(0).substr(0, parameters.name(0).find('.')) + ".input");
    const auto sensitivities = tape.gradient(network.loss(layers.output, samples.labels), xs);
    auto outputs = oracles::shares(of_samples([](const auto& one) { return one.output; }));
    for (double& output : outputs.data)
        output *= static_cast<double>(count);
    agree(entry, layers.output, outputs, "output");
    for (std::size_t l = 0; l < xs.size(); ++l)
        agree(entry, sensitivities[l],
              oracles::shares(of_samples([&](const auto& one) { return one.gradients.at(names[l]); })), names[l]);
}

void check_perceptron(OracleEntry& entry, const std::vector<std::size_t>& sizes, Activation hidden, Activation output)
{
    MLP<double> network(sizes, 1,
                        {.activation = hidden, .output_activation = output, .loss = MLPOptions::Loss::squared_error});
    Random random(2);
    fill(random, network.parameters(), 0.2);
    const auto forward = [&](const Variable<double>& images) {
        Forward pass{{}, {}, flatten(images, 1)};
        for (std::size_t l = 0; l < network.layers.size(); ++l) {
            pass.names.push_back("layer" + std::to_string(l + 1) + ".u");
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
                          const auto f = by_hand(hidden), last = by_hand(output);
                          return Pass(oracles::perceptron_forward(weights, x, f, last), t,
                                      oracles::perceptron_backward(network.layers.size(), f, last));
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
        return Forward{
            {"c1.u", "s2.u", "c3.u", "s4.u", "f5.u"}, {u1, u2, u3, u4, u5}, activate(options.output_activation, u5)};
    };
    const auto weights = tensors(network.parameters());
    for (const Samples& samples : all_samples())
        check_network(entry, network, forward, samples, options.output_activation == Activation::sigmoid ? 0 : -1,
                      [&](oracles::Tensor image, const oracles::Tensor& t) {
                          image.shape = {1, 28, 28};
                          const auto f = by_hand(options.activation), last = by_hand(options.output_activation);
                          return Pass(oracles::bouvrie_forward(weights, image, f, last), t,
                                      oracles::bouvrie_backward(options.combination, f, last,
                                                                {options.sparsity_weight, penalty_slope}));
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

ORACLE_TEST("B-combination",
            "the whole backward pass with learned combinations of maps and penalties on them (B14c to B21)")
{
    check_bouvrie(entry, {.combination = true});
    check_bouvrie(entry, {.combination = true, .sparsity = Sparsity::l1, .sparsity_weight = 0.3},
                  [](double) { return 1.0; });
    check_bouvrie(entry, {.combination = true, .sparsity = Sparsity::entropy, .sparsity_weight = 0.3},
                  [](double alpha) { return -std::log(alpha) - 1; });
    check_bouvrie(entry, {.combination = true, .sparsity = Sparsity::power, .sparsity_weight = 0.3},
                  [](double alpha) { return 0.5 / std::sqrt(alpha); });
}
