// Optimizers: the parameters after some steps with gradients that are drawn. xgrad's weight decay acts on matrices and
// not on biases, so libtorch gets two groups of parameters.

#include "family.hpp"
#include <xgrad/optim/optimizer.hpp>

namespace agree
{

namespace
{

/** The numbers that all optimizers have. */
struct Common
{
    double rate, decay;
    std::size_t steps;
};

/** An optimizer. @param make  (draw, common) returns three functions: one makes the optimizer of xgrad's Parameters,
 * one that of libtorch's tensors, and one changes the latter before step t */
template <class Make>
Family optimizer(std::string name, Make make)
{
    return {std::move(name), [=](Draw& d) {
                const Common common{d.real("rate", 1e-3, 0.3), d.flag("decay") ? d.real("decay", 0, 0.3) : 0,
                                    static_cast<std::size_t>(d.integer("steps", 1, 8))};
                const Shape weight = d.shape(2, 3), bias = d.shape(1, 1);
                std::vector<Array<double>> arrays{d.normal(weight), d.normal(bias)}; // the parameters, then gradients
                for (std::size_t i = 0; i < common.steps; ++i) {
                    arrays.push_back(d.normal(weight));
                    arrays.push_back(d.normal(bias));
                }
                auto [ours, theirs, before] = make(d, common);
                return Configuration(
                           arrays,
                           [=, ours = ours](const Variables& xs) {
                               const Variables parameters{as_leaf(xs[0]), as_leaf(xs[1])};
                               auto optimizer = ours({{"weight", parameters[0]}, {"bias", parameters[1]}});
                               for (std::size_t i = 0; i < common.steps; ++i)
                                   optimizer.step({xs[2 * i + 2], xs[2 * i + 3]});
                               return parameters;
                           },
                           [=, theirs = theirs, before = before](const Tensors& ts) {
                               const Tensors parameters{ts[0].clone().requires_grad_(), ts[1].clone().requires_grad_()};
                               auto optimizer = theirs(parameters);
                               for (std::size_t i = 0; i < common.steps; ++i) {
                                   before(optimizer, static_cast<double>(i + 1));
                                   for (std::size_t k = 0; k < 2; ++k)
                                       parameters[k].mutable_grad() = ts[2 * i + 2 + k].clone();
                                   optimizer.step();
                               }
                               return parameters;
                           })
                    .values_only();
            }};
}

/** An optimizer of libtorch whose weight decay acts on the first parameter alone. */
template <class Optimizer, class Options>
Optimizer with_decay(const Tensors& parameters, const Options& options, double decay)
{
    Options decayed = options, plain = options;
    decayed.weight_decay(decay);
    plain.weight_decay(0);
    std::vector<torch::optim::OptimizerParamGroup> groups;
    groups.emplace_back(std::vector<Tensor>{parameters[0]}, std::make_unique<Options>(decayed));
    groups.emplace_back(std::vector<Tensor>{parameters[1]}, std::make_unique<Options>(plain));
    return Optimizer(groups, plain);
}

constexpr auto nothing = [](auto&, double) {};

/** The pair of functions that make an optimizer. */
template <class Ours, class Theirs, class OurOptions, class TheirOptions, class Before = decltype(nothing)>
auto both(const OurOptions& ours, const TheirOptions& theirs, double decay, Before before = nothing)
{
    return std::tuple([=](const xgrad::Parameters<double>& p) { return Ours(p, ours); },
                      [=](const Tensors& p) { return with_decay<Theirs>(p, theirs, decay); }, before);
}

struct Moments
{
    double beta1, beta2, epsilon;
};

Moments drawn_moments(Draw& d)
{
    return {d.real("beta1", 0.5, 0.95), d.real("beta2", 0.8, 0.999), d.real("epsilon", 1e-8, 1e-3)};
}

} // namespace

Families optimizer_families()
{
    namespace optim = xgrad::optim;
    return {
        optimizer("sgd",
                  [](Draw&, const Common& c) {
                      return both<optim::SGD<double>, torch::optim::SGD>(
                          optim::SGD<double>::Options{.learning_rate = c.rate, .weight_decay = c.decay},
                          torch::optim::SGDOptions(c.rate), c.decay);
                  }),
        optimizer("momentum",
                  [](Draw& d, const Common& c) {
                      const double mu = d.real("momentum", 0.1, 0.99);
                      return both<optim::Momentum<double>, torch::optim::SGD>(
                          optim::Momentum<double>::Options{
                              .learning_rate = c.rate, .momentum = mu, .weight_decay = c.decay},
                          torch::optim::SGDOptions(c.rate).momentum(mu), c.decay);
                  }),
        optimizer("nesterov",
                  [](Draw& d, const Common& c) {
                      const double mu = d.real("momentum", 0.1, 0.99);
                      return both<optim::Nesterov<double>, torch::optim::SGD>(
                          optim::Nesterov<double>::Options{
                              .learning_rate = c.rate, .momentum = mu, .weight_decay = c.decay},
                          torch::optim::SGDOptions(c.rate).momentum(mu).nesterov(true), c.decay);
                  }),
        optimizer("adam",
                  [](Draw& d, const Common& c) {
                      const Moments m = drawn_moments(d);
                      return both<optim::Adam<double>, torch::optim::Adam>(
                          optim::Adam<double>::Options{c.rate, m.beta1, m.beta2, m.epsilon, c.decay},
                          torch::optim::AdamOptions(c.rate).betas({m.beta1, m.beta2}).eps(m.epsilon), c.decay);
                  }),
        optimizer("adamw",
                  [](Draw& d, const Common& c) {
                      const Moments m = drawn_moments(d);
                      return both<optim::AdamW<double>, torch::optim::AdamW>(
                          optim::AdamW<double>::Options{c.rate, m.beta1, m.beta2, m.epsilon, c.decay},
                          torch::optim::AdamWOptions(c.rate).betas({m.beta1, m.beta2}).eps(m.epsilon), c.decay);
                  }),
        // libtorch corrects the moments for their start at 0, which xgrad and the paper do not. The corrections
        // η/(1−β₁ᵗ) and √(1−β₂ᵗ) are undone by η and ε.
        optimizer("amsgrad",
                  [](Draw& d, const Common& c) {
                      const Moments m = drawn_moments(d);
                      return both<optim::AMSGrad<double>, torch::optim::Adam>(
                          optim::AMSGrad<double>::Options{c.rate, m.beta1, m.beta2, m.epsilon, c.decay},
                          torch::optim::AdamOptions(c.rate).betas({m.beta1, m.beta2}).eps(m.epsilon).amsgrad(true),
                          c.decay, [=](torch::optim::Adam& adam, double t) {
                              const double mean = 1 - std::pow(m.beta1, t), root = std::sqrt(1 - std::pow(m.beta2, t));
                              for (auto& group : adam.param_groups()) {
                                  auto& options = static_cast<torch::optim::AdamOptions&>(group.options());
                                  options.lr(c.rate * mean / root);
                                  options.eps(m.epsilon / root);
                              }
                          });
                  }),
        optimizer("rmsprop",
                  [](Draw& d, const Common& c) {
                      const double decay = d.real("decay of squares", 0.5, 0.99),
                                   epsilon = d.real("epsilon", 1e-8, 1e-3);
                      return both<optim::RMSProp<double>, torch::optim::RMSprop>(
                          optim::RMSProp<double>::Options{c.rate, decay, epsilon, c.decay},
                          torch::optim::RMSpropOptions(c.rate).alpha(decay).eps(epsilon), c.decay);
                  }),
        optimizer("adagrad",
                  [](Draw& d, const Common& c) {
                      const double epsilon = d.real("epsilon", 1e-10, 1e-3);
                      return both<optim::Adagrad<double>, torch::optim::Adagrad>(
                          optim::Adagrad<double>::Options{c.rate, epsilon, c.decay},
                          torch::optim::AdagradOptions(c.rate).eps(epsilon), c.decay);
                  }),
    };
}

} // namespace agree
