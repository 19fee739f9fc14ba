#pragma once
// One step of each optimizer, in one pass over a parameter. Each loop reads like the formula in
// <xgrad/optim/optimizer.hpp>.

#include <xgrad/ops/kernels/table.hpp>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

inline float square_root(float x) { return __builtin_sqrtf(x); }
inline double square_root(double x) { return __builtin_sqrt(x); }

/** Calls f(w[i], g with the weight decay in it, first slot[i], second slot[i]) for each i. The arrays do not overlap.
 */
template <class T, class F>
void for_each_weight(const Step<T>& step, F f)
{
    T* __restrict w = step.w;
    T* __restrict a = step.slot[0];
    T* __restrict b = step.slot[1];
    const T* __restrict g = step.g;
    const T decay = step.weight_decay;
    for (std::size_t i = 0; i < step.n; ++i)
        f(w[i], g[i] + decay * w[i], a + i, b + i);
}

template <class T>
void sgd(const Step<T>& step)
{
    for_each_weight(step, [rate = step.learning_rate](T& w, T g, T*, T*) { w -= rate * g; });
}

template <class T>
void momentum(const Step<T>& step, T mu)
{
    for_each_weight(step, [mu, rate = step.learning_rate](T& w, T g, T* v, T*) {
        *v = mu * *v + g;
        w -= rate * *v;
    });
}

template <class T>
void nesterov(const Step<T>& step, T mu)
{
    for_each_weight(step, [mu, rate = step.learning_rate](T& w, T g, T* v, T*) {
        *v = mu * *v + g;
        w -= rate * (g + mu * *v);
    });
}

template <class T>
void adam(const Step<T>& step, const AdamScales<T>& scales)
{
    for_each_weight(step, [s = scales, rate = step.learning_rate](T& w, T g, T* m, T* v) {
        *m = s.beta1 * *m + (1 - s.beta1) * g;
        *v = s.beta2 * *v + (1 - s.beta2) * g * g;
        w -= s.decay * w;
        w -= rate * (*m * s.mean) / (square_root(*v * s.square) + s.epsilon);
    });
}

template <class T>
void rmsprop(const Step<T>& step, T rho, T epsilon)
{
    for_each_weight(step, [rho, epsilon, rate = step.learning_rate](T& w, T g, T* v, T*) {
        *v = rho * *v + (1 - rho) * g * g;
        w -= rate * g / (square_root(*v) + epsilon);
    });
}

template <class T>
void adagrad(const Step<T>& step, T epsilon)
{
    for_each_weight(step, [epsilon, rate = step.learning_rate](T& w, T g, T* v, T*) {
        *v += g * g;
        w -= rate * g / (square_root(*v) + epsilon);
    });
}

template <class T>
void sdlm(const Step<T>& step, T mu)
{
    for_each_weight(step, [mu, rate = step.learning_rate](T& w, T g, T* h, T*) { w -= rate / (mu + *h) * g; });
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
