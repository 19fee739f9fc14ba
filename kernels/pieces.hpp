#pragma once
// The pieces into which large work is cut for threads to share. They depend on its size alone, not on the number of
// threads, and so do the bits.

#include <xgrad/base/workers.hpp>
#include <xgrad/kernels/geometry.hpp>
#include <xgrad/kernels/loops.hpp>

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

/** Calls f(range) for pieces of some things, so many elements each, which threads share if a pass over all takes long
 *  enough. What f computes of a thing must not depend on the piece. */
template <class F>
void for_pieces(std::size_t things, std::size_t elements_of_each, F f)
{
    constexpr std::size_t worthwhile = std::size_t{1} << 17; // elements
    const std::size_t pieces = std::min({things * elements_of_each / worthwhile, things, most_pieces});
    if (pieces < 2 || detail::is_shared_out())
        return f(Range{0, things});
    detail::parallel_for(pieces, [&](std::size_t i) { f(piece(i, pieces, things)); });
}

/** Calls f(begin, count) for pieces of so many elements, as `for_pieces` does. */
template <class F>
void for_pieces_of_elements(std::size_t count, F f)
{
    constexpr std::size_t line = 64; // elements: a piece begins where a line of the cache does
    for_pieces((count + line - 1) / line, line, [&](const Range& lines) {
        const std::size_t begin = lines.begin * line;
        f(begin, std::min(lines.end * line, count) - begin);
    });
}

/** Calls f(nest, where its arrays begin) for pieces of a nest of loops over so many elements, cut at one of the loops,
 *  as `for_pieces` does. */
template <std::size_t Arrays, class F>
void for_pieces_of_loops(const LoopNest<Arrays>& nest, std::size_t level, std::size_t elements, F f)
{
    const std::size_t turns = nest[level].extent;
    for_pieces(turns, elements / turns, [&](const Range& range) {
        if (range.size() == turns)
            return f(nest, typename LoopNest<Arrays>::Offsets{});
        LoopNest<Arrays> part = nest;
        const auto start = part.narrow(level, range.begin, range.end);
        f(part, start);
    });
}

} // namespace xgrad::kernels
