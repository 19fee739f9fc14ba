#include <xgrad/ops/functions.hpp>
#include <xgrad/optim/lbfgs.hpp>
#include <xgrad/xgrad.hpp>

#include <cmath>
#include <cstdio>

using namespace xgrad;

namespace
{

constexpr double step = 0.01; // seconds
constexpr std::size_t steps = 1000;

/** The angle and the angular velocity. */
using State = Variables<double>;

State operator+(const State& a, const State& b) { return {a[0] + b[0], a[1] + b[1]}; }
State operator*(double factor, const State& a) { return {factor * a[0], factor * a[1]}; }

//! [model]
/** A pendulum with friction: θ'' = −p·sin θ − c·θ', where p = g/l. */
struct Pendulum
{
    Variable<double> p, c;

    State derivative(const State& s) const { return {s[1], -p * sin(s[0]) - c * s[1]}; }

    /** The angles after each step of the classical Runge–Kutta method. */
    Variable<double> angles(const State& start, std::size_t count) const
    {
        const auto runge_kutta = [this](const State& s) {
            const State k1 = derivative(s), k2 = derivative(s + step / 2 * k1), k3 = derivative(s + step / 2 * k2),
                        k4 = derivative(s + step * k3);
            return s + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
        };
        return scan(runge_kutta, start, count, {.checkpoint = true})[0];
    }
};
//! [model]

} // namespace

int main()
{
    const State start{constant<double>(2), constant<double>(0)}; // far from small angles, at rest
    const double p = 9.81, c = 0.25, noise = 0.02;
    const Pendulum real{constant<double>(p), constant<double>(c)};
    Random random(1);
    const Variable<double> observed = real.angles(start, steps) + constant(random.normal<double>({steps}, 0, noise));

    //! [fit]
    const Pendulum fitted{variable<double>(5), variable<double>(0)};
    const Parameters<double> parameters{{"p", fitted.p}, {"c", fitted.c}};
    const auto loss = [&](std::size_t count) {
        return mean(square(fitted.angles(start, count) - slice(observed, 0, 0, count)));
    };
    optim::LBFGS<double> optimizer(parameters);
    for (const std::size_t count : {100UL, 300UL, 1000UL}) { // a swing first: over ten seconds the loss has many minima
        const optim::Minimum minimum =
            optimizer.minimize([&] { return value_and_gradient(parameters, [&] { return loss(count); }); });
        std::printf("%4zu steps: %s, p = %.2f, c = %.2f\n", count, minimum.converged() ? "converged" : "failed",
                    fitted.p.item(), fitted.c.item());
    }
    //! [fit]

    //! [errors]
    // The curvature of −ln likelihood at the minimum tells how well the observations determine the parameters.
    const double weight = steps / (2 * noise * noise);
    const auto covariance = inv(constant(hessian([&] { return weight * loss(steps); }, parameters)));
    const double of_p = std::sqrt(covariance.value()(0, 0)), of_c = std::sqrt(covariance.value()(1, 1));
    std::printf("standard errors: p %.4f, c %.4f\n", of_p, of_c);
    //! [errors]
    const bool close = std::abs(fitted.p.item() - p) < 3 * of_p && std::abs(fitted.c.item() - c) < 3 * of_c;
    std::printf("both within three of them: %s\n", close ? "yes" : "no");
}
