#pragma once
// A node of an ONNX graph and the values that it reads, for the functions that compute its outputs.

#include <xgrad/formats/onnx/model.hpp>
#include <xgrad/graph/variable.hpp>
#include <xgrad/ops/shape.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace xgrad::onnx
{

/** Whole numbers; a truth value is 0 or 1. */
using Whole = Array<std::int64_t>;

bool is_real(ElementType type);

/** The numbers as a type of fewer bits holds them: 256 is 0 as uint8. */
Whole wrapped(Whole numbers, ElementType type);

template <class T>
Variable<T> as_real(const Whole& numbers)
{
    return constant(Array<T>(xt::cast<T>(numbers)));
}
/** The nearest whole numbers; those beyond 64 bits become the last ones. */
Whole as_whole(const Array<double>& numbers);
Whole as_whole(const Array<float>& numbers);
Labels as_labels(const Whole& numbers);

/** A value between nodes: real numbers, which have gradients, or whole numbers and truth values, which have none and
 *  are exact. An input that is left out is neither. */
template <class T>
struct Operand
{
    Operand() = default;
    Operand(Variable<T> numbers) : real(std::move(numbers)), type(ElementType::float32) {}
    Operand(Whole numbers, ElementType of) : whole(wrapped(std::move(numbers), of)), type(of) {}
    /** The numbers of a file, real or whole by their type. */
    Operand(const AnyArray& array)
    {
        if (is_real(array.type()))
            *this = constant(array.as<T>());
        else
            *this = {array.as<std::int64_t>(), array.type()};
    }

    bool is_there() const { return type.has_value(); }
    bool is_whole() const { return is_there() && !is_real(*type); }
    const Shape& shape() const { return is_whole() ? whole.shape() : real.shape(); }
    /** The numbers, whole ones as real ones. */
    Variable<T> as_variable() const { return is_whole() ? as_real<T>(whole) : real; }

    Variable<T> real = {};
    Whole whole = {};
    std::optional<ElementType> type = {};
};

template <class T>
using Operands = std::vector<Operand<T>>;

/** One node with its inputs. */
template <class T>
struct Call
{
    const Node& node;
    std::int64_t opset;
    Operands<T> inputs;

    /** The same node with other inputs. */
    Call with(Operands<T> others) const { return {node, opset, std::move(others)}; }

    bool has(std::size_t i) const { return i < inputs.size() && inputs[i].is_there(); }
    /** An input. @throws DataError if it is left out */
    const Operand<T>& operator[](std::size_t i) const;
    /** An input as real numbers. */
    Variable<T> real(std::size_t i) const;
    /** An input of whole numbers. @throws DataError if they are not */
    const Whole& whole(std::size_t i) const;
    /** The elements of an input of whole numbers, in order. */
    std::vector<std::int64_t> integers(std::size_t i) const;
    /** A list that older opsets have as an attribute and newer ones as an input; none if it is left out. */
    std::optional<std::vector<std::int64_t>> list(std::string_view attribute, std::size_t input) const;
    /** An axis, counted from 0. @throws DataError if there is no such axis of so many */
    std::size_t axis(std::int64_t axis, std::size_t dimension) const;

    /** A list of extents as a shape. @throws DataError if one is below 0; ShapeError if no memory could hold it */
    Shape shape(const std::vector<std::int64_t>& extents) const;

    /** @throws DataError "node 'x' (Op) why" */
    [[noreturn]] void refuse(const std::string& why) const;
};

/** Applies a function of variables to the inputs: to variables of T if one of them is real, else to variables of
 * double, whose results are taken as whole numbers of the first input's type, or of the given one. */
template <class T, class F>
Operand<T> lift(const Call<T>& call, F&& f, std::optional<ElementType> result = {})
{
    const auto apply = [&](auto value) {
        if constexpr (std::is_invocable_v<F, decltype(value(0))>)
            return f(value(0));
        else
            return f(value(0), value(1));
    };
    bool is_whole = true;
    for (const Operand<T>& input : call.inputs)
        is_whole = is_whole && (input.is_whole() || !input.is_there());
    if (is_whole)
        return {as_whole(apply([&](std::size_t i) { return as_real<double>(call.whole(i)); }).value()),
                result.value_or(*call[0].type)};
    const Variable<T> y = apply([&](std::size_t i) { return call.real(i); });
    if (!result)
        return y;
    return {as_whole(y.value()), *result};
}

/** Functions of a family of ops, by the names of ONNX. Each returns the outputs, at least the first one. */
template <class T>
using Table = std::map<std::string_view, Operands<T> (*)(const Call<T>&)>;

template <class T>
Table<T> elementwise_table();
template <class T>
Table<T> reduction_table();
template <class T>
Table<T> constant_table();
template <class T>
Table<T> shape_table();
template <class T>
Table<T> indexing_table();
template <class T>
Table<T> layer_table();
template <class T>
Table<T> normalization_table();
template <class T>
Table<T> loss_table();
template <class T>
Table<T> recurrence_table();

/** The outputs of a node. @throws DataError if xgrad does not have the op */
template <class T>
Operands<T> evaluate(const Call<T>& call);

} // namespace xgrad::onnx
