#pragma once
// One step of each optimizer, in one pass over a parameter. Each loop reads like the formula in
// <xgrad/optim/optimizer.hpp>.

#include <xgrad/kernels/table.hpp>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

inline float square_root(float x) { return __builtin_sqrtf(x); }
inline double square_root(double x) { return __builtin_sqrt(x); }

/** Calls f(i, g with the weight decay in it) for each weight. */
template <class T, class F>
void for_each_weight(const Step<T>& step, F f)
{
    const T *w = step.w, *g = step.g, decay = step.weight_decay;
    for (std::size_t i = 0, n = step.n; i < n; ++i)
        f(i, g[i] + decay * w[i]);
}

template <class T>
void sgd(const Step<T>& step)
{
    for_each_weight(step, [w = step.w, rate = step.learning_rate](std::size_t i, T g) { w[i] -= rate * g; });
}

template <class T>
void momentum(const Step<T>& step, T mu)
{
    for_each_weight(step, [mu, w = step.w, v = step.slot[0], rate = step.learning_rate](std::size_t i, T g) {
        v[i] = mu * v[i] + g;
        w[i] -= rate * v[i];
    });
}

template <class T>
void nesterov(const Step<T>& step, T mu)
{
    for_each_weight(step, [mu, w = step.w, v = step.slot[0], rate = step.learning_rate](std::size_t i, T g) {
        v[i] = mu * v[i] + g;
        w[i] -= rate * (g + mu * v[i]);
    });
}

template <class T>
void adam(const Step<T>& step, const AdamScales<T>& scales)
{
    for_each_weight(step, [s = scales, w = step.w, m = step.slot[0], v = step.slot[1],
                           rate = step.learning_rate](std::size_t i, T g) {
        m[i] = s.beta1 * m[i] + (1 - s.beta1) * g;
        v[i] = s.beta2 * v[i] + (1 - s.beta2) * g * g;
        w[i] -= s.decay * w[i];
        w[i] -= rate * (m[i] * s.mean) / (square_root(v[i] * s.square) + s.epsilon);
    });
}

template <class T>
void rmsprop(const Step<T>& step, T rho, T epsilon)
{
    for_each_weight(step, [rho, epsilon, w = step.w, v = step.slot[0], rate = step.learning_rate](std::size_t i, T g) {
        v[i] = rho * v[i] + (1 - rho) * g * g;
        w[i] -= rate * g / (square_root(v[i]) + epsilon);
    });
}

template <class T>
void adagrad(const Step<T>& step, T epsilon)
{
    for_each_weight(step, [epsilon, w = step.w, v = step.slot[0], rate = step.learning_rate](std::size_t i, T g) {
        v[i] += g * g;
        w[i] -= rate * g / (square_root(v[i]) + epsilon);
    });
}

template <class T>
void sdlm(const Step<T>& step, T mu)
{
    for_each_weight(step, [mu, w = step.w, h = step.slot[0], rate = step.learning_rate](std::size_t i, T g) {
        w[i] -= rate / (mu + h[i]) * g;
    });
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
