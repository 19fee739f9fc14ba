// Tapes that end in an unusual order, on another thread, or with the program.
#include "child.hpp"
#include "threads.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/memory.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <thread>

using namespace xgrad;
using test::Threads;

namespace
{

const auto three = [] { return variable<double>(3); };

/** Returns whether tapes work on this thread as if nothing had happened. */
bool tapes_work()
{
    const PauseRecording independent;
    const auto x = three();
    Tape tape;
    const auto y = x * x;
    const bool one_op = tape.size() == 1;
    return one_op && tape.gradient(y, x).item() == 6 && tape.size() == 0;
}

} // namespace

TEST_CASE("a tape that is destroyed on another thread records no more, and what it recorded is stale")
{
    const auto x = three();
    auto tape = std::make_unique<Tape>();
    const auto y = x * x;
    std::thread([&] { tape.reset(); }).join();
    CHECK_FALSE(is_recording());
    CHECK_FALSE((x * x).requires_gradient());
    CHECK_THROWS_AS(y * x, GraphError);
    CHECK(tapes_work());
    for (int repeat = 0; repeat < 3; ++repeat) {
        auto next = std::make_unique<Tape>();
        const auto z = x * x;
        CHECK(next->gradient(z, x).item() == 6);
        std::thread([&] { next.reset(); }).join();
    }
}

TEST_CASE("a tape that outlives its thread can be destroyed, and gives no gradients elsewhere")
{
    const auto x = three();
    std::unique_ptr<Tape> outer, inner, independent;
    Variable<double> y;
    std::thread([&] {
        outer = std::make_unique<Tape>();
        y = x * x;
        inner = std::make_unique<Tape>();
        const PauseRecording pause;
        independent = std::make_unique<Tape>();
    }).join();
    std::thread([&] { // which may have the place of the first thread in memory
        const Tape tape;
        CHECK_THROWS_AS(outer->gradient(x, x), GraphError);
        CHECK_THROWS_AS(inner->gradient(x, x), GraphError);
        CHECK(inner->size() == 0);
    })
        .join();
    CHECK_THROWS_AS(y * x, GraphError);
    outer.reset();
    CHECK(inner->size() == 0);
    inner.reset();
    std::thread([&] { independent.reset(); }).join();
    CHECK(tapes_work());
}

TEST_CASE("an outer tape ends before the tapes in its scope")
{
    const auto x = three();
    auto outer = std::make_unique<Tape>();
    const auto y = x * x;
    auto inner = std::make_unique<Tape>();
    outer.reset();
    CHECK(inner->size() == 0);
    CHECK_THROWS_AS(inner->gradient(y, x), GraphError);
    CHECK_THROWS_WITH_AS(inner->gradient(x, x),
                         "[gradient] the tape is outside of this chunk, or it belongs to one around it that has ended",
                         GraphError);
    CHECK_FALSE(is_recording());
    inner.reset();
    CHECK(tapes_work());
}

TEST_CASE("a tape ends before an independent one that was begun inside of it")
{
    const auto x = three();
    auto outer = std::make_unique<Tape>();
    auto pause = std::make_unique<PauseRecording>();
    auto independent = std::make_unique<Tape>();
    const auto y = x * x;
    SUBCASE("the outer one first")
    {
        outer.reset();
        CHECK(independent->gradient(y, x).item() == 6);
        independent.reset();
        CHECK(tapes_work()); // a new tape takes the place of one of them
        pause.reset();
    }
    SUBCASE("the pause first")
    {
        pause.reset();
        outer.reset();
        CHECK(independent->gradient(y, x).item() == 6);
        independent.reset();
    }
    SUBCASE("the outer one inside of a chunked loss")
    {
        const Parameters<double> parameters{{"x", x}};
        const auto loss = [&] {
            outer.reset();
            CHECK(tapes_work());
            return x * x;
        };
        CHECK(value_and_gradient(parameters, loss).gradients[0].item() == 6);
        CHECK(independent->gradient(y, x).item() == 6);
        independent.reset();
        pause.reset();
    }
    CHECK_FALSE(is_recording());
    release_unused_memory();
    CHECK_FALSE((x * x).requires_gradient());
    CHECK(tapes_work());
}

TEST_CASE("unused memory is released while tapes are in use")
{
    const auto x = three();
    Tape tape;
    auto y = x * x;
    {
        const PauseRecording pause;
        {
            Tape other;
            CHECK(other.gradient(x * x, x).item() == 6);
        }
        release_unused_memory();
    }
    y = y * x;
    CHECK(tape.gradient(y, x).item() == 27);
    release_unused_memory();
    CHECK(tapes_work());
}

TEST_CASE("an observer that ends before one that came later")
{
    struct Count : Observer
    {
        int ops = 0;
        void op(OpCall& call) override
        {
            ++ops;
            call.run();
        }
    } first, second, of_all;
    const auto x = three();
    auto one = std::make_unique<Observing>(first), two = std::make_unique<Observing>(second);
    auto everywhere = std::make_unique<Observing>(of_all, Observing::all);
    exp(x);
    one.reset();
    exp(x);
    everywhere.reset();
    exp(x);
    two.reset();
    exp(x);
    CHECK(first.ops == 1);
    CHECK(second.ops == 3);
    CHECK(of_all.ops == 2);
    CHECK_FALSE(detail::is_observed());
}

#ifndef XGRAD_THREAD_SANITIZER

namespace
{

void expect(bool good)
{
    if (!good)
        _exit(3);
}

/** Uses tapes and ops as static objects are destroyed. */
struct Late
{
    Variable<double> x = variable<double>(3);
    ~Late()
    {
        expect(tapes_work());
        expect(square(x).item() == 9);
        const Parameters<double> parameters{{"x", x}};
        expect(value_and_gradient(parameters, std::size_t{8}, [&](std::size_t, std::size_t) { return x * x; },
                                  {.chunk = 2})
                   .gradients[0]
                   .item() == 6);
        const auto a = constant(Array<double>(Shape{40, 40}, 1.0)); // a product has memory of its thread
        expect(matmul(a, a).data()[0] == 40);
    }
};

} // namespace

TEST_CASE("tapes and ops in the destructors of static objects")
{
    const auto with_late = [](auto f) {
        return test::exit_status_of([&] {
            set_threads(2);
            static Late late;
            const auto a = constant(Array<double>(Shape{40, 40}, 1.0));
            expect(matmul(a, a).data()[0] == 40);
            f();
        });
    };
    CHECK(with_late([] {}) == 0);
    CHECK(with_late([] {
              static Tape tape;
              static const auto y = square(variable<double>(3));
          }) == 0);
    CHECK(with_late([] { std::thread([] { std::exit(0); }).join(); }) == 0);
    CHECK(with_late([] { std::thread([] { static Tape tape; }).join(); }) == 0);
}

#endif
