#include "long.hpp"
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>

#include <doctest/doctest.h>

#include <memory>

using namespace xgrad;

namespace
{

constexpr std::size_t million = 1000000;

/** The number of rules that ran, and an object that all rules hold. */
struct Count
{
    std::size_t runs = 0;
    std::shared_ptr<int> held = std::make_shared<int>(0);
};

/** y = −x, counting the runs of its rule. Each rule holds the result before: if they were freed in the
 *  wrong way, that would recurse. */
Variable<float> counted(const Variable<float>& x, Count& count)
{
    return record("counted", Array<float>(-x.value()), wrt(x, [&count, x, held = count.held](const auto& g) {
                      ++count.runs;
                      return -g;
                  }));
}

Variable<float> chain(const Variable<float>& x, std::size_t length, Count& count)
{
    Variable<float> y = x;
    for (std::size_t i = 0; i < length; ++i)
        y = counted(y, count);
    return y;
}

} // namespace

TEST_CASE("a chain of a million ops, forward and backward; each rule runs once" * test::is_long)
{
    const auto x = variable<float>(1);
    for (std::size_t length : {million / 10, million}) {
        Count count;
        Tape tape;
        const auto y = chain(x, length, count);
        CHECK(tape.size() == length);
        CHECK(tape.gradient(y, x).item() == 1);
        CHECK(count.runs == length);
        CHECK(count.held.use_count() == 1);
        CHECK(tape.size() == 0);
    }
}

TEST_CASE("a million ops that nobody asks a gradient of" * test::is_long)
{
    Count count;
    {
        const auto x = variable<float>(1);
        Tape tape;
        const auto y = chain(x, million, count);
        CHECK(count.held.use_count() == million + 1);
    }
    CHECK(count.held.use_count() == 1);
    CHECK(count.runs == 0);
}

TEST_CASE("a target at the far end of a million ops is not searched for behind it" * test::is_long)
{
    Count count;
    const auto x = variable<float>(1);
    Tape tape;
    const auto middle = chain(x, million, count);
    const auto y = chain(middle, 10, count);
    CHECK(tape.gradient(y, middle).item() == 1);
    CHECK(count.runs == 10);
}

TEST_CASE("a million uses of one variable" * test::is_long)
{
    const auto x = variable<float>(1);
    Tape tape;
    Variable<float> y = x;
    for (std::size_t i = 1; i < million; ++i)
        y = y + x;
    CHECK(tape.gradient(y, x).item() == static_cast<float>(million));
}
