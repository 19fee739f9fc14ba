#include "digits.hpp"
#include "ops.hpp"
#include "oracle_lenet5.hpp"
#include "oracles/lenet5_network.hpp"
#include <xgrad/models/lenet5.hpp>
#include <xgrad/ops/ops.hpp>
#include <xgrad/optim/optimizer.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

double one(double) { return 1; }

/** LeNet-5 with tanh, C3's table and biases that are not 0, twice: the library's and the oracle's. */
struct Networks
{
    LeNet5<double> net{7, {.connection_table = true, .activation = Activation::tanh}};
    oracles::LeNet5 by_hand;

    explicit Networks(bool squashed_f7)
    {
        Random random(8);
        for (V bias : {net.c1.bias, net.c3.bias, net.c5.bias, net.f6.bias, net.f7.bias})
            bias.mutable_value() = random.uniform<double>(bias.shape(), -0.5, 0.5);
        by_hand = {tensor(net.c1.weight),
                   tensor(net.c1.bias),
                   tensor(net.c3.weight),
                   tensor(net.c3.bias),
                   tensor(net.c5.weight),
                   tensor(net.c5.bias),
                   tensor(net.f6.weight),
                   tensor(net.f6.bias),
                   tensor(net.f7.weight),
                   tensor(net.f7.bias),
                   hyperbolic,
                   hyperbolic_derivative,
                   squashed_f7 ? hyperbolic : identity,
                   squashed_f7 ? hyperbolic_derivative : one};
    }
};

/** Two images of random pixels and two digits. */
std::vector<V> images()
{
    Random random(9);
    std::vector<V> result;
    for (int n = 0; n < 2; ++n)
        result.push_back(random_leaf(random, {1, 1, 32, 32}));
    const Dataset digits = first_digits(2, 1);
    for (const Batch& batch : digits.train.batches(1))
        result.push_back(variable(Array<double>(xt::cast<double>(batch.images))));
    return result;
}

/** What the network does to an image, with every step at hand. */
struct Steps
{
    V x, u1, c1, s2, u3, c3, s4, u5, c5, u6, f6, u7, f7;

    Steps(const LeNet5<double>& net, const V& image, bool squashed_f7)
        : x(image),
          u1(net.c1(x)),
          c1(tanh(u1)),
          s2(max_pool2d(c1)),
          u3(net.c3(s2)),
          c3(tanh(u3)),
          s4(max_pool2d(c3)),
          u5(net.c5(s4)),
          c5(tanh(u5)),
          u6(net.f6(reshape(c5, {1, 120}))),
          f6(tanh(u6)),
          u7(net.f7(f6)),
          f7(squashed_f7 ? tanh(u7) : u7)
    {}

    oracles::LeNet5Values values() const
    {
        oracles::LeNet5Values v{only(x),  only(u1), only(c1), only(s2), only(u3), only(c3), only(s4),
                                only(u5), only(c5), only(u6), only(f6), only(u7), only(f7), {}};
        v.y = oracles::h_softmax(v.f7);
        return v;
    }
};

/** A gradient that both have. */
struct Pair
{
    const char* what;
    V with_respect_to;
    Tensor by_hand;
};

/** The gradients of all the network's parameters, as LeNet5::parameters() has them. */
std::vector<Tensor> parameter_gradients(const oracles::LeNet5Sensitivities& delta)
{
    std::vector<Tensor> result;
    for (const auto* layer : {&delta.layer_c1, &delta.layer_c3, &delta.layer_c5, &delta.layer_f6, &delta.layer_f7}) {
        result.push_back(layer->w);
        result.push_back(layer->b);
    }
    return result;
}

Tensor one_hot_tensor(std::int32_t label)
{
    Tensor z({10});
    z(label) = 1;
    return z;
}

} // namespace

