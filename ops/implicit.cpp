#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/functions.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace xgrad::detail
{

namespace
{

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }
double norm(const Vector& a) { return std::sqrt(dot(a, a)); }
void add_scaled(Vector& sum, double factor, const Vector& x)
{
    for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += factor * x[i];
}

/** One stretch of GMRES: adds to x what makes the residual r = b − A·x smallest in the Krylov space of `steps`
 *  dimensions (Saad, Schultz 1986). Stops early when the residual is at most `wanted`. Returns the number of products.
 */
std::size_t reduce_residual(const std::function<Vector(const Vector&)>& product, const Vector& r, Vector& x,
                            std::size_t steps, double wanted)
{
    const double length = norm(r);
    std::vector<Vector> basis{r}, columns; // of the Krylov space, and of the triangular matrix R
    for (double& each : basis.front())
        each /= length;
    Vector cosines, sines, right{length}; // Givens rotations, and the rotated right-hand side
    while (columns.size() < steps && std::abs(right.back()) > wanted) {
        const std::size_t k = columns.size();
        Vector next = product(basis[k]), column;
        for (const Vector& each : basis) { // modified Gram-Schmidt
            column.push_back(dot(next, each));
            add_scaled(next, -column.back(), each);
        }
        const double rest = norm(next);
        for (std::size_t i = 0; i < k; ++i) {
            const double upper = column[i], lower = column[i + 1];
            column[i] = cosines[i] * upper + sines[i] * lower;
            column[i + 1] = cosines[i] * lower - sines[i] * upper;
        }
        const double diagonal = std::hypot(column[k], rest);
        if (!(diagonal > 0)) // the matrix is singular on this space, or not finite
            break;
        cosines.push_back(column[k] / diagonal);
        sines.push_back(rest / diagonal);
        column[k] = diagonal;
        columns.push_back(std::move(column));
        right.push_back(-sines[k] * right[k]);
        right[k] *= cosines[k];
        if (rest > 0)
            for (double& each : next)
                each /= rest;
        basis.push_back(std::move(next));
    }
    for (std::size_t k = columns.size(); k-- > 0;) { // back substitution
        for (std::size_t i = k + 1; i < columns.size(); ++i)
            right[k] -= columns[i][k] * right[i];
        right[k] /= columns[k][k];
        add_scaled(x, right[k], basis[k]);
    }
    return columns.size();
}

/** x with A·x = b, from products with A. @throws NumericalError unless |b − A·x| ≤ tolerance·|b| is reached */
Vector gmres(const std::function<Vector(const Vector&)>& product, const Vector& b, double tolerance,
             const ImplicitOptions& options)
{
    const double wanted = tolerance * norm(b);
    Vector x(b.size(), 0.0), r = b;
    std::size_t done = 0;
    while (!(norm(r) <= wanted)) {
        const std::size_t steps = std::min(options.restart, options.iterations - done);
        const std::size_t made =
            steps > 0 && std::isfinite(norm(r)) ? reduce_residual(product, r, x, steps, wanted) : 0;
        if (made == 0)
            throw NumericalError(
                fmt::format("[implicit] the linear system of the gradient is not solved: after {} steps of GMRES its "
                            "residual is {:.2g} of the right-hand side, and {:.2g} was asked for; is the derivative of "
                            "the residual with respect to y singular? Otherwise allow more iterations or tolerance",
                            done, norm(r) / norm(b), tolerance));
        done += made;
        r = b;
        add_scaled(r, -1, product(x));
    }
    return x;
}

template <class T>
Variable<T> as_variable(const Vector& elements, const Shape& shape)
{
    Variable<T> x = uninitialized<T>(shape);
    std::transform(elements.begin(), elements.end(), x.mutable_data(),
                   [](double each) { return static_cast<T>(each); });
    return x;
}

template <class T>
Vector elements_of(const Variable<T>& x)
{
    return Vector(x.data(), x.data() + x.size());
}

template <class T>
double largest(const Variable<T>& x)
{
    double most = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        if (const double size = std::abs(static_cast<double>(x.data()[i])); !(size <= most))
            most = size; // NaN stays
    return most;
}

template <class T>
double power_of_epsilon(double power)
{
    return std::pow(static_cast<double>(std::numeric_limits<T>::epsilon()), power);
}

template <class T>
double residual_bound(const ImplicitOptions& options, const Variable<T>& y)
{
    return options.residual.value_or(power_of_epsilon<T>(1.0 / 2)) * std::max(1.0, largest(y));
}

template <class T>
void check_shape(const Variable<T>& residual, const Variable<T>& y)
{
    if (residual.shape() != y.shape())
        throw ShapeError(fmt::format("[implicit] the residual has shape {}, y has shape {}: they must be the same",
                                     to_string(residual.shape()), to_string(y.shape())));
}

/** u with (∂F/∂y)ᵀ·u = g. */
template <class T>
Variable<T> solve_transposed(const ImplicitEquation<T>& residual, const Variable<T>& y, const Variables<T>& thetas,
                             const Variable<T>& g, const ImplicitOptions& options)
{
    const PauseRecording independent_of_outer_tapes;
    Variables<T> constants = thetas;
    for (Variable<T>& theta : constants)
        theta = stop_gradient(std::move(theta));
    const Variable<T> at = own_argument(y);
    Tape tape;
    const Variable<T> f = residual(at, constants);
    const auto product = [&](const Vector& v) {
        return elements_of(tape.vector_jacobian_product(f, as_variable<T>(v, y.shape()), at,
                                                        {.keep_tape = true, .unused_is_zero = true}));
    };
    const double tolerance = options.tolerance.value_or(power_of_epsilon<T>(2.0 / 3));
    return as_variable<T>(gmres(product, elements_of(g), tolerance, options), y.shape());
}

/** The same as a recorded function of g, y and θ. It is the solution of (∂F/∂y)ᵀ·u − g = 0, which is implicit again. */
template <class T>
Variable<T> solve_transposed_recorded(const ImplicitEquation<T>& residual, const Variable<T>& y,
                                      const Variables<T>& thetas, const Variable<T>& g, const ImplicitOptions& options)
{
    Variables<T> all = {g, y};
    all.insert(all.end(), thetas.begin(), thetas.end());
    const auto thetas_of = [](const Variables<T>& given) { return Variables<T>(given.begin() + 2, given.end()); };
    const auto solver = [=](const Variables<T>& given) {
        return solve_transposed(residual, given[1], thetas_of(given), given[0], options);
    };
    const auto linear = [=](const Variable<T>& u, const Variables<T>& given) {
        const Variable<T> at = own_argument(given[1]);
        Tape tape;
        return tape.vector_jacobian_product(residual(at, thetas_of(given)), u, at, {.unused_is_zero = true}) - given[0];
    };
    ImplicitOptions solved = options; // to the tolerance
    solved.residual = std::numeric_limits<double>::infinity();
    return implicit_list<T>(solver, linear, all, solved);
}

} // namespace

