#pragma once
// GradBench's protocol for tools in C++ (https://github.com/gradbench/gradbench, cpp/README.md): a program is called
// with FILE FUNCTION. The file holds the function's input in JSON. The program writes the output in one line of JSON,
// and then a line for each time that it took.

#include <xgrad/xgrad.hpp>

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xgrad::gradbench
{

using json = nlohmann::json;

/** The array in a list of numbers, or in a list of lists that are all of the same size, and so on. */
Array<double> array_of(const json& lists);
inline Variable<double> constant_of(const json& lists) { return constant(array_of(lists)); }
inline Variable<double> variable_of(const json& lists) { return variable<double>(array_of(lists)); }
inline Variable<double> ones_like(const Variable<double>& x)
{
    return constant(Array<double>(xt::ones<double>(x.shape())));
}
/** Whole numbers, in lists in the same way. */
Labels labels_of(const json& lists);

inline json json_of(double x) { return x; }
/** The lists of an array's numbers; a number for one without axes. */
json json_of(const Array<double>& x);
inline json json_of(const Variable<double>& x) { return json_of(x.value()); }

/** A function that is measured, and the result of its last call. */
struct Computation
{
    std::function<void()> compute;
    std::function<json()> output;
};

/** Measures `f`, which returns what `json_of` takes. */
template <class F>
Computation computation(F f)
{
    const auto result = std::make_shared<std::optional<decltype(f())>>();
    return {[result, f] { result->emplace(f()); }, [result] { return json_of(**result); }};
}

/** A function of an eval. `prepare` reads the input, which is not part of what is measured. */
struct Function
{
    std::string name;
    Computation (*prepare)(const json& input);
};

/** One of GradBench's problems; evals/NAME/README.md of its repository defines it. */
struct Eval
{
    std::string name;
    std::vector<Function> functions;
};

Eval ba();       ///< bundle adjustment: a sparse Jacobian
Eval det();      ///< a determinant by minors: very many small products
Eval gmm();      ///< a mixture of normal distributions with a Wishart prior
Eval hello();    ///< the square of a number
Eval ht();       ///< the positions of a hand's vertices: a Jacobian of few columns
Eval kmeans();   ///< Newton's direction for centroids: a diagonal Hessian
Eval llsq();     ///< a polynomial fitted to a step
Eval lse();      ///< log-sum-exp
Eval lstm();     ///< a recurrent network with diagonal matrices: a long tape of small arrays
Eval ode();      ///< a solution by Runge–Kutta
Eval particle(); ///< a minimum over a path that follows the gradient of a potential: nested gradients
Eval saddle();   ///< a minimum of a maximum: nested minimizations

std::vector<Eval> evals();

/** Runs a function of an eval until it has run `min_runs` times and for `min_seconds`, both of the input, and writes
 *  output and times. @throws Error if the eval has no such function */
void run(const Eval& eval, const std::string& function, const json& input);

} // namespace xgrad::gradbench
