#pragma once
// The numbers in files: their types, what becomes of one in another type, and how a reader takes them in.

#include <xgrad/formats/any_array.hpp>
#include <xgrad/formats/bytes.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

namespace xgrad::detail
{

/** A number of 16 bits as IEEE 754 has it: 5 bits of exponent. */
struct Float16
{
    std::uint16_t bits;
};

/** The upper half of a float. */
struct Bfloat16
{
    std::uint16_t bits;
};

inline float number_of(Float16 half)
{
    constexpr int fraction_bits = 10, bias = 15, all_ones = 31;
    const int exponent = half.bits >> fraction_bits & all_ones;
    const auto fraction = static_cast<float>(half.bits & ((1 << fraction_bits) - 1));
    constexpr float implicit = 1 << fraction_bits;
    float size = 0;
    if (exponent == all_ones)
        size = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
    else if (exponent == 0)
        size = std::ldexp(fraction, 1 - bias - fraction_bits);
    else
        size = std::ldexp(implicit + fraction, exponent - bias - fraction_bits);
    return half.bits >> 15 != 0 ? -size : size;
}
inline float number_of(Bfloat16 half) { return __builtin_bit_cast(float, std::uint32_t{half.bits} << 16); }
template <class T>
T number_of(T number)
{
    return number;
}

/** Calls f with a value of the type that is meant, and returns its result. */
template <class F>
auto visit_type(ElementType type, const F& f)
{
    switch (type) {
    case ElementType::boolean:
        return f(bool{});
    case ElementType::int8:
        return f(std::int8_t{});
    case ElementType::int16:
        return f(std::int16_t{});
    case ElementType::int32:
        return f(std::int32_t{});
    case ElementType::int64:
        return f(std::int64_t{});
    case ElementType::uint8:
        return f(std::uint8_t{});
    case ElementType::uint16:
        return f(std::uint16_t{});
    case ElementType::uint32:
        return f(std::uint32_t{});
    case ElementType::uint64:
        return f(std::uint64_t{});
    case ElementType::float16:
        return f(Float16{});
    case ElementType::bfloat16:
        return f(Bfloat16{});
    case ElementType::float32:
        return f(float{});
    case ElementType::float64:
        break;
    }
    return f(double{});
}

/** Converts as AnyArray::as says. @return  false if `to` cannot hold the number */
template <class From, class To>
bool convert(From from, To& to)
{
    if constexpr (std::is_same_v<From, To>) {
        to = from;
        return true;
    } else if constexpr (std::is_same_v<To, bool>) {
        to = from != From{};
        return true;
    } else if constexpr (std::is_same_v<From, bool>) {
        to = static_cast<To>(from ? 1 : 0);
        return true;
    } else if constexpr (std::is_floating_point_v<From> && std::is_floating_point_v<To>) {
        to = static_cast<To>(from);
        return std::isfinite(to) || !std::isfinite(from);
    } else if constexpr (std::is_floating_point_v<From>) {
        const double number = from, end = std::ldexp(1.0, std::numeric_limits<To>::digits);
        const double first = std::is_signed_v<To> ? -end : 0.0;
        if (!(number >= first && number < end) || number != std::trunc(number))
            return false;
        to = static_cast<To>(number);
        return true;
    } else if constexpr (std::is_floating_point_v<To>) {
        const auto bits = static_cast<std::uint64_t>(from);
        const std::uint64_t size = std::is_signed_v<From> && from < From{} ? 0 - bits : bits;
        to = static_cast<To>(from);
        const auto bits_to_hold = static_cast<int>(std::bit_width(size)) - std::countr_zero(size);
        return size == 0 || bits_to_hold <= std::numeric_limits<To>::digits;
    } else {
        to = static_cast<To>(from);
        return std::in_range<To>(from);
    }
}

/** The places of the elements of a row-major array, in the order in which a file has them. */
class Places
{
  public:
    Places(const Shape& shape, bool column_major) : shape_(shape), strides_(shape.size()), index_(shape.size())
    {
        std::size_t stride = 1;
        for (std::size_t axis = shape.size(); axis-- > 0; stride *= shape[axis])
            strides_[axis] = stride;
        if (!column_major) { // the last axis first
            std::reverse(shape_.begin(), shape_.end());
            std::reverse(strides_.begin(), strides_.end());
        }
    }

    std::size_t place() const { return place_; }

    void next()
    {
        for (std::size_t axis = 0; axis < shape_.size(); ++axis) {
            place_ += strides_[axis];
            if (++index_[axis] < shape_[axis])
                return;
            place_ -= strides_[axis] * shape_[axis];
            index_[axis] = 0;
        }
    }

  private:
    Shape shape_, strides_, index_;
    std::size_t place_ = 0;
};

/** Elements in a file: what they are there, and what array they become. */
struct ElementLayout
{
    ElementType stored; ///< the type in the file
    ElementType type;   ///< the type of the array; not a type of 16 bits if it differs
    Shape shape;
    bool big_endian = false;
    bool column_major = false; ///< the first index is the fastest, as in Fortran
};

/** Reads the elements of an array. It takes no memory before it knows that all of them are there.
 *
 *  @throws DataError if there are fewer bytes, or an element does not fit the type of the array */
AnyArray read_elements(Bytes& bytes, const ElementLayout& layout);

/** The number of bytes of the elements. @throws DataError if there cannot be so many */
std::uint64_t promised_bytes(const Bytes& bytes, ElementType type, const Shape& shape);

} // namespace xgrad::detail
