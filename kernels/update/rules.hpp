#pragma once
// The update rules of all optimizers, and a list of them at the end. All else is made from these: the kernels, the
// classes in optim/, the names on the command line and in checkpoints.

#include <array>
#include <cmath>

/** The rules by which optimizers update a parameter w from its gradient g. η is the learning rate, λ the weight decay.
 *
 *  A rule has
 *  - `Options`: what users may give, with η and λ; the formula gets the schedule's η, and λ = 0 for biases;
 *  - `kept`: the names of the arrays that are kept for each parameter, at most three, 0 at the start;
 *  - `formula(options, t)`: what step t = 1, 2, … does to one vector of w and of each array. Vectors are those of any
 *    instruction set, whose functions are called by their plain names, as `sqrt`.
 *
 *  It may also have
 *  - `decoupled`: the formula takes care of λ. Otherwise λ·w has been added to g. */
namespace xgrad::update_rules
{

/** w ← w − η·g (B8, H-GD). */
template <class T>
struct SGD
{
    struct Options
    {
        T learning_rate = T(0.01);
        T weight_decay = 0;
    };
    static constexpr std::array<const char*, 0> kept{};
    static auto formula(const Options& o, T)
    {
        return [o](auto& w, auto g) { w -= o.learning_rate * g; };
    }
};

/** Heavy ball: v ← μ·v + g, w ← w − η·v. */
template <class T>
struct Momentum
{
    struct Options
    {
        T learning_rate = T(0.01);
        T momentum = T(0.9); ///< μ
        T weight_decay = 0;
    };
    static constexpr std::array kept{"velocity"};
    static auto formula(const Options& o, T)
    {
        return [o](auto& w, auto g, auto& v) {
            v = o.momentum * v + g;
            w -= o.learning_rate * v;
        };
    }
};

/** Nesterov's momentum, with the gradient taken where the weights are: v ← μ·v + g, w ← w − η·(g + μ·v). */
template <class T>
struct Nesterov
{
    using Options = typename Momentum<T>::Options;
    static constexpr std::array kept{"velocity"};
    static auto formula(const Options& o, T)
    {
        return [o](auto& w, auto g, auto& v) {
            v = o.momentum * v + g;
            w -= o.learning_rate * (g + o.momentum * v);
        };
    }
};

/** Adam (Kingma and Ba 2015): m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − η·m̂/(√v̂ + ε), with the bias-corrected
 *  m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). */
template <class T>
struct Adam
{
    struct Options
    {
        T learning_rate = T(0.001);
        T beta1 = T(0.9), beta2 = T(0.999);
        T epsilon = T(1e-8);
        T weight_decay = 0;
    };
    static constexpr std::array kept{"mean", "square"};
    static auto formula(const Options& o, T t)
    {
        const T mean = 1 / (1 - std::pow(o.beta1, t)), square = 1 / (1 - std::pow(o.beta2, t));
        // Which product comes first decides which one is fused with the sum, and so the last bits.
        return [o, mean, square](auto& w, auto g, auto& m, auto& v) {
            m = (1 - o.beta1) * g + o.beta1 * m;
            v = (1 - o.beta2) * g * g + o.beta2 * v;
            w -= o.learning_rate * (m * mean) / (sqrt(v * square) + o.epsilon);
        };
    }
};

/** AdamW (Loshchilov and Hutter 2019): Adam with the decay outside of the gradient, w ← w − η·λ·w before the update.
 *  λ is 0.01 unless it is given. */
template <class T>
struct AdamW
{
    struct Options
    {
        T learning_rate = T(0.001);
        T beta1 = T(0.9), beta2 = T(0.999);
        T epsilon = T(1e-8);
        T weight_decay = T(0.01);
    };
    static constexpr auto kept = Adam<T>::kept;
    static constexpr bool decoupled = true;
    static auto formula(const Options& o, T t)
    {
        const typename Adam<T>::Options of_adam{o.learning_rate, o.beta1, o.beta2, o.epsilon};
        return [o, adam = Adam<T>::formula(of_adam, t)](auto& w, auto g, auto& m, auto& v) {
            w -= o.learning_rate * o.weight_decay * w;
            adam(w, g, m, v);
        };
    }
};

/** AMSGrad (Reddi, Kale and Kumar 2018, algorithm 2): Adam whose steps are divided by the largest v so far. So the
 *  step of a weight never grows again after a large gradient: m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², u ← max(u, v),
 *  w ← w − η·m/(√u + ε). As in the paper, m and v are not corrected for their start at 0. */
template <class T>
struct AMSGrad
{
    using Options = typename Adam<T>::Options;
    static constexpr std::array kept{"mean", "square", "largest_square"};
    static auto formula(const Options& o, T)
    {
        return [o](auto& w, auto g, auto& m, auto& v, auto& u) {
            m = (1 - o.beta1) * g + o.beta1 * m;
            v = (1 - o.beta2) * g * g + o.beta2 * v;
            u = max(u, v);
            w -= o.learning_rate * m / (sqrt(u) + o.epsilon);
        };
    }
};

/** Lion (Chen et al. 2023, algorithm 2): each weight makes a step of the same length, in the direction of the sign of a
 *  mean, w ← w − η·(sign(β₁m + (1−β₁)g) + λ·w), and m ← β₂m + (1−β₂)g. η is a third to a tenth of Adam's, λ as many
 *  times larger. */
template <class T>
struct Lion
{
    struct Options
    {
        T learning_rate = T(1e-4);
        T beta1 = T(0.9), beta2 = T(0.99);
        T weight_decay = 0;
    };
    static constexpr std::array kept{"mean"};
    static constexpr bool decoupled = true;
    static auto formula(const Options& o, T)
    {
        return [o](auto& w, auto g, auto& m) {
            w -= o.learning_rate * (sign((1 - o.beta1) * g + o.beta1 * m) + o.weight_decay * w);
            m = (1 - o.beta2) * g + o.beta2 * m;
        };
    }
};

/** RMSProp (Hinton): v ← ρ·v + (1−ρ)g², w ← w − η·g/(√v + ε). */
template <class T>
struct RMSProp
{
    struct Options
    {
        T learning_rate = T(0.001);
        T decay = T(0.9); ///< ρ
        T epsilon = T(1e-8);
        T weight_decay = 0;
    };
    static constexpr std::array kept{"square"};
    static auto formula(const Options& o, T)
    {
        return [o](auto& w, auto g, auto& v) {
            v = (1 - o.decay) * g * g + o.decay * v;
            w -= o.learning_rate * g / (sqrt(v) + o.epsilon);
        };
    }
};

/** Adagrad (Duchi, Hazan and Singer 2011): v ← v + g², w ← w − η·g/(√v + ε). */
template <class T>
struct Adagrad
{
    struct Options
    {
        T learning_rate = T(0.01);
        T epsilon = T(1e-10);
        T weight_decay = 0;
    };
    static constexpr std::array kept{"square"};
    static auto formula(const Options& o, T)
    {
        return [o](auto& w, auto g, auto& v) {
            v += g * g;
            w -= o.learning_rate * g / (sqrt(v) + o.epsilon);
        };
    }
};

/** Stochastic diagonal Levenberg–Marquardt (B23; LeCun et al. 1998, appendix C): each weight has its own step by the
 *  curvature h along it, w ← w − η/(μ + h)·g. Without any curvature given, h = 0. */
template <class T>
struct SDLM
{
    struct Options
    {
        T learning_rate = T(5e-4);
        T mu = T(0.02); ///< bounds the step where the loss is flat
        T weight_decay = 0;
    };
    static constexpr std::array kept{"curvature"};
    static auto formula(const Options& o, T)
    {
        return [o](auto& w, auto g, const auto& h) { w -= o.learning_rate / (o.mu + h) * g; };
    }
};

} // namespace xgrad::update_rules

/** The list of all rules. Their names in lower case are those on the command line. */
#define XGRAD_UPDATE_RULES(row)                                                                                        \
    row(SGD) row(Momentum) row(Nesterov) row(Adam) row(AdamW) row(AMSGrad) row(Lion) row(RMSProp) row(Adagrad) row(SDLM)
