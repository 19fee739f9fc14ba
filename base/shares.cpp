#include <xgrad/base/shares.hpp>
#include <xgrad/base/workers.hpp>

#include <algorithm>
#include <bit>

namespace xgrad::detail
{

namespace
{

/** The left half of a tree and of its ranks, two or more. */
struct Half
{
    std::size_t leaves, ranks;
};

Half left_half(std::size_t leaves, std::size_t ranks)
{
    if (leaves < 2) // the other ranks are idle
        return {leaves, (ranks + 1) / 2};
    const std::size_t left = std::bit_ceil(leaves) / 2;
    const std::size_t most = ranks - 1, wanted = (ranks * left + leaves / 2) / leaves;
    return {left, std::clamp<std::size_t>(wanted, 1, most)};
}

/** The rank that has the blocks begin … end − 1 of a partial sum. */
struct Holder
{
    std::size_t begin, end, rank;
};
using Holders = std::vector<Holder, PooledAllocator<Holder>>;

/** Who has which blocks of the sum of a subtree, after the meetings within it. */
Holders join(std::size_t leaves, std::size_t first, std::size_t ranks, std::size_t blocks,
             FunctionRef<void(const Meeting&)> meet)
{
    if (ranks == 1)
        return {{0, blocks, first}};
    const Half half = left_half(leaves, ranks);
    const std::size_t right_leaves = leaves - half.leaves, right_ranks = ranks - half.ranks;
    const std::size_t left_busy = std::min(half.leaves, half.ranks),
                      busy = left_busy + std::min(right_leaves, right_ranks);
    const bool adds = right_leaves > 0;
    const Holders left = join(half.leaves, first, half.ranks, blocks, meet);
    const Holders right = join(right_leaves, first + half.ranks, right_ranks, blocks, meet);
    Holders both;
    const auto add = [&](std::size_t begin, std::size_t end, std::size_t rank) {
        if (begin < end)
            both.push_back({begin, end, rank});
    };
    for (auto l = left.begin(), r = right.begin(); l != left.end();) {
        const std::size_t begin = std::max(l->begin, r->begin), end = std::min(l->end, r->end);
        const std::size_t middle = adds ? begin + (end - begin) * left_busy / busy : end;
        meet(Meeting{l->rank, r->rank, begin, middle, end, adds});
        add(begin, middle, l->rank);
        add(middle, end, r->rank);
        const bool left_ends = l->end == end, right_ends = r->end == end;
        l += left_ends ? 1 : 0;
        r += right_ends ? 1 : 0;
    }
    return both;
}

} // namespace

Shares::Shares(std::size_t leaves, std::size_t ranks) : begins_(ranks + 1, leaves) { share_out(0, leaves, 0, ranks); }

void Shares::share_out(std::size_t begin, std::size_t end, std::size_t first, std::size_t ranks)
{
    begins_[first] = begin;
    if (ranks == 1)
        return;
    const Half left = left_half(end - begin, ranks);
    share_out(begin, begin + left.leaves, first, left.ranks);
    share_out(begin + left.leaves, end, first + left.ranks, ranks - left.ranks);
}

Shares::Meetings Shares::meetings(std::size_t rank, std::size_t blocks) const
{
    Meetings own;
    join(begins_.back(), 0, begins_.size() - 1, blocks, [&](const Meeting& each) {
        if (each.left == rank || each.right == rank)
            own.push_back(each);
    });
    return own;
}

} // namespace xgrad::detail
