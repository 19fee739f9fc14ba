#include "handwritten.hpp"

#include "oracle_arrays.hpp"
#include "oracles/bouvrie_network.hpp"
#include "oracles/lenet5_network.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/models/networks/bouvrie.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/models/networks/mlp.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace xgrad::command
{

namespace
{

using V = Variable<double>;

const oracles::Squashing& by_hand(Activation activation)
{
    return activation == Activation::sigmoid ? oracles::logistic
           : activation == Activation::tanh  ? oracles::hyperbolic
                                             : oracles::scaled_hyperbolic;
}

oracles::BouvrieActivation pair_of(const oracles::Squashing& f) { return {f.f, f.slope}; }

/** Changes each bias and each β so that none is 0 and no two are equal; with their first values many mistakes would not
 *  show. */
void move_apart(const Parameters<double>& parameters, std::uint64_t seed)
{
    Random random(seed);
    for (std::size_t p = 0; p < parameters.size(); ++p)
        if (const std::string& name = parameters.name(p); name.ends_with(".bias") || name.ends_with(".beta"))
            for (V parameter = parameters[p]; double& value : parameter.mutable_value())
                value += random.uniform(-0.2, 0.2);
}

/** A function that adds the target `name` to the values: 1 for the class and `off` for the others. */
std::function<void(oracles::Tensors&, std::size_t)> target(const std::string& name, double off)
{
    return [=](oracles::Tensors& values, std::size_t label) {
        values[name] = oracles::Tensor({10}, off);
        values[name](label) = 1;
    };
}

Handwritten lenet5(std::uint64_t seed, const Choices& choices)
{
    const Activation activation = activation_named(choices.at("activation"));
    const LeNet5<double> net(seed, {.connection_table = true, .activation = activation});
    const oracles::Squashing& f = by_hand(activation);
    const auto loss = [=](Values& value, const Array<double>& images, const Labels& labels) {
        const auto squash = [=](const V& u) { return activate(activation, u); };
        const V c1 = value("c1.u", net.c1(value("c1.input", constant(Array<double>(images)))));
        const V s2 = max_pool2d(value("s2.input", squash(c1)));
        const V c3 = value("c3.u", net.c3(value("c3.input", s2)));
        const V s4 = max_pool2d(value("s4.input", squash(c3)));
        const V c5 = value("c5.u", net.c5(value("c5.input", s4)));
        const V f6 = value("f6.u", net.f6(value("f6.input", flatten(squash(c5), 1))));
        const V f7 = value("f7.u", net.f7(value("f7.input", squash(f6))));
        return softmax_cross_entropy(value("f7.output", f7), labels);
    };
    const auto add_target = [with_z = target("z", 0)](oracles::Tensors& values, std::size_t label) {
        with_z(values, label);
        values["y"] = oracles::h_softmax(values.at("f7.output"));
    };
    const oracles::LeNet5Activations activations{f.f, f.slope, [](double u) { return u; }, [](double) { return 1.0; }};
    return {net.parameters(),
            {},
            loss,
            add_target,
            oracles::lenet5_backward(activations),
            oracles::lenet5_mistakes(f),
            "F7's f is the identity, so δ of its output and δ of its u are the same"};
}

/** The λ and p' of a penalty λ Σ p(α). */
oracles::BouvriePenalty penalty_of(const BouvrieOptions& options)
{
    const double lambda = options.sparsity_weight;
    switch (options.sparsity) {
    case Sparsity::l1:
        return {lambda, [](double) { return 1.0; }};
    case Sparsity::entropy:
        return {lambda, [](double alpha) { return -std::log(alpha) - 1; }};
    case Sparsity::power:
        return {lambda, [](double alpha) { return 0.5 / std::sqrt(alpha); }};
    default:
        return {};
    }
}

Handwritten bouvrie(std::uint64_t seed, const Choices& choices)
{
    BouvrieOptions options{.activation = activation_named(choices.at("activation")),
                           .output_activation = activation_named(choices.at("output-activation")),
                           .combination = choices.at("combination") == "yes",
                           .sparsity = sparsity_named(choices.at("sparsity"))};
    const Bouvrie<double> net(seed, options);
    const auto loss = [=](Values& value, const Array<double>& images, const Labels& labels) {
        const auto squash = [=](const V& u) { return activate(options.activation, u); };
        const V u1 = value("c1.u", net.c1(value("c1.input", constant(Array<double>(images)))));
        const V u2 = value("s2.u", net.s2(value("s2.input", squash(u1))));
        const V x2 = value("c3.input", squash(u2));
        const V u3 = value("c3.u", std::visit([&](const auto& layer) { return layer(x2); }, net.c3));
        const V u4 = value("s4.u", net.s4(value("s4.input", squash(u3))));
        const V u5 = value("f5.u", net.f5(value("f5.input", flatten(squash(u4), 1))));
        return net.loss(value("y", activate(options.output_activation, u5)), labels);
    };
    const oracles::Squashing &f = by_hand(options.activation), &last = by_hand(options.output_activation);
    return {net.parameters(),
            {.padding = 0},
            loss,
            target("t", off_target<double>(options.output_activation)),
            oracles::bouvrie_backward(options.combination, pair_of(f), pair_of(last), penalty_of(options)),
            oracles::bouvrie_mistakes(f)};
}

Handwritten mlp(std::uint64_t seed, const Choices& choices)
{
    const Activation activation = activation_named(choices.at("activation"));
    const MLP<double> net(
        {28 * 28, 300, 100, 10}, seed,
        {.activation = activation, .output_activation = activation, .loss = MLPOptions::Loss::squared_error});
    const auto loss = [=](Values& value, const Array<double>& images, const Labels& labels) {
        V x = flatten(constant(Array<double>(images)), 1);
        for (std::size_t l = 0; l < net.layers.size(); ++l) {
            const std::string name = fmt::format("layer{}", l + 1);
            x = activate(activation, value(name + ".u", net.layers[l](value(name + ".input", x))));
        }
        return net.loss(value("y", x), labels);
    };
    const oracles::Squashing& f = by_hand(activation);
    return {net.parameters(),
            {.padding = 0},
            loss,
            target("t", off_target<double>(activation)),
            oracles::perceptron_backward(net.layers.size(), pair_of(f), pair_of(f)),
            oracles::perceptron_mistakes(f)};
}

oracles::Tensor sample_of(const Array<double>& batch, std::size_t n)
{
    oracles::Tensor sample(std::vector<std::size_t>(batch.shape().begin() + 1, batch.shape().end()));
    std::copy_n(batch.data() + n * sample.data.size(), sample.data.size(), sample.data.begin());
    return sample;
}

} // namespace

Values::Values(const Parameters<double>& probes)
{
    for (std::size_t p = 0; p < probes.size(); ++p)
        probes_.emplace(probes.name(p), probes[p]);
}

V Values::operator()(const std::string& name, V value)
{
    if (const auto probe = probes_.find(name); probe != probes_.end())
        value = value + probe->second;
    values_.insert_or_assign(name, value);
    return value;
}

const std::vector<HandwrittenModel>& handwritten_models()
{
    static const std::vector<HandwrittenModel> all = {
        {"lenet5", {{"activation", {"tanh", "scaled-tanh", "sigmoid"}, "activation of C1, C3, C5 and F6"}}, lenet5},
        {"bouvrie",
         {{"activation", {"scaled-tanh", "sigmoid"}, "activation of every layer but the last"},
          {"output-activation", {"sigmoid", "scaled-tanh"}, "activation of the last layer"},
          {"combination", {"no", "yes"}, "C3 learns which maps to combine (B14c)"},
          {"sparsity", sparsity_names(), "the penalty on the combinations (B18)"}},
         bouvrie},
        {"mlp", {{"activation", {"scaled-tanh", "sigmoid", "tanh"}, "activation of all layers"}}, mlp},
    };
    return all;
}

Handwritten make_handwritten(const std::string& name, std::uint64_t seed, const Choices& given)
{
    const auto& models = handwritten_models();
    const auto model = std::find_if(models.begin(), models.end(), [&](const auto& each) { return each.name == name; });
    if (model == models.end())
        throw Error(fmt::format("[compare] there is no handwritten pass of '{}'", name));
    Choices choices;
    std::vector<std::string> names;
    for (const ModelOption& option : model->options) {
        choices[option.name] = option.values.front();
        names.push_back(option.name);
        if (const auto value = given.find(option.name); value != given.end()) {
            if (std::find(option.values.begin(), option.values.end(), value->second) == option.values.end())
                throw Error(fmt::format("[{}] {} is one of {}, not '{}', in the handwritten pass", name, option.name,
                                        fmt::join(option.values, ", "), value->second));
            choices[option.name] = value->second;
        }
    }
    for (const auto& [option, value] : given)
        if (!choices.contains(option))
            throw Error(fmt::format("[{}] its handwritten pass has no option '{}'; it has: {}", name, option,
                                    fmt::join(names, ", ")));
    Handwritten made = model->make(seed, choices);
    move_apart(made.parameters, seed);
    return made;
}

bool Handwritten::has(const std::string& parameter) const
{
    for (std::size_t p = 0; p < parameters.size(); ++p)
        if (parameters.name(p) == parameter)
            return true;
    return false;
}

Values values_of(const Handwritten& network, const Array<double>& images, const Labels& labels)
{
    const PauseRecording pause;
    Values values;
    network.loss(values, images, labels);
    return values;
}

FoundByHand run_by_hand(const Handwritten& network, const Array<double>& images, const Labels& labels)
{
    using Clock = std::chrono::steady_clock;
    const PauseRecording pause;
    const Values values = values_of(network, images, labels);

    oracles::Tensors v;
    for (std::size_t p = 0; p < network.parameters.size(); ++p)
        v[network.parameters.name(p)] = test::tensor(network.parameters[p].value());

    FoundByHand found;
    std::map<std::string, std::vector<oracles::Tensor>> of_samples;
    for (std::size_t n = 0; n < labels.size(); ++n) {
        oracles::Tensors delta;
        for (const auto& [name, value] : values.all())
            v[name] = sample_of(value.value(), n);
        network.add_target(v, static_cast<std::size_t>(labels(n)));
        for (const oracles::Step& step : network.steps) {
            const Clock::time_point start = Clock::now();
            delta[step.name] = step.compute(v, delta);
            found.seconds[step.name] += std::chrono::duration<double>(Clock::now() - start).count();
            of_samples[step.name].push_back(delta[step.name]);
        }
    }
    for (const oracles::Step& step : network.steps)
        found.gradients[step.name] = test::array(joined(step, of_samples.at(step.name)));
    return found;
}

} // namespace xgrad::command
