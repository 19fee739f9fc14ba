#pragma once
// The pieces into which large work is cut for threads to share. They depend on its size alone, not on the number of
// threads, and so do the bits.

#include <xgrad/base/workers.hpp>
#include <xgrad/kernels/geometry.hpp>

#include <algorithm>

namespace xgrad::kernels
{

constexpr std::size_t most_pieces = 64;

/** The number of pieces that so many multiply-adds are worth. Each piece has `least` or more of the `things`. */
inline std::size_t pieces_for(std::size_t multiply_adds, std::size_t things, std::size_t least)
{
    constexpr std::size_t worthwhile = std::size_t{1} << 22; // some 50 µs, as long as a thread takes to wake up
    if (detail::is_shared_out())
        return 1;
    return std::max<std::size_t>(std::min({multiply_adds / worthwhile, things / least, most_pieces}), 1);
}

/** The i-th of `pieces` pieces of a whole, as even as possible. */
inline Range piece(std::size_t i, std::size_t pieces, std::size_t whole)
{
    return {i * whole / pieces, (i + 1) * whole / pieces};
}

} // namespace xgrad::kernels
