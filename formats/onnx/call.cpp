#include <xgrad/base/error.hpp>
#include <xgrad/formats/onnx/call.hpp>
#include <xgrad/ops/elementwise.hpp>

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace xgrad::onnx
{

bool is_real(ElementType type)
{
    return type == ElementType::float16 || type == ElementType::bfloat16 || type == ElementType::float32 ||
           type == ElementType::float64;
}

Whole wrapped(Whole numbers, ElementType type)
{
    const std::size_t bits = 8 * element_size(type);
    const bool is_signed = type == ElementType::int8 || type == ElementType::int16 || type == ElementType::int32;
    if (type == ElementType::boolean || bits == 64)
        return numbers;
    const std::int64_t period = std::int64_t{1} << bits, least = is_signed ? -period / 2 : 0;
    for (std::int64_t& number : numbers)
        if (number < least || number >= least + period)
            number = ((number - least) % period + period) % period + least;
    return numbers;
}

Whole as_whole(const Array<double>& numbers)
{
    Whole whole(numbers.shape());
    constexpr double bound = 9223372036854775808.; // 2^63
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const double number = numbers.data()[i];
        whole.data()[i] = number >= bound      ? std::numeric_limits<std::int64_t>::max()
                          : !(number > -bound) ? std::numeric_limits<std::int64_t>::min()
                                               : static_cast<std::int64_t>(std::llround(number));
    }
    return whole;
}

Whole as_whole(const Array<float>& numbers) { return as_whole(Array<double>(xt::cast<double>(numbers))); }

Labels as_labels(const Whole& numbers)
{
    for (const std::int64_t number : numbers)
        if (number != static_cast<std::int32_t>(number))
            throw DataError(fmt::format("the index {} does not fit 32 bits", number));
    return Labels(xt::cast<std::int32_t>(numbers));
}

template <class T>
void Call<T>::refuse(const std::string& why) const
{
    throw DataError(fmt::format("[onnx] {} {}", to_string(node), why));
}

template <class T>
const Operand<T>& Call<T>::operator[](std::size_t i) const
{
    if (!has(i))
        refuse(fmt::format("needs an input {}", i));
    return inputs[i];
}

template <class T>
Variable<T> Call<T>::real(std::size_t i) const
{
    return (*this)[i].as_variable();
}

template <class T>
const Whole& Call<T>::whole(std::size_t i) const
{
    const Operand<T>& input = (*this)[i];
    if (!input.is_whole())
        refuse(fmt::format("takes whole numbers as its input {}, not {}", i, element_name(*input.type)));
    return input.whole;
}

template <class T>
std::vector<std::int64_t> Call<T>::integers(std::size_t i) const
{
    const Whole& numbers = whole(i);
    return {numbers.begin(), numbers.end()};
}

template <class T>
std::optional<std::vector<std::int64_t>> Call<T>::list(std::string_view attribute, std::size_t input) const
{
    if (has(input))
        return integers(input);
    if (node.find(attribute) == nullptr)
        return std::nullopt;
    return node.integers(attribute);
}

template <class T>
std::size_t Call<T>::axis(std::int64_t axis, std::size_t dimension) const
{
    const auto count = static_cast<std::int64_t>(dimension);
    if (axis < -count || axis >= count)
        refuse(fmt::format("has the axis {}, of {}", axis, dimension));
    return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

template <class T>
Shape Call<T>::shape(const std::vector<std::int64_t>& extents) const
{
    Shape shape;
    for (const std::int64_t extent : extents) {
        if (extent < 0)
            refuse(fmt::format("has the extent {}", extent));
        shape.push_back(static_cast<std::size_t>(extent));
    }
    (void)element_count(shape);
    return shape;
}

template <class T>
Operands<T> evaluate(const Call<T>& call)
{
    static const Table<T> table = [] {
        Table<T> all;
        for (Table<T> family :
             {elementwise_table<T>(), reduction_table<T>(), constant_table<T>(), shape_table<T>(), indexing_table<T>(),
              layer_table<T>(), normalization_table<T>(), loss_table<T>(), recurrence_table<T>()})
            all.merge(family);
        return all;
    }();
    const auto found = table.find(call.node.op);
    const bool is_standard = call.node.domain.empty() || call.node.domain == "ai.onnx";
    if (found == table.end() || !is_standard)
        call.refuse("is an op that xgrad does not have; docs/onnx.md lists those that it has");
    return found->second(call);
}

template struct Call<float>;
template struct Call<double>;
template Operands<float> evaluate(const Call<float>& call);
template Operands<double> evaluate(const Call<double>& call);

} // namespace xgrad::onnx
