#include <xgrad/base/ordered_sum.hpp>
#include <xgrad/base/shares.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace xgrad;
using detail::Meeting;
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

namespace
{

/** Lets the ranks meet, each in its own order. Fails if they wait for each other in a circle. */
template <class Meet>
void let_meet(const std::vector<Shares::Meetings>& meetings, Meet meet)
{
    const auto is_same = [](const Meeting& a, const Meeting& b) {
        return a.left == b.left && a.right == b.right && a.begin == b.begin && a.middle == b.middle && a.end == b.end;
    };
    std::vector<std::size_t> next(meetings.size(), 0);
    for (bool goes_on = true; goes_on;) {
        goes_on = false;
        for (std::size_t rank = 0; rank < meetings.size(); ++rank)
            while (next[rank] < meetings[rank].size()) {
                const Meeting& each = meetings[rank][next[rank]];
                const std::size_t other = each.left == rank ? each.right : each.left;
                if (next[other] == meetings[other].size() || !is_same(meetings[other][next[other]], each))
                    break;
                meet(each);
                ++next[rank];
                ++next[other];
                goes_on = true;
            }
    }
    for (std::size_t rank = 0; rank < meetings.size(); ++rank)
        CHECK(next[rank] == meetings[rank].size());
}

} // namespace

TEST_CASE("shares: an ordered sum over ranks is that of one process, block by block")
{
    for (std::size_t parts = 1; parts <= 40; ++parts)
        for (const std::size_t ranks : {1u, 2u, 3u, 5u, 8u, 13u}) {
            const std::size_t blocks = parts % 2 == 0 ? 11 : 1;
            CAPTURE(parts);
            CAPTURE(ranks);
            const std::size_t together = detail::added_together(parts);
            const Shares shares((parts - 1) / together + 1, ranks);
            std::vector<std::vector<std::string>> sums; // of each rank, for each block
            std::vector<Shares::Meetings> meetings;
            std::size_t covered = 0, busy = 0;
            const auto first_of = [&](std::size_t leaf) { return std::min(leaf * together, parts); };
            for (std::size_t rank = 0; rank < ranks; ++rank) {
                const std::size_t begin = first_of(shares.begin(rank)), end = first_of(shares.end(rank));
                REQUIRE(begin == covered);
                covered = end;
                busy += begin < end;
                Sum sum(parts, add_to, begin, end);
                for (std::size_t i = end; i-- > begin;)
                    sum.put(i, std::to_string(i));
                sums.emplace_back(blocks, sum.own());
                meetings.push_back(shares.meetings(rank, blocks));
            }
            REQUIRE(covered == parts);
            std::size_t added = 0;
            let_meet(meetings, [&](const Meeting& each) {
                CHECK(each.left < each.right);
                CHECK(shares.is_idle(each.right) == !each.adds);
                for (std::size_t block = each.begin; each.adds && block < each.end; ++block, ++added) {
                    std::string sum = sums[each.left][block];
                    add_to(sum, sums[each.right][block]);
                    sums[each.left][block] = sums[each.right][block] = "lost";
                    sums[block < each.middle ? each.left : each.right][block] = sum;
                }
            });
            CHECK(added == blocks * (busy - 1));
            for (Shares::Meetings& of : meetings)
                std::reverse(of.begin(), of.end());
            let_meet(meetings, [&](const Meeting& each) {
                for (std::size_t block = each.begin; block < each.end; ++block) {
                    const bool is_lefts = block < each.middle;
                    sums[is_lefts ? each.right : each.left][block] = sums[is_lefts ? each.left : each.right][block];
                }
            });
            for (const std::vector<std::string>& of : sums)
                CHECK(of == std::vector<std::string>(blocks, sum_of_one(parts)));
        }
}

TEST_CASE("shares: ranks add equal parts of a sum, whose number is a power of 2")
{
    constexpr std::size_t ranks = 8, blocks = 64;
    const Shares shares(ranks, ranks);
    for (std::size_t rank = 0; rank < ranks; ++rank) {
        std::size_t added = 0;
        const Shares::Meetings meetings = shares.meetings(rank, blocks);
        CHECK(meetings.size() == 3);
        for (const Meeting& each : meetings)
            added += rank == each.left ? each.middle - each.begin : each.end - each.middle;
        CHECK(added == 32 + 16 + 8);
    }
}
