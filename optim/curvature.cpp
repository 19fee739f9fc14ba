#include <xgrad/base/error.hpp>
#include <xgrad/ops/derivatives.hpp>
#include <xgrad/optim/curvature.hpp>

#include <algorithm>
#include <cmath>

namespace xgrad::optim
{

namespace
{

/** The factor L of A ≈ L·Lᵀ for a symmetric n×n matrix. Rows whose pivot is not positive are left out.
 *  @return  L's columns, one after the other */
template <class T>
std::vector<T> cholesky(std::vector<T> a, std::size_t n)
{
    T largest = 0;
    for (std::size_t i = 0; i < n; ++i)
        largest = std::max(largest, a[i * n + i]);
    std::vector<T> columns;
    for (std::size_t k = 0; k < n; ++k) {
        const T pivot = a[k * n + k];
        if (!(pivot > T(1e-6) * largest))
            continue;
        const std::size_t column = columns.size();
        columns.resize(column + n, T{0});
        for (std::size_t i = k; i < n; ++i)
            columns[column + i] = a[i * n + k] / std::sqrt(pivot);
        for (std::size_t i = k; i < n; ++i)
            for (std::size_t j = k; j < n; ++j)
                a[i * n + j] -= columns[column + i] * columns[column + j];
    }
    return columns;
}

/** Adds the squares of Jᵀ·L_m to `sums`, for every column L_m. */
template <class T>
void add_sample(const Parameters<T>& parameters, const SampleLoss<T>& loss, std::size_t n, Variables<T>& sums)
{
    const PauseRecording independent_of_outer_tapes;
    Tape tape;
    const Variable<T> outputs = loss.outputs(n);
    const Array<T> of_criterion = hessian([&](const Variable<T>& y) { return loss.criterion(y, n); }, outputs);
    const std::vector<T> columns = cholesky<T>({of_criterion.begin(), of_criterion.end()}, outputs.size());
    for (std::size_t m = 0; m < columns.size(); m += outputs.size()) {
        Array<T> column = empty_array<T>(outputs.shape());
        std::copy_n(columns.data() + m, outputs.size(), column.data());
        const Variables<T> gradients =
            tape.vector_jacobian_product(outputs, constant(std::move(column)), parameters, {.keep_tape = true});
        for (std::size_t i = 0; i < gradients.size(); ++i) {
            T* const sum = sums[i].mutable_data();
            const T* const g = gradients[i].data();
            for (std::size_t k = 0; k < gradients[i].size(); ++k)
                sum[k] += g[k] * g[k];
        }
    }
}

} // namespace

template <class T>
std::vector<Array<T>> gauss_newton_diagonal(const Parameters<T>& parameters, std::size_t samples,
                                            const SampleLoss<T>& loss, Ranks* ranks)
{
    if (samples == 0)
        throw ShapeError("[gauss_newton_diagonal] there are no samples to estimate the curvature on");
    const auto sum_of = [&](const detail::Chunk<T>& chunk) {
        ValueAndGradient<T> sums{};
        for (const Variable<T>& parameter : parameters)
            sums.gradients.push_back(constant(filled_array(parameter.shape(), T{0})));
        for (std::size_t n = chunk.begin; n < chunk.end; ++n)
            add_sample(parameters, loss, n, sums.gradients);
        return sums;
    };
    const Variables<T> sums =
        detail::sum_over_chunks<T>(parameters, {samples}, {.chunk = 32, .ranks = ranks}, sum_of).gradients;
    std::vector<Array<T>> mean;
    for (const Variable<T>& sum : sums) {
        mean.push_back(sum.value());
        for (T& element : mean.back())
            element /= static_cast<T>(samples);
    }
    return mean;
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template std::vector<Array<T>> gauss_newton_diagonal(const Parameters<T>&, std::size_t, const SampleLoss<T>&,      \
                                                         Ranks*);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::optim
