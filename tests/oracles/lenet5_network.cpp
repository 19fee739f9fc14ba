#include "oracles/lenet5_network.hpp"

#include "lenet5_arrays.hpp"
#include "models/digits.hpp"
#include "ops.hpp"
#include <xgrad/models/networks/lenet5.hpp>
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
    oracles::Tensors weights;
    oracles::LeNet5Activations activations;

    explicit Networks(bool squashed_f7)
        : activations{hyperbolic, hyperbolic_derivative, squashed_f7 ? hyperbolic : identity,
                      squashed_f7 ? hyperbolic_derivative : one}
    {
        Random random(8);
        for (V bias : {net.c1.bias, net.c3.bias, net.c5.bias, net.f6.bias, net.f7.bias})
            bias.mutable_value() = random.uniform<double>(bias.shape(), -0.5, 0.5);
        const auto parameters = net.parameters();
        for (std::size_t p = 0; p < parameters.size(); ++p)
            weights[parameters.name(p)] = tensor(parameters[p]);
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

/** The forward pass of the network for an image, with every step by name. */
std::map<std::string, V> forward(const LeNet5<double>& net, const V& image, bool squashed_f7)
{
    std::map<std::string, V> v;
    v["c1.input"] = image;
    v["c1.u"] = net.c1(image);
    v["s2.input"] = tanh(v["c1.u"]);
    v["c3.input"] = max_pool2d(v["s2.input"]);
    v["c3.u"] = net.c3(v["c3.input"]);
    v["s4.input"] = tanh(v["c3.u"]);
    v["c5.input"] = max_pool2d(v["s4.input"]);
    v["c5.u"] = net.c5(v["c5.input"]);
    v["f6.input"] = reshape(tanh(v["c5.u"]), {1, 120});
    v["f6.u"] = net.f6(v["f6.input"]);
    v["f7.input"] = tanh(v["f6.u"]);
    v["f7.u"] = net.f7(v["f7.input"]);
    v["f7.output"] = squashed_f7 ? tanh(v["f7.u"]) : v["f7.u"];
    return v;
}

/** All gradients by hand, from the recorded values: a digit's background makes blocks of equal elements, whose last
 *  bits decide which of them is the maximum. */
oracles::Tensors gradients_by_hand(const Networks& networks, const std::map<std::string, V>& values, const Tensor& z)
{
    oracles::Tensors v = networks.weights;
    for (const auto& [name, value] : values)
        v[name] = only(value);
    v["y"] = oracles::h_softmax(v.at("f7.output"));
    v["z"] = z;
    return oracles::run(oracles::lenet5_backward(networks.activations), v);
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
            const auto values = forward(net, x, squashed_f7);
            const V loss = softmax_cross_entropy(values.at("f7.output"), labels);

            const auto by_hand = oracles::lenet5_forward(networks.weights, networks.activations, only(x));
            const Tensor z = one_hot_tensor(label);
            for (const auto& [name, value] : values)
                agree(entry, value, by_hand.at(name), name);
            agree(entry, loss.item(), oracles::h_j(z, by_hand.at("y")), "J");

            const auto delta = gradients_by_hand(networks, values, z);
            std::vector<std::string> names;
            Variables<double> xs;
            for (const auto& [name, gradient] : delta) {
                names.push_back(name);
                xs.push_back(oracles::is_parameter(name) ? net.parameters()[name] : values.at(name));
            }
            CHECK(names.size() == 23);
            const auto gradients = tape.gradient(loss, xs);
            for (std::size_t n = 0; n < names.size(); ++n)
                agree(entry, gradients[n], delta.at(names[n]), names[n]);

            if (!squashed_f7) {
                const auto of_the_model = tape.gradient(softmax_cross_entropy(net(x), labels), net.parameters());
                for (std::size_t n = 0; n < of_the_model.size(); ++n)
                    agree(entry, of_the_model[n], delta.at(net.parameters().name(n)), net.parameters().name(n));
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
    const auto by_hand = gradients_by_hand(networks, forward(networks.net, x, false), one_hot_tensor(5));
    std::vector<Tensor> before;
    for (const V& parameter : parameters)
        before.push_back(tensor(parameter));

    optim::SGD<double> optimizer(parameters, {.learning_rate = 0.3});
    Tape tape;
    optimizer.step(tape.gradient(softmax_cross_entropy(networks.net(x), labels), parameters));
    for (std::size_t n = 0; n < parameters.size(); ++n)
        agree(entry, parameters[n], oracles::h_gd(before[n], by_hand.at(parameters.name(n)), 0.3), parameters.name(n));
}
