#include <xgrad/base/ordered_sum.hpp>
#include <xgrad/base/shares.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace xgrad;
using detail::Shares;

namespace
{

void add_to(std::string& sum, std::string& part) { sum = "(" + sum + "+" + part + ")"; }

using Sum = detail::OrderedSum<std::string, decltype(&add_to)>;

std::vector<std::size_t> begins(std::size_t leaves, std::size_t ranks)
{
    const Shares shares(leaves, ranks);
    std::vector<std::size_t> all;
    for (std::size_t rank = 0; rank < ranks; ++rank)
        all.push_back(shares.begin(rank));
    return all;
}

/** The sum of one process. */
std::string sum_of_one(std::size_t parts)
{
    Sum sum(parts, add_to);
    for (std::size_t i = 0; i < parts; ++i)
        sum.put(i, std::to_string(i));
    return sum.take();
}

} // namespace

TEST_CASE("shares: each rank has a whole subtree, ranks in proportion to leaves")
{
    using List = std::vector<std::size_t>;
    CHECK(begins(8, 1) == List{0});
    CHECK(begins(8, 2) == List{0, 4});
    CHECK(begins(8, 4) == List{0, 2, 4, 6});
    CHECK(begins(8, 8) == List{0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(begins(5, 2) == List{0, 4}); // the tree of five leaves splits into four and one
    CHECK(begins(6, 3) == List{0, 2, 4});
    CHECK(begins(2, 4) == List{0, 1, 1, 2}); // two of four ranks have nothing
    CHECK(begins(1, 3) == List{0, 1, 1});
}

TEST_CASE("shares: an ordered sum over ranks is that of one process, with one message of each rank but the first")
{
    for (std::size_t parts = 1; parts <= 40; ++parts)
        for (const std::size_t ranks : {1u, 2u, 3u, 5u, 8u, 13u}) {
            const std::size_t together = detail::added_together(parts);
            const Shares shares((parts - 1) / together + 1, ranks);
            std::vector<Sum> sums;
            std::vector<std::size_t> told(ranks, ranks);
            std::size_t covered = 0, messages = 0, busy = 0;
            const auto first_of = [&](std::size_t leaf) { return std::min(leaf * together, parts); };
            for (std::size_t rank = 0; rank < ranks; ++rank) {
                const std::size_t begin = first_of(shares.begin(rank)), end = first_of(shares.end(rank));
                REQUIRE(begin == covered);
                covered = end;
                busy += begin < end;
                sums.emplace_back(parts, add_to, begin, end);
                for (std::size_t i = end; i-- > begin;)
                    sums.back().put(i, std::to_string(i));
            }
            REQUIRE(covered == parts);
            // A rank hears from higher ranks alone, so the highest one goes first.
            for (std::size_t rank = ranks; rank-- > 0;)
                shares.join(
                    rank,
                    [&](std::size_t from) {
                        CHECK(told[from] == rank);
                        if (!shares.is_idle(from))
                            add_to(sums[rank].own(), sums[from].own());
                    },
                    [&](std::size_t to) {
                        CHECK(to < rank);
                        messages += !shares.is_idle(rank);
                        told[rank] = to;
                    });
            CHECK(std::count(told.begin(), told.end(), ranks) == 1); // rank 0
            CHECK(messages == busy - 1);
            CHECK(sums[0].take() == sum_of_one(parts));
        }
}