template <class T>
Variable<T> implicit_list(const std::function<Variable<T>(const Variables<T>&)>& solver,
                          const ImplicitEquation<T>& residual, const Variables<T>& thetas,
                          const ImplicitOptions& options)
{
    Variables<T> all(1); // y, θ₁, θ₂, …
    all.insert(all.end(), thetas.begin(), thetas.end());
    {
        const PauseRecording outside;
        Variables<T> given = thetas;
        for (Variable<T>& theta : given)
            theta = own_argument(theta);
        all.front() = own_argument(stop_gradient(solver(given)));
    }
    const Variable<T> y = all.front();
    const auto of_all = [&](const Variables<T>& xs) {
        return Variables<T>{residual(xs.front(), Variables<T>(xs.begin() + 1, xs.end()))};
    };
    const Unrecorded<T> run("implicit", of_all, all);
    check_shape(run.results.front(), y);
    const double rest = largest(run.results.front()), bound = residual_bound(options, y);
    if (!(rest <= bound))
        throw NumericalError(fmt::format("[implicit] the residual of the solution is {:.2g}, and {:.2g} or less is "
                                         "needed: make the solver more accurate, or set the option `residual`",
                                         rest, bound));
    Variables<T> inputs = thetas;
    inputs.insert(inputs.end(), run.leaves.begin(), run.leaves.end());
    return record("implicit", Variables<T>{stop_gradient(y)},
                  wrt_list(inputs,
                           [&](const auto& ys) {
                               return [residual, thetas, options, leaves = run.leaves, y = ys.front()](const auto& gs,
                                                                                                       auto) {
                                   const Variable<T> u =
                                       is_recording()
                                           ? solve_transposed_recorded(residual, y, thetas, gs.front(), options)
                                           : solve_transposed(residual, y, thetas, gs.front(), options);
                                   const auto at_solution = [&](const Variables<T>& given) {
                                       return Variables<T>{residual(own_argument(y), given)};
                                   };
                                   return pull_back_function<T>(at_solution, thetas, leaves, {-u});
                               };
                           }))
        .front();
}

template <class T>
Variable<T> fixed_point_list(const ImplicitEquation<T>& f, const Variable<T>& start, const Variables<T>& thetas,
                             const ImplicitOptions& options)
{
    // Rounding keeps y from coming to rest. So the iteration ends when its steps no longer become shorter, too.
    const auto iterate = [&](const Variables<T>& given) {
        Variable<T> y = stop_gradient(start);
        double step = std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < options.iterations; ++i) {
            Variable<T> next = stop_gradient(f(own_argument(y), given));
            check_shape(next, y);
            const double before = std::exchange(step, largest(next - y));
            y = std::move(next);
            if (step == 0 || (step >= before && step <= residual_bound(options, y)))
                return y;
        }
        throw NumericalError(fmt::format("[fixed_point] the last of {} steps was still {:.2g} long: does the function "
                                         "lead to a fixed point? If it does so slowly, allow more iterations",
                                         options.iterations, step));
    };
    return implicit_list<T>(
        iterate, [f](const auto& y, const auto& given) { return y - f(y, given); }, thetas, options);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> implicit_list(const std::function<Variable<T>(const Variables<T>&)>&,                         \
                                       const ImplicitEquation<T>&, const Variables<T>&, const ImplicitOptions&);       \
    template Variable<T> fixed_point_list(const ImplicitEquation<T>&, const Variable<T>&, const Variables<T>&,         \
                                          const ImplicitOptions&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::detail
