#pragma once
// The numbers of fields and types in an ONNX file: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

#include <xgrad/formats/any_array.hpp>

#include <cstdint>

namespace xgrad::onnx::fields
{

using Number = std::uint32_t;

namespace model
{
constexpr Number ir_version = 1, producer = 2, graph = 7, opset = 8, metadata = 14;
}
namespace opset
{
constexpr Number domain = 1, version = 2;
}
namespace entry // of metadata and of a tensor in another file
{
constexpr Number key = 1, value = 2;
}
namespace graph
{
constexpr Number node = 1, name = 2, initializer = 5, input = 11, output = 12, sparse_initializer = 15;
}
namespace node
{
constexpr Number input = 1, output = 2, name = 3, op = 4, attribute = 5, domain = 7;
}
namespace attribute
{
constexpr Number name = 1, real = 2, integer = 3, text = 4, tensor = 5, graph = 6, reals = 7, integers = 8, texts = 9,
                 kind = 20;
}
namespace tensor
{
constexpr Number extents = 1, type = 2, floats = 4, small_integers = 5, texts = 6, integers = 7, name = 8, raw = 9,
                 doubles = 10, unsigned_integers = 11, place = 13, location = 14;
}
namespace sparse_tensor
{
constexpr Number values = 1;
}
namespace value
{
constexpr Number name = 1, type = 2;
}
namespace type
{
constexpr Number tensor = 1;
}
namespace tensor_type
{
constexpr Number element = 1, shape = 2;
}
namespace shape
{
constexpr Number dimension = 1;
}
namespace dimension
{
constexpr Number extent = 1, name = 2;
}

/** The kinds of attributes by their numbers in the file. */
enum class AttributeKind : std::int64_t
{
    none,
    real,
    integer,
    text,
    tensor,
    graph,
    reals,
    integers,
    texts
};

/** A type of elements by its number in the file. */
struct ElementNumber
{
    std::int64_t number;
    ElementType type;
};

constexpr ElementNumber element_numbers[] = {
    {1, ElementType::float32},  {2, ElementType::uint8},    {3, ElementType::int8},    {4, ElementType::uint16},
    {5, ElementType::int16},    {6, ElementType::int32},    {7, ElementType::int64},   {9, ElementType::boolean},
    {10, ElementType::float16}, {11, ElementType::float64}, {12, ElementType::uint32}, {13, ElementType::uint64},
    {16, ElementType::bfloat16}};

} // namespace xgrad::onnx::fields