ORACLE_TEST("H-network", "the whole of LeNet-5: values, and the sensitivities of F7, F6, C5, S4, C3, S2 and C1")
{
    for (const bool squashed_f7 : {false, true}) { // the library's F7 gives logits, the course's is squashed
        const Networks networks(squashed_f7);
        const LeNet5<double>& net = networks.net;
        std::int32_t label = 3;
        for (const V& x : images()) {
            const Labels labels = indices({label});
            Tape tape;
            const Steps steps(net, x, squashed_f7);
            const V loss = softmax_cross_entropy(steps.f7, labels);

            const auto by_hand = oracles::forward(networks.by_hand, only(x));
            const Tensor z = one_hot_tensor(label);
            agree(entry, steps.c1, by_hand.c1, "c1");
            agree(entry, steps.s2, by_hand.s2, "s2");
            agree(entry, steps.c3, by_hand.c3, "c3");
            agree(entry, steps.s4, by_hand.s4, "s4");
            agree(entry, steps.c5, by_hand.c5, "c5");
            agree(entry, steps.f6, by_hand.f6, "f6");
            agree(entry, steps.f7, by_hand.f7, "f7");
            agree(entry, loss.item(), oracles::h_j(z, by_hand.y), "J");

            // Back from the recorded values: a digit's background makes blocks of equal elements, and the last bit of
            // each decides which of them is the maximum.
            const auto delta = oracles::backward(networks.by_hand, steps.values(), z);
            const std::vector<Pair> pairs = {{"δ(f7)", steps.f7, delta.f7},
                                             {"F7 δ(u)", steps.u7, delta.layer_f7.u},
                                             {"F7 δ(w)", net.f7.weight, delta.layer_f7.w},
                                             {"F7 δ(b)", net.f7.bias, delta.layer_f7.b},
                                             {"F7 δ(input)", steps.f6, delta.layer_f7.input},
                                             {"F6 δ(u)", steps.u6, delta.layer_f6.u},
                                             {"F6 δ(w)", net.f6.weight, delta.layer_f6.w},
                                             {"F6 δ(b)", net.f6.bias, delta.layer_f6.b},
                                             {"F6 δ(input)", steps.c5, delta.layer_f6.input},
                                             {"C5 δ(u)", steps.u5, delta.layer_c5.u},
                                             {"C5 δ(w)", net.c5.weight, delta.layer_c5.w},
                                             {"C5 δ(b)", net.c5.bias, delta.layer_c5.b},
                                             {"C5 δ(input)", steps.s4, delta.layer_c5.input},
                                             {"S4 δ(input)", steps.c3, delta.c3},
                                             {"C3 δ(u)", steps.u3, delta.layer_c3.u},
                                             {"C3 δ(w)", net.c3.weight, delta.layer_c3.w},
                                             {"C3 δ(b)", net.c3.bias, delta.layer_c3.b},
                                             {"C3 δ(input)", steps.s2, delta.layer_c3.input},
                                             {"S2 δ(input)", steps.c1, delta.c1},
                                             {"C1 δ(u)", steps.u1, delta.layer_c1.u},
                                             {"C1 δ(w)", net.c1.weight, delta.layer_c1.w},
                                             {"C1 δ(b)", net.c1.bias, delta.layer_c1.b},
                                             {"C1 δ(input)", x, delta.layer_c1.input}};
            Variables<double> xs;
            for (const Pair& pair : pairs)
                xs.push_back(pair.with_respect_to);
            const auto gradients = tape.gradient(loss, xs);
            for (std::size_t n = 0; n < pairs.size(); ++n)
                agree(entry, gradients[n], pairs[n].by_hand, pairs[n].what);

            if (!squashed_f7) {
                const auto of_the_model = tape.gradient(softmax_cross_entropy(net(x), labels), net.parameters());
                const std::vector<Tensor> expected = parameter_gradients(delta);
                for (std::size_t n = 0; n < expected.size(); ++n)
                    agree(entry, of_the_model[n], expected[n], net.parameters().name(n));
            }
            label = (label + 4) % 10;
        }
    }
}

ORACLE_TEST("H-GD", "θ_j := θ_j − α ∂J/∂θ_j")
{
    const Networks networks(false);
    const auto parameters = networks.net.parameters();
    const V x = images().back();
    const Labels labels = indices({5});
    const Steps steps(networks.net, x, false);
    const auto by_hand = parameter_gradients(oracles::backward(networks.by_hand, steps.values(), one_hot_tensor(5)));
    std::vector<Tensor> before;
    for (const V& parameter : parameters)
        before.push_back(tensor(parameter));

    optim::SGD<double> optimizer(parameters, {.learning_rate = 0.3});
    Tape tape;
    optimizer.step(tape.gradient(softmax_cross_entropy(networks.net(x), labels), parameters));
    for (std::size_t n = 0; n < parameters.size(); ++n)
        agree(entry, parameters[n], oracles::h_gd(before[n], by_hand[n], 0.3), parameters.name(n));
}
