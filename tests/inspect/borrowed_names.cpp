// Ops of a user that have the name of one of the library's, and nothing else of it.
#include "apps/gradcheck/cases.hpp"
#include "long.hpp"
#include <xgrad/xgrad.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace xgrad;

namespace
{

/** The names of the library's ops: those that are called, and those that their rules and printing know. */
std::set<std::string> library_names()
{
    std::set<std::string> names = {"correlate2d_kernel", "place_winners", "place_last", "take_last",
                                   "mean_pool2d_input",  "sum_to",        "greater",    "elementwise"};
    for (const test::GradientCase& each : test::gradient_cases())
        names.insert(each.op);
    return names;
}

/** 2·a, or a·b, the sum of it if `to_number`, as an op with this name. */
Variable<double> op(const std::string& name, const Parameters<double>& inputs, bool to_number)
{
    const auto of_each = [](const Variable<double>& factor) {
        return [factor](const auto& g, const Shape& shape) { return broadcast_to(g, shape) * factor; };
    };
    const Variable<double>&a = inputs[0], b = inputs.size() == 2 ? inputs[1] : constant(Array<double>(Shape{}, 2.0));
    const auto value = [&]() -> Array<double> {
        Array<double> product = a.value() * b.value();
        if (to_number)
            return Array<double>(Shape{}, xt::sum(product)());
        return product;
    };
    return inputs.size() == 1 ? record(name.c_str(), value, wrt(a, of_each(b)))
                              : record(name.c_str(), value, wrt(a, of_each(b)), wrt(b, of_each(a)));
}

Parameters<double> inputs_of(std::size_t count, std::size_t rank)
{
    Parameters<double> inputs;
    for (std::size_t i = 0; i < count; ++i)
        inputs.add(i == 0 ? "a" : "b", variable(Array<double>(Shape(rank, 2), 1.5 + static_cast<double>(i))));
    return inputs;
}

/** Calls f(inputs, loss) for the name and inputs of several numbers and ranks. */
template <class F>
void for_each_use(const std::string& name, F f)
{
    CAPTURE(name);
    for (const std::size_t count : {1u, 2u})
        for (const std::size_t rank : {0u, 1u, 2u, 4u})
            for (const bool to_number : {false, true}) {
                CAPTURE(count);
                CAPTURE(rank);
                CAPTURE(to_number);
                const Parameters<double> inputs = inputs_of(count, rank);
                f(inputs, [=] { return sum(square(op(name, inputs, to_number))); });
            }
}

} // namespace

TEST_CASE("an op of a user with the name of one of the library's is printed and drawn")
{
    for (const std::string& name : library_names())
        for_each_use(name, [&](const Parameters<double>& inputs, const std::function<Variable<double>()>& loss) {
            const Graph graph = graph_of_gradient<double>(loss, inputs);
            for (const auto print : {to_text, to_latex, to_html, to_dot, to_svg})
                CHECK_FALSE(print(graph).empty());
        });
}

TEST_CASE("an op of a user with the name of one of the library's is compared")
{
    for (const std::string& name : library_names())
        for_each_use(name, [&](const Parameters<double>& inputs, const std::function<Variable<double>()>& loss) {
            std::vector<HandwrittenGradient> wrong, right;
            for (const Variable<double>& each : value_and_gradient(inputs, loss).gradients) {
                const Array<double> gradient = each.value();
                right.emplace_back([=] { return gradient; });
                wrong.emplace_back([=] { return Array<double>(gradient + 1); });
            }
            CHECK(compare(loss, inputs, right).agrees());
            CHECK_FALSE(compare(loss, inputs, wrong).agrees());
        });
}

TEST_CASE("no op of the library is taken for a user's" * test::is_long)
{
    for (const test::GradientCase& each : test::gradient_cases()) {
        CAPTURE(each.op);
        CAPTURE(each.variant);
        Variables<double> xs;
        Parameters<double> parameters;
        for (const Array<double>& input : each.inputs) {
            xs.push_back(variable(Array<double>(input)));
            parameters.add(std::to_string(xs.size()), xs.back());
        }
        const std::function<Variable<double>()> loss = [&] { return sum(each.function(xs)); };
        for (const GraphValue& value : graph_of_loss(loss, parameters).values)
            CHECK_FALSE(value.op.starts_with("user_"));
    }
}
