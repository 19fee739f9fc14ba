#include <xgrad/base/shares.hpp>

#include <algorithm>
#include <bit>

namespace xgrad::detail
{

Shares::Shares(std::size_t leaves, std::size_t ranks) : begins_(ranks + 1, leaves) { share_out(0, leaves, 0, ranks); }

void Shares::share_out(std::size_t begin, std::size_t end, std::size_t first, std::size_t ranks)
{
    begins_[first] = begin;
    const std::size_t leaves = end - begin;
    if (ranks == 1 || leaves < 2) {
        std::fill_n(begins_.begin() + static_cast<std::ptrdiff_t>(first) + 1, ranks - 1, end);
        return;
    }
    const std::size_t left = std::bit_ceil(leaves) / 2;
    const std::size_t most = ranks - 1, wanted = (ranks * left + leaves / 2) / leaves;
    const std::size_t left_ranks = std::clamp<std::size_t>(wanted, 1, most);
    share_out(begin, begin + left, first, left_ranks);
    share_out(begin + left, end, first + left_ranks, ranks - left_ranks);
}

std::size_t Shares::owner(std::size_t leaf) const
{
    const auto after = std::upper_bound(begins_.begin(), begins_.end(), leaf);
    return static_cast<std::size_t>(after - begins_.begin()) - 1;
}

} // namespace xgrad::detail
