#pragma once

#include "draw.hpp"
#include <xgrad/graph/tape.hpp>

#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <torch/torch.h>
#include <vector>

// A family draws configurations: some arrays, and what xgrad and libtorch compute of them. All else is the same for all
// families, in run.cpp.

namespace agree
{

using Tensor = torch::Tensor;
using Tensors = std::vector<Tensor>;
using Variable = xgrad::Variable<double>;
using Variables = xgrad::Variables<double>;

/** The parts that are compared. */
enum class Part : unsigned char
{
    values,
    gradients,
    second, ///< the gradients of a sum of the gradients
    refusal ///< one library throws, the other one does not
};

/** The place of a difference: element `element` of result or gradient number `array`, and the size of the difference.
 */
struct Place
{
    Part part;
    std::size_t array, element;
    double relative = std::numeric_limits<double>::infinity();
};

/** One computation that both libraries can do. */
struct Configuration
{
    std::vector<Array<double>> inputs;
    std::function<Variables(const Variables&)> ours;
    std::function<Tensors(const Tensors&)> theirs;
    /** The reason for which the libraries may differ at a place; null if they may not. */
    std::function<const char*(const Place&)> excuse = {};
    bool by_element = false;    ///< true if each element is compared by its own size
    bool differentiable = true; ///< false to compare values alone
    bool second_order = true;   ///< false to leave out the second derivatives

    /** @param f, g  return one result or a list of them */
    template <class F, class G>
    Configuration(std::vector<Array<double>> arrays, F f, G g)
        : inputs(std::move(arrays)),
          ours([f = std::move(f)](const Variables& xs) { return listed<Variables, Variable>(f(xs)); }),
          theirs([g = std::move(g)](const Tensors& ts) { return listed<Tensors, Tensor>(g(ts)); })
    {}

    /** The same with a reason that is good for all places, if the condition holds. */
    Configuration except(const char* reason, bool condition = true) &&
    {
        if (condition)
            excuse = [reason](const Place&) { return reason; };
        return std::move(*this);
    }
    Configuration except(std::function<const char*(const Place&)> reasons) &&
    {
        excuse = std::move(reasons);
        return std::move(*this);
    }
    Configuration values_only() &&
    {
        differentiable = false;
        return std::move(*this);
    }

  private:
    template <class List, class One, class Result>
    static List listed(Result result)
    {
        if constexpr (std::is_same_v<Result, List>)
            return result;
        else
            return List{One(std::move(result))};
    }
};

struct Family
{
    std::string name;
    std::function<Configuration(Draw&)> draw;
};
using Families = std::vector<Family>;

// The families, a file for each of these.
Families elementwise_families();
Families pair_families();
Families reduction_families();
Families move_families();
Families indexing_families();
Families product_families();
Families linalg_families();
Families convolution_families();
Families image_families();
Families layer_families();
Families sequence_families();
Families loss_families();
Families optimizer_families();

// Values for libtorch.
Tensor tensor(const Array<double>& x);
Tensor tensor(const Labels& labels);
Integers sizes(const Shape& shape);
inline std::int64_t size(std::size_t n) { return static_cast<std::int64_t>(n); }
Array<double> array(const Tensor& x);
Labels labels(const Tensor& x);
/** Labels as numbers, a result without a gradient. */
Variable numbers(const Labels& labels);

} // namespace agree
