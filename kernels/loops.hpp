#pragma once
// Loops over several arrays at once. Broadcasting, strided copies and reductions are all nests of loops in which each
// array has a stride of its own, 0 where its elements repeat.

#include <xgrad/base/array.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace xgrad::kernels
{

template <std::size_t Arrays>
struct Loop
{
    std::size_t extent;
    std::array<std::ptrdiff_t, Arrays> strides;
};

/** A nest of loops, the outermost first, at most one for each axis of a shape. */
template <std::size_t Arrays>
class LoopNest
{
  public:
    using Offsets = std::array<std::ptrdiff_t, Arrays>;
    static constexpr std::size_t max_depth = Shape::capacity;

    std::size_t depth() const { return depth_; }
    Loop<Arrays>& operator[](std::size_t level) { return loops_[level]; }
    const Loop<Arrays>& operator[](std::size_t level) const { return loops_[level]; }

    /** Adds an innermost loop. If the loop around it continues where this one ends, the two become one. */
    void push(std::size_t extent, const Offsets& strides)
    {
        if (extent == 1)
            return;
        if (depth_ > 0 && continues(loops_[depth_ - 1], extent, strides)) {
            loops_[depth_ - 1].extent *= extent;
            loops_[depth_ - 1].strides = strides;
            return;
        }
        loops_[depth_++] = Loop<Arrays>{extent, strides};
    }

    /** Leaves only the turns begin … end − 1 of a loop. @return  where the arrays then begin */
    Offsets narrow(std::size_t level, std::size_t begin, std::size_t end)
    {
        Loop<Arrays>& loop = loops_[level];
        Offsets start;
        for (std::size_t k = 0; k < Arrays; ++k)
            start[k] = static_cast<std::ptrdiff_t>(begin) * loop.strides[k];
        loop.extent = end - begin;
        return start;
    }

    /** Calls f(offsets) for each turn of the outermost `levels` loops. */
    template <class F>
    void for_each(std::size_t levels, F f) const
    {
        std::array<std::size_t, max_depth> index;
        std::fill_n(index.begin(), levels, std::size_t{0});
        Offsets offsets = {};
        for (;;) {
            f(offsets);
            std::size_t level = levels;
            for (; level > 0; --level) {
                const Loop<Arrays>& loop = loops_[level - 1];
                const bool more = ++index[level - 1] < loop.extent;
                const auto steps = more ? std::ptrdiff_t{1} : 1 - static_cast<std::ptrdiff_t>(loop.extent);
                for (std::size_t k = 0; k < Arrays; ++k)
                    offsets[k] += steps * loop.strides[k];
                if (more)
                    break;
                index[level - 1] = 0;
            }
            if (level == 0)
                return;
        }
    }

  private:
    static bool continues(const Loop<Arrays>& outer, std::size_t extent, const Offsets& strides)
    {
        for (std::size_t k = 0; k < Arrays; ++k)
            if (outer.strides[k] != static_cast<std::ptrdiff_t>(extent) * strides[k])
                return false;
        return true;
    }

    std::array<Loop<Arrays>, max_depth> loops_;
    std::size_t depth_ = 0;
};

} // namespace xgrad::kernels
