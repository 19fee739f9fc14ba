#pragma once

#include <xgrad/base/memory.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace xgrad::detail
{

/** The number of neighbours among so many parts that an ordered sum adds one after the other: up to four, but at least
 *  eight leaves are left for processes to share. */
inline std::size_t added_together(std::size_t parts)
{
    return std::clamp(std::bit_floor(parts / 8), std::size_t{1}, std::size_t{4});
}

/** The number of leaves that processes can share of a sum of so many parts, one or more. */
inline std::size_t leaves_of(std::size_t parts) { return (parts - 1) / added_together(parts) + 1; }

/** The sum of parts that threads put in. It is added up in a fixed order, by whichever thread completes a partial sum.
 *  Up to four neighbours are added one after the other, then pairs of these sums, pairs of pairs, and so on. So a
 *  thread that has computed all four neighbours holds only one sum and one part.
 *
 *  Several processes can share the parts: the tree's leaves are groups of such neighbours. Joining adds up their sums.
 *
 *  @param Add  a function add(Part& sum, Part& part) that adds the part to the sum and may free the part's memory */
template <class Part, class Add>
class OrderedSum
{
  public:
    OrderedSum(std::size_t parts, Add add) : OrderedSum(parts, std::move(add), 0, parts) {}
    /** The sum of this process, which puts in the parts begin … end − 1 of a whole subtree. */
    OrderedSum(std::size_t parts, Add add, std::size_t begin, std::size_t end)
        : together_(added_together(parts)),
          begin_(begin),
          end_(end),
          parts_(parts),
          arrived_(parts),
          add_(std::move(add))
    {}

    /** Puts in the part of an index. Call it once for each index, on any threads at once. */
    void put(std::size_t index, Part&& part)
    {
        parts_[index] = std::move(part);
        const std::size_t first = index / together_ * together_, end = std::min(first + together_, parts_.size());
        for (std::size_t right = std::max(index, first + 1); right < end; ++right)
            if (!add(first, right))
                return;
        for (std::size_t distance = together_; distance < parts_.size(); distance *= 2) {
            const std::size_t left = first / (2 * distance) * (2 * distance), right = left + distance;
            if (right >= parts_.size())
                continue;
            if (left < begin_ || right >= end_ || !add(left, right))
                return;
        }
    }

    /** The sum of this process, which is empty if it has no parts. */
    Part& own() { return begin_ < end_ ? parts_[begin_] : nothing_; }

    /** The sum, after all parts have been put in. */
    Part take() { return std::move(own()); }

  private:
    template <class T>
    using PooledVector = std::vector<T, PooledAllocator<T>>;

    /** Adds part `right` to part `left` if both have arrived, and returns whether it did. If not, the thread that puts
     *  in the missing one will. Each part is on the right in one pair only. */
    bool add(std::size_t left, std::size_t right)
    {
        if (arrived_[right].fetch_add(1, std::memory_order_acq_rel) == 0)
            return false;
        add_(parts_[left], parts_[right]);
        return true;
    }

    std::size_t together_, begin_, end_;
    PooledVector<Part> parts_;
    Part nothing_{};
    PooledVector<std::atomic<std::uint8_t>> arrived_; // for the pair in which this part is on the right
    Add add_;
};

} // namespace xgrad::detail
