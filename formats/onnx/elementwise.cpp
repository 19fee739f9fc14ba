// ONNX' functions of one element of each input, with broadcasting: https://onnx.ai/onnx/operators
#include <xgrad/formats/onnx/call.hpp>
#include <xgrad/formats/onnx/tensors.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/comparison.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/two_arguments.hpp>

#include <cstdint>
#include <optional>

namespace xgrad::onnx
{

namespace
{

constexpr ElementType boolean = ElementType::boolean;

/** Folds a function of two variables over all inputs. */
template <class T, class F>
Operand<T> fold(const Call<T>& call, F f)
{
    Operand<T> result = call[0];
    for (std::size_t i = 1; i < call.inputs.size(); ++i)
        result = lift(call.with({result, call[i]}), f);
    return result;
}

/** x for min ≤ x ≤ max, each of which may be left out. */
template <class T>
Operand<T> clipped(const Call<T>& call)
{
    Call<T> rest = call.with({call[0]});
    const auto with = [&](std::size_t i, const char* attribute, auto f) {
        if (call.has(i))
            rest.inputs.push_back(call[i]);
        else if (call.node.find(attribute) != nullptr)
            rest.inputs.push_back(constant<T>(T(call.node.real(attribute))));
        else
            return;
        rest.inputs = {lift(rest, f)};
    };
    with(1, "min", [](auto x, auto low) { return maximum(x, low); });
    with(2, "max", [](auto x, auto high) { return minimum(x, high); });
    return rest.inputs[0];
}

template <class T>
Operand<T> quotient(const Call<T>& call)
{
    if (call[0].is_whole() && call[1].is_whole())
        return lift(call, [](auto a, auto b) { return trunc(divide(a, b)); });
    return lift(call, [](auto a, auto b) { return divide(a, b); });
}

template <class T>
Operand<T> as_type(const Operand<T>& x, ElementType type)
{
    if (is_real(type))
        return x.as_variable();
    if (type == boolean)
        return {x.is_whole() ? Whole(xt::cast<std::int64_t>(xt::not_equal(x.whole, 0)))
                             : Whole(xt::cast<std::int64_t>(xt::not_equal(x.real.value(), T(0)))),
                type};
    return {x.is_whole() ? x.whole : as_whole(trunc(x.real).value()), type};
}

template <class T>
Operand<T> selu_of(const Call<T>& call)
{
    const double alpha = call.node.real("alpha", 1.67326319217681884765625f);
    const double gamma = call.node.real("gamma", 1.05070102214813232421875f);
    return gamma * elu(call.real(0), alpha);
}

} // namespace

#define UNARY(NAME, FUNCTION)                                                                                          \
    {                                                                                                                  \
        NAME, [](const Call<T>& call) -> Operands<T> { return {lift(call, [](auto x) { return FUNCTION(x); })}; }      \
    }
#define BINARY(NAME, FUNCTION)                                                                                         \
    {                                                                                                                  \
        NAME, [](const Call<T>& call) -> Operands<T> {                                                                 \
            return {lift(call, [](auto a, auto b) { return FUNCTION(a, b); })};                                        \
        }                                                                                                              \
    }
#define COMPARISON(NAME, FUNCTION)                                                                                     \
    {                                                                                                                  \
        NAME, [](const Call<T>& call) -> Operands<T> {                                                                 \
            return {lift(                                                                                              \
                call, [](auto a, auto b) { return FUNCTION(a, b); }, boolean)};                                        \
        }                                                                                                              \
    }
#define WITH(NAME, EXPRESSION)                                                                                         \
    {                                                                                                                  \
        NAME, [](const Call<T>& call) -> Operands<T> { return {EXPRESSION}; }                                          \
    }

template <class T>
Table<T> elementwise_table()
{
    return {
        UNARY("Abs", abs), UNARY("Acos", acos), UNARY("Acosh", acosh), UNARY("Asin", asin), UNARY("Asinh", asinh),
        UNARY("Atan", atan), UNARY("Atanh", atanh), UNARY("Ceil", ceil), UNARY("Cos", cos), UNARY("Cosh", cosh),
        UNARY("Erf", erf), UNARY("Exp", exp), UNARY("Floor", floor), UNARY("HardSwish", hard_swish), UNARY("Log", log),
        UNARY("Neg", negative), UNARY("Relu", relu), UNARY("Round", rint), UNARY("Sigmoid", sigmoid),
        UNARY("Sign", sign), UNARY("Sin", sin), UNARY("Sinh", sinh), UNARY("Softplus", softplus),
        UNARY("Softsign", softsign), UNARY("Sqrt", sqrt), UNARY("Tan", tan), UNARY("Tanh", tanh),
        BINARY("Add", add), BINARY("Sub", subtract), BINARY("Mul", multiply), BINARY("Pow", pow),
        BINARY("PRelu", [](auto x, auto s) { return where(x > 0, x, multiply(s, x)); }), COMPARISON("And", logical_and),
        COMPARISON("Or", logical_or), COMPARISON("Xor", not_equal), COMPARISON("Equal", equal),
        COMPARISON("Greater", greater), COMPARISON("GreaterOrEqual", greater_equal), COMPARISON("Less", less),
        COMPARISON("LessOrEqual", less_equal),
        WITH("Div", quotient(call)),
        WITH("Identity", call[0]),
        WITH("Not", (lift(
                        call, [](auto x) { return logical_not(x); }, boolean))),
        WITH("IsNaN", (lift(
                          call, [](auto x) { return isnan(x); }, boolean))),
        WITH("IsInf",
             (lift(
                 call,
                 [&](auto x) {
                     auto y = isinf(x);
                     if (call.node.integer("detect_negative", 1) == 0)
                         y = logical_and(y, x > 0);
                     if (call.node.integer("detect_positive", 1) == 0)
                         y = logical_and(y, x < 0);
                     return y;
                 },
                 boolean))),
        WITH("Mod", (call.node.integer("fmod", 0) != 0 ? lift(call, [](auto a, auto b) { return fmod(a, b); })
                                                       : lift(call, [](auto a, auto b) { return a - b * floor(a / b); }))),
        WITH("Reciprocal", Operand<T>(1 / call.real(0))),
        WITH("LeakyRelu", Operand<T>(leaky_relu(call.real(0), call.node.real("alpha", 0.01f)))),
        WITH("Elu", Operand<T>(elu(call.real(0), call.node.real("alpha", 1)))),
        WITH("Celu", Operand<T>(call.node.real("alpha", 1) * elu(call.real(0) / call.node.real("alpha", 1)))),
        WITH("Selu", selu_of(call)),
        WITH("HardSigmoid",
             Operand<T>(clip(call.node.real("alpha", 0.2f) * call.real(0) + call.node.real("beta", 0.5f), 0, 1))),
        WITH("ThresholdedRelu", Operand<T>(where(call.real(0) > call.node.real("alpha", 1), call.real(0), 0))),
        WITH("Shrink",
             (lift(call,
                   [&](auto x) {
                       const double l = call.node.real("lambd", 0.5f), b = call.node.real("bias", 0);
                       return where(x < -l, x + b, where(x > l, x - b, 0));
                   }))),
        WITH("Clip", clipped(call)),
        WITH("Max", (fold(call, [](auto a, auto b) { return maximum(a, b); }))),
        WITH("Min", (fold(call, [](auto a, auto b) { return minimum(a, b); }))),
        WITH("Sum", (fold(call, [](auto a, auto b) { return add(a, b); }))),
        WITH("Mean", Operand<T>(fold(call, [](auto a, auto b) { return add(a, b); }).real /
                                static_cast<double>(call.inputs.size()))),
        {"Where",
         [](const Call<T>& call) -> Operands<T> {
             const Whole& condition = call.whole(0);
             const Call<T> rest = call.with({call[1], call[2]});
             return {lift(rest, [&]<class X>(Variable<X> a, Variable<X> b) {
 return where(as_real<X>(condition), a, b);
             })};
         }},
        {"Cast",
         [](const Call<T>& call) -> Operands<T> {
             const std::optional<ElementType> type = element_type(call.node.integer("to"));
             if (!type)
                 call.refuse("makes texts or complex numbers");
             return {as_type(call[0], *type)};
         }},
        WITH("CastLike", as_type(call[0], *call[1].type)),
        {"Dropout",
         [](const Call<T>& call) -> Operands<T> {
             const bool is_training = call.has(2) && call.whole(2).data()[0] != 0;
             if (is_training && (!call.has(1) || call.real(1).value().data()[0] != 0))
                 call.refuse("draws random numbers in training: leave its input training_mode out");
             Whole kept(call[0].shape(), 1);
             return {call[0], {kept, boolean}};
         }},
    };
}

template Table<float> elementwise_table();
template Table<double> elementwise_table();

} // namespace xgrad::onnx
