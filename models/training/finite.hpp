#pragma once

#include <xgrad/graph/parameters.hpp>

#include <cstdint>

namespace xgrad::detail
{

/** True if no element is NaN or infinite. */
inline bool all_finite(const Variables<float>& arrays)
{
    // A test of the bits, as this loop is vectorised: in NaN and infinity all bits of the exponent are 1.
    constexpr std::int32_t exponent = 0x7f800000;
    bool finite = true;
    for (const Variable<float>& array : arrays)
        for (std::size_t i = 0; i < array.size(); ++i)
            finite &= (__builtin_bit_cast(std::int32_t, array.data()[i]) & exponent) != exponent;
    return finite;
}

} // namespace xgrad::detail
