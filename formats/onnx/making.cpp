// ONNX' ops that make constants: shapes, ranges, arrays of one number.
#include <xgrad/formats/onnx/call.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace xgrad::onnx
{

namespace
{

Whole whole_of(const std::vector<std::int64_t>& numbers)
{
    Whole whole(Shape{numbers.size()});
    std::copy(numbers.begin(), numbers.end(), whole.begin());
    return whole;
}

template <class T>
Operands<T> constants(const Call<T>& call)
{
    const auto vector_of = [](const auto& numbers) {
        Array<T> values(Shape{numbers.size()});
        std::copy(numbers.begin(), numbers.end(), values.begin());
        return values;
    };
    if (call.node.find("value") != nullptr)
        return {call.node.tensor("value")};
    if (call.node.find("value_float") != nullptr)
        return {constant<T>(T(call.node.real("value_float")))};
    if (call.node.find("value_int") != nullptr)
        return {{Whole(Shape{}, call.node.integer("value_int")), ElementType::int64}};
    if (call.node.find("value_ints") != nullptr)
        return {{whole_of(call.node.integers("value_ints")), ElementType::int64}};
    if (call.node.find("value_floats") != nullptr)
        return {constant(vector_of(call.node.reals("value_floats")))};
    call.refuse("has a value that is no array of numbers");
}

template <class T>
Operands<T> filled(const Call<T>& call)
{
    const Shape shape = call.shape(call.integers(0));
    if (call.node.find("value") == nullptr)
        return {constant(Array<T>(shape, T(0)))};
    const AnyArray& value = call.node.tensor("value");
    if (value.size() != 1)
        call.refuse("needs one value");
    if (is_real(value.type()))
        return {constant(Array<T>(shape, value.as<T>().data()[0]))};
    return {{Whole(shape, value.as<std::int64_t>().data()[0]), value.type()}};
}

template <class T>
Operands<T> counted(const Call<T>& call)
{
    const auto number = [&](std::size_t i) { return static_cast<double>(call.real(i).value().data()[0]); };
    const double begin = number(0), end = number(1), step = number(2), count = std::ceil((end - begin) / step);
    if (!(count < 1e9))
        call.refuse(fmt::format("counts from {} to {} in steps of {}", begin, end, step));
    Array<double> numbers(Shape{static_cast<std::size_t>(std::max(count, 0.))});
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers.data()[i] = begin + static_cast<double>(i) * step;
    if (call[0].is_whole())
        return {{as_whole(numbers), *call[0].type}};
    return {constant(Array<T>(xt::cast<T>(numbers)))};
}

template <class T>
Operands<T> extents(const Call<T>& call)
{
    const Shape& shape = call[0].shape();
    const auto dimension = static_cast<std::int64_t>(shape.size());
    const auto place = [&](std::int64_t at) {
        return static_cast<std::size_t>(std::clamp(at < 0 ? at + dimension : at, std::int64_t{0}, dimension));
    };
    const std::size_t begin = place(call.node.integer("start", 0)), end = place(call.node.integer("end", dimension));
    std::vector<std::int64_t> some;
    for (std::size_t i = begin; i < end; ++i)
        some.push_back(static_cast<std::int64_t>(shape[i]));
    return {{whole_of(some), ElementType::int64}};
}

} // namespace

template <class T>
Table<T> constant_table()
{
    return {
        {"Constant", constants<T>},
        {"ConstantOfShape", filled<T>},
        {"Range", counted<T>},
        {"Shape", extents<T>},
        {"Size",
         [](const Call<T>& call) -> Operands<T> {
             const auto size = static_cast<std::int64_t>(element_count(call[0].shape()));
             return {{Whole(Shape{}, size), ElementType::int64}};
         }},
    };
}

template Table<float> constant_table();
template Table<double> constant_table();

} // namespace xgrad::onnx
