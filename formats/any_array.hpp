#pragma once

#include <xgrad/base/array.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace xgrad
{

/** The types of the numbers that files hold. */
enum class ElementType : std::uint8_t
{
    boolean,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
    float16,
    bfloat16,
    float32,
    float64
};

/** The name of a type as NumPy writes it: "bool", "int8", "float64". */
std::string_view element_name(ElementType type);

/** The number of bytes of one element. */
std::size_t element_size(ElementType type);

namespace detail
{

template <class T>
constexpr ElementType element_type_of()
{
    constexpr ElementType signed_types[] = {ElementType::int8, ElementType::int16, ElementType::int32,
                                            ElementType::int64};
    constexpr ElementType unsigned_types[] = {ElementType::uint8, ElementType::uint16, ElementType::uint32,
                                              ElementType::uint64};
    constexpr int log2_size = sizeof(T) == 8 ? 3 : sizeof(T) == 4 ? 2 : sizeof(T) == 2 ? 1 : 0;
    if constexpr (std::same_as<T, bool>)
        return ElementType::boolean;
    else if constexpr (std::floating_point<T>)
        return sizeof(T) == 8 ? ElementType::float64 : ElementType::float32;
    else if constexpr (std::is_signed_v<T>)
        return signed_types[log2_size];
    else
        return unsigned_types[log2_size];
}

} // namespace detail

/** An array whose type is known only when the program runs, such as one that was read from a file. It keeps the
 *  elements as they came, row-major: nothing is rounded before somebody asks for another type. */
class AnyArray
{
  public:
    /** No elements: shape (0) of float64. */
    AnyArray() : AnyArray(ElementType::float64, Shape{0}) {}

    /** An array of uninitialised elements. @throws ShapeError if it is larger than any memory */
    AnyArray(ElementType type, const Shape& shape);

    /** A copy of an array. */
    template <class T>
    requires(std::integral<T> || std::same_as<T, float> || std::same_as<T, double>) AnyArray(const Array<T>& values)
        : AnyArray(detail::element_type_of<T>(), values.shape(), values.data())
    {}

    ElementType type() const { return type_; }
    const Shape& shape() const { return shape_; }
    std::size_t size() const { return bytes_.size() / element_size(type_); }

    /** The elements as bytes, in the order of this machine. */
    const std::byte* bytes() const { return bytes_.data(); }
    std::byte* bytes() { return bytes_.data(); }
    std::size_t byte_count() const { return bytes_.size(); }

    /** The elements as another type: float, double, std::int32_t, std::int64_t or std::uint8_t.
     *
     *  A floating-point number becomes the nearest float or double. All else is exact, or an error: a finite number
     *  beyond the largest float, a whole number that a float or double cannot hold, a fraction, NaN or number out of
     *  range asked for as an integer. A boolean is 0 or 1.
     *
     *  @throws DataError if an element does not fit; it says which */
    template <class T>
    Array<T> as() const;

  private:
    AnyArray(ElementType type, const Shape& shape, const void* elements);

    ElementType type_;
    Shape shape_;
    Buffer<std::byte> bytes_;
};

extern template Array<float> AnyArray::as() const;
extern template Array<double> AnyArray::as() const;
extern template Array<std::int32_t> AnyArray::as() const;
extern template Array<std::int64_t> AnyArray::as() const;
extern template Array<std::uint8_t> AnyArray::as() const;

} // namespace xgrad
