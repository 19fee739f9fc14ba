#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/formats/elements.hpp>

#include <fmt/format.h>

namespace xgrad
{

namespace
{

std::size_t bytes_of(ElementType type, const Shape& shape) { return element_count(shape) * element_size(type); }

template <class T>
T element(const std::byte* bytes, std::size_t i)
{
    T value{};
    std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
    return value;
}

template <class From, class To>
[[noreturn]] void throw_misfit(const AnyArray& array, std::size_t i, From number)
{
    const ElementType wanted = detail::element_type_of<To>();
    const char* remedy = std::is_floating_point_v<From> ? "float64, or round it first" : "int64, or float64";
    throw DataError(fmt::format("[as] element {} of the {} array of shape {} is {}, which no {} is; ask for {}", i,
                                element_name(array.type()), to_string(array.shape()), number, element_name(wanted),
                                remedy));
}

} // namespace

std::string_view element_name(ElementType type)
{
    constexpr std::string_view names[] = {"bool",   "int8",   "int16",   "int32",    "int64",   "uint8",  "uint16",
                                          "uint32", "uint64", "float16", "bfloat16", "float32", "float64"};
    return names[static_cast<std::size_t>(type)];
}

std::size_t element_size(ElementType type)
{
    return detail::visit_type(type, [](auto kind) { return sizeof(kind); });
}

AnyArray::AnyArray(ElementType type, const Shape& shape) : type_(type), shape_(shape), bytes_(bytes_of(type, shape)) {}

AnyArray::AnyArray(ElementType type, const Shape& shape, const void* elements) : AnyArray(type, shape)
{
    std::copy_n(static_cast<const std::byte*>(elements), byte_count(), bytes());
}

template <class T>
Array<T> AnyArray::as() const
{
    Array<T> result = empty_array<T>(shape_);
    detail::visit_type(type_, [&](auto kind) {
        for (std::size_t i = 0; i < result.size(); ++i) {
            const auto number = detail::number_of(element<decltype(kind)>(bytes(), i));
            if (!detail::convert(number, result.data()[i])) [[unlikely]]
                throw_misfit<decltype(number), T>(*this, i, number);
        }
    });
    return result;
}

template Array<float> AnyArray::as() const;
template Array<double> AnyArray::as() const;
template Array<std::int32_t> AnyArray::as() const;
template Array<std::int64_t> AnyArray::as() const;
template Array<std::uint8_t> AnyArray::as() const;

} // namespace xgrad
