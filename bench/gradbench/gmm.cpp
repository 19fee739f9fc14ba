#include "protocol.hpp"

#include <cmath>
#include <numbers>

namespace xgrad::gradbench
{

namespace
{

/** K normal distributions in D dimensions. Their precision matrices are QᵀQ, with Q lower triangular. */
struct Mixture
{
    Variable<double> alpha; ///< (K), logarithms of the weights up to a constant
    Variable<double> mu;    ///< (K, D), the means
    Variable<double> q;     ///< (K, D), logarithms of Q's diagonals
    Variable<double> l;     ///< (K, D·(D − 1)/2), Q below its diagonal, column by column

    Variables<double> all() const { return {alpha, mu, q, l}; }
};

/** N points and the prior of the precision matrices, a Wishart distribution. */
struct Observations
{
    Variable<double> x; ///< (N, D)
    double m, gamma;    ///< further degrees of freedom, and the precision
};

/** The matrices Q, (K, D, D). */
Variable<double> factors(const Mixture& mixture)
{
    const std::size_t k = mixture.q.shape()[0], d = mixture.q.shape()[1];
    Labels places(Shape{d * (d + 1) / 2});
    std::size_t next = 0;
    for (std::size_t i = 0; i < d; ++i)
        places(next++) = static_cast<std::int32_t>(i * d + i);
    for (std::size_t j = 0; j < d; ++j)
        for (std::size_t i = j + 1; i < d; ++i)
            places(next++) = static_cast<std::int32_t>(i * d + j);
    const Variable<double> elements = concatenate({exp(mixture.q), mixture.l}, 1);
    return reshape(scatter_add(elements, places, d * d, 1), {k, d, d});
}

/** ln Γ_D(a), of the multivariate gamma function. */
double log_gamma(double a, std::size_t d)
{
    double result = 0.25 * static_cast<double>(d * (d - 1)) * std::log(std::numbers::pi);
    for (std::size_t j = 0; j < d; ++j)
        result += std::lgamma(a - 0.5 * static_cast<double>(j));
    return result;
}

Variable<double> log_prior(const Mixture& mixture, const Observations& observed)
{
    const double d = static_cast<double>(mixture.q.shape()[1]), k = static_cast<double>(mixture.q.shape()[0]);
    const double n = d + observed.m + 1;
    const double constant =
        n * d * (std::log(observed.gamma) - 0.5 * std::log(2.)) - log_gamma(0.5 * n, mixture.q.shape()[1]);
    const Variable<double> squares = sum(exp(2 * mixture.q)) + sum(square(mixture.l));
    return k * constant + observed.m * sum(mixture.q) - 0.5 * observed.gamma * observed.gamma * squares;
}

Variable<double> log_posterior(const Mixture& mixture, const Observations& observed)
{
    const std::size_t n = observed.x.shape()[0], d = observed.x.shape()[1], k = mixture.alpha.size();
    const Variable<double> q = factors(mixture);
    const Variable<double> of_points = matmul(observed.x, reshape(q, {k * d, d}), {.b = true});
    const Variable<double> of_means = matmul(q, expand_dims(mixture.mu, 2));
    const Variable<double> distances = sum(square(reshape(of_points - reshape(of_means, {k * d}), {n, k, d})), {2});
    const Variable<double> terms = mixture.alpha + sum(mixture.q, {1}) - 0.5 * distances;
    const double normalization = -0.5 * static_cast<double>(n * d) * std::log(2 * std::numbers::pi);
    return normalization + sum(log_sum_exp(terms, {1})) - static_cast<double>(n) * log_sum_exp(mixture.alpha) +
           log_prior(mixture, observed);
}

Mixture mixture_of(const json& input)
{
    return {variable_of(input.at("alpha")), variable_of(input.at("mu")), variable_of(input.at("q")),
            variable_of(input.at("l"))};
}

Observations observations_of(const json& input)
{
    return {constant_of(input.at("x")), input.at("m"), input.at("gamma")};
}

struct Gradient
{
    Variables<double> of;
};

json json_of(const Gradient& g)
{
    const auto lists = [&](std::size_t i) { return gradbench::json_of(g.of[i]); };
    return {{"alpha", lists(0)}, {"mu", lists(1)}, {"q", lists(2)}, {"l", lists(3)}};
}

} // namespace

Eval gmm()
{
    const auto objective = [](const json& input) {
        return computation([mixture = mixture_of(input), observed = observations_of(input)] {
            return log_posterior(mixture, observed).item();
        });
    };
    const auto jacobian = [](const json& input) {
        return computation([mixture = mixture_of(input), observed = observations_of(input)] {
            Tape tape;
            return Gradient{tape.gradient(log_posterior(mixture, observed), mixture.all(), {.unused_is_zero = true})};
        });
    };
    return {"gmm", {{"objective", objective}, {"jacobian", jacobian}}};
}

} // namespace xgrad::gradbench
