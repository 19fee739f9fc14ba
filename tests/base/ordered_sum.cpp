#include "threads.hpp"
#include <xgrad/base/ordered_sum.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/base/workers.hpp>

#include <doctest/doctest.h>

#include <numeric>
#include <string>
#include <vector>

using namespace xgrad;

namespace
{

void add_to(std::string& sum, std::string& part) { sum = "(" + sum + "+" + part + ")"; }

using Sum = detail::OrderedSum<std::string, decltype(&add_to)>;

std::string sum_in_order(const std::vector<std::size_t>& order)
{
    Sum sum(order.size(), add_to);
    for (const std::size_t index : order)
        sum.put(index, std::to_string(index));
    return sum.take();
}

std::vector<std::size_t> ascending(std::size_t count)
{
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
}

} // namespace

TEST_CASE("an ordered sum adds up to four neighbours, then pairs, pairs of pairs and so on")
{
    CHECK(sum_in_order(ascending(1)) == "0");
    CHECK(sum_in_order(ascending(2)) == "(0+1)");
    CHECK(sum_in_order(ascending(3)) == "((0+1)+2)");
    CHECK(sum_in_order(ascending(5)) == "(((0+1)+(2+3))+4)");
    CHECK(sum_in_order(ascending(8)) == "(((0+1)+(2+3))+((4+5)+(6+7)))");
    CHECK(sum_in_order(ascending(32)).find("((((0+1)+2)+3)+(((4+5)+6)+7))") != std::string::npos);
}

TEST_CASE("an ordered sum does not depend on the order in which the parts come")
{
    Random random(1);
    for (std::size_t count = 1; count <= 21; ++count) {
        std::vector<std::size_t> order = ascending(count);
        const std::string expected = sum_in_order(order);
        CHECK(sum_in_order({order.rbegin(), order.rend()}) == expected);
        for (int i = 0; i < 20; ++i) {
            random.shuffle(order);
            CHECK(sum_in_order(order) == expected);
        }
    }
}

TEST_CASE("an ordered sum does not depend on the threads that put the parts in")
{
    const test::Threads set(4);
    for (std::size_t count : {1u, 4u, 7u, 64u, 501u}) {
        Sum sum(count, add_to);
        detail::parallel_for(count, [&](std::size_t index) { sum.put(index, std::to_string(index)); });
        CHECK(sum.take() == sum_in_order(ascending(count)));
    }
}
