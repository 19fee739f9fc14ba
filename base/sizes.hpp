#pragma once
// Sums and products of sizes that cannot wrap around. Users give sizes as unsigned numbers, and so a −3 arrives as
// 2^64 − 3.

#include <cstddef>

namespace xgrad::detail
{

/** The largest number of elements of an array, and its largest extent: 2^40, more than any memory holds. Where a size
 *  has 32 bits, as in WebAssembly, 2^28 doubles fill half of the memory that can be addressed. */
inline constexpr std::size_t largest_size = std::size_t{1} << (sizeof(std::size_t) > 4 ? 40 : 28);

[[noreturn]] void throw_size(const char* op, const char* what, std::size_t size);

/** A size that a user gave. @throws ShapeError if it is larger than any array, as a negative number is */
inline std::size_t checked_size(const char* op, const char* what, std::size_t size)
{
    if (size > largest_size) [[unlikely]]
        throw_size(op, what, size);
    return size;
}

/** a + b of two sizes. @throws ShapeError if it is larger than any array */
inline std::size_t sum_of_sizes(const char* op, const char* what, std::size_t a, std::size_t b)
{
    return checked_size(op, what, checked_size(op, what, a) + checked_size(op, what, b));
}

/** a·b of two sizes. @throws ShapeError if it is larger than any array */
inline std::size_t product_of_sizes(const char* op, const char* what, std::size_t a, std::size_t b)
{
    std::size_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) [[unlikely]]
        throw_size(op, what, a > b ? a : b);
    return checked_size(op, what, product);
}

} // namespace xgrad::detail
