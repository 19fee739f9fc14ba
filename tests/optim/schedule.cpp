#include <xgrad/base/error.hpp>
#include <xgrad/optim/schedule.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <iterator>
#include <numbers>
#include <string>

using namespace xgrad;
using namespace xgrad::optim;

TEST_CASE("the constant schedule")
{
    const auto schedule = constant_schedule();
    for (double epoch : {0.0, 3.7, 20.0})
        CHECK(schedule(epoch, 20) == 1);
}

TEST_CASE("the step schedule")
{
    const auto schedule = step_schedule(5, 0.1);
    CHECK(schedule(0, 20) == 1);
    CHECK(schedule(4.99, 20) == 1);
    CHECK(schedule(5, 20) == doctest::Approx(0.1));
    CHECK(schedule(12, 20) == doctest::Approx(0.01));
    CHECK_THROWS_WITH_AS(step_schedule(0, 0.1),
                         "[step_schedule] the number of epochs between steps must be positive, not 0", Error);
    CHECK_THROWS_AS(step_schedule(std::nan(""), 0.1), Error);
    CHECK_THROWS_AS(step_schedule(1, -0.1), Error);
}

TEST_CASE("the exponential schedule")
{
    const auto schedule = exponential_schedule(0.8);
    double expected = 1;
    for (int epoch = 0; epoch < 12; ++epoch, expected *= 0.8)
        CHECK(schedule(epoch, 12) == doctest::Approx(expected).epsilon(1e-13));
    CHECK(schedule(0.5, 12) == doctest::Approx(std::sqrt(0.8)));
    for (const double factor : {0.0, -1.0, std::nan(""), double(INFINITY)})
        CHECK_THROWS_AS(exponential_schedule(factor), Error);
}

TEST_CASE("the linear and the polynomial schedule")
{
    const auto linear = linear_schedule(0.2), cubic = polynomial_schedule(3, 0.1), root = polynomial_schedule(0.5);
    for (double epoch = 0; epoch <= 10; epoch += 0.5) {
        const double left = (10 - epoch) / 10;
        CHECK(linear(epoch, 10) == doctest::Approx(0.2 + 0.8 * left).epsilon(1e-13));
        CHECK(cubic(epoch, 10) == doctest::Approx(0.1 + 0.9 * left * left * left).epsilon(1e-13));
        CHECK(root(epoch, 10) == doctest::Approx(std::sqrt(left)).epsilon(1e-13));
    }
    CHECK(linear(11, 10) == doctest::Approx(0.2)); // a training that goes on
    CHECK(root(11, 10) == 0);
    for (const double power : {0.0, -1.0, std::nan("")})
        CHECK_THROWS_AS(polynomial_schedule(power), Error);
    for (const double floor : {-0.1, 1.1, std::nan("")}) {
        CHECK_THROWS_AS(linear_schedule(floor), Error);
        CHECK_THROWS_AS(polynomial_schedule(2, floor), Error);
        CHECK_THROWS_AS(cosine_schedule(0, floor), Error);
    }
}

TEST_CASE("a warm-up rises to the beginning of the schedule, which then has the other epochs")
{
    const auto warm = with_warmup(linear_schedule(), 2), cycle = with_warmup(one_cycle_schedule(0.5, 0.2, 0), 4);
    CHECK(warm(0, 10) == 0);
    CHECK(warm(0.5, 10) == doctest::Approx(0.25));
    CHECK(warm(2, 10) == doctest::Approx(1));
    CHECK(warm(6, 10) == doctest::Approx(0.5));
    CHECK(warm(10, 10) == doctest::Approx(0));
    CHECK(cycle(3, 12) == doctest::Approx(0.15));
    CHECK(cycle(8, 12) == doctest::Approx(1));
    CHECK(with_warmup(constant_schedule(), 0)(0, 10) == 1);
    for (const std::string& name : schedule_names()) { // nothing but warm-up
        const auto schedule = make_schedule(name, {.warmup = 9});
        for (double epoch = 0; epoch <= 9; epoch += 0.75)
            CHECK(std::isfinite(schedule(epoch, 9)));
        CHECK(schedule(4.5, 9) == doctest::Approx(0.5 * (name == "one-cycle" ? 0.04 : name == "warm-cosine" ? 0 : 1)));
    }
    CHECK_THROWS_WITH_AS(with_warmup(constant_schedule(), -1),
                         "[warmup] -1 epochs were asked for: it must be 0 or more", Error);
    CHECK_THROWS_AS(with_warmup(constant_schedule(), INFINITY), Error);
}

TEST_CASE("a plateau lowers the rate when the error has not fallen for more epochs than the patience")
{
    ReduceOnPlateau plateau({.factor = 0.5, .patience = 1, .floor = 0.2});
    const double errors[] = {5, 4, 4, 4.5, 3, 3, std::nan(""), 7, 2, 2, 2, 2, 2};
    const double expected[] = {1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2};
    for (std::size_t epoch = 0; epoch < std::size(errors); ++epoch) {
        CAPTURE(epoch);
        CHECK(plateau.update(errors[epoch]) == expected[epoch]);
        CHECK(plateau.fraction() == expected[epoch]);
        ReduceOnPlateau again({.factor = 0.5, .patience = 1, .floor = 0.2}); // goes on as the one before
        again.restore(plateau.state());
        plateau = again;
    }
    ReduceOnPlateau strict({.factor = 0.1, .patience = 0, .improvement = 0.1});
    CHECK(strict.update(10) == 1);
    CHECK(strict.update(9.5) == doctest::Approx(0.1)); // less than a tenth
    CHECK(strict.update(8.9) == doctest::Approx(0.1));
    CHECK_THROWS_AS(ReduceOnPlateau({.factor = 1}), Error);
    CHECK_THROWS_AS(ReduceOnPlateau({.factor = -0.1}), Error);
    CHECK_THROWS_AS(ReduceOnPlateau({.floor = 2}), Error);
    CHECK_THROWS_AS(ReduceOnPlateau({.improvement = std::nan("")}), Error);
}

TEST_CASE("the cosine schedule")
{
    const auto schedule = cosine_schedule();
    CHECK(schedule(0, 20) == doctest::Approx(1));
    CHECK(schedule(5, 20) == doctest::Approx(0.5 + std::numbers::sqrt2 / 4));
    CHECK(schedule(10, 20) == doctest::Approx(0.5));
    CHECK(schedule(20, 20) == doctest::Approx(0));
    CHECK(schedule(25, 20) == doctest::Approx(0));
}

TEST_CASE("the cosine schedule with a warm-up and a floor")
{
    const auto schedule = cosine_schedule(2, 0.2);
    CHECK(schedule(0.5, 12) == doctest::Approx(0.25));
    CHECK(schedule(2, 12) == doctest::Approx(1));
    CHECK(schedule(7, 12) == doctest::Approx(0.6));
    CHECK(schedule(12, 12) == doctest::Approx(0.2));
    CHECK(std::isfinite(cosine_schedule(2)(2, 2))); // nothing but warm-up
}

TEST_CASE("the one-cycle schedule")
{
    const auto schedule = one_cycle_schedule(0.25, 0.1, 0.01);
    CHECK(schedule(0, 8) == doctest::Approx(0.1));
    CHECK(schedule(1, 8) == doctest::Approx(0.55));
    CHECK(schedule(2, 8) == doctest::Approx(1));
    CHECK(schedule(5, 8) == doctest::Approx(0.505));
    CHECK(schedule(8, 8) == doctest::Approx(0.01));
}

TEST_CASE("a one-cycle schedule that only rises or only falls is finite everywhere")
{
    for (double peak : {0.0, 1.0}) {
        const auto schedule = one_cycle_schedule(peak);
        for (double epoch : {0.0, 5.0, 10.0})
            CHECK(std::isfinite(schedule(epoch, 10)));
    }
}

TEST_CASE("schedules by name")
{
    for (const std::string& name : schedule_names()) {
        const auto schedule = make_schedule(name);
        for (double epoch = 0; epoch <= 9; epoch += 0.25) {
            CHECK(schedule(epoch, 9) >= 0);
            CHECK(schedule(epoch, 9) <= 1);
        }
    }
    const auto step = make_schedule("step");
    CHECK(step(2.9, 9) == 1);
    CHECK(step(3.1, 9) == doctest::Approx(0.1));
    CHECK(step(8.9, 9) == doctest::Approx(0.01));
    CHECK(make_schedule("step", {.factor = 0.5})(3.1, 9) == doctest::Approx(0.5));
    CHECK(make_schedule("exponential")(2, 9) == doctest::Approx(0.81));
    CHECK(make_schedule("exponential", {.factor = 0.5})(2, 9) == doctest::Approx(0.25));
    CHECK(make_schedule("linear", {.floor = 0.5})(4.5, 9) == doctest::Approx(0.75));
    CHECK(make_schedule("polynomial")(4.5, 9) == doctest::Approx(0.25));
    CHECK(make_schedule("polynomial", {.power = 3, .floor = 0.2})(4.5, 9) == doctest::Approx(0.3));
    CHECK(make_schedule("cosine", {.floor = 0.5})(4.5, 9) == doctest::Approx(0.75));
    CHECK(make_schedule("warm-cosine", {.floor = 0.5})(5, 9) == doctest::Approx(0.75));
    CHECK(make_schedule("plateau", {.factor = 0.5, .floor = 0.1})(8, 9) == 1);
    CHECK_THROWS_WITH_AS(make_schedule("cubic"),
                         "[schedule] there is no 'cubic'; there are: constant, step, exponential, linear, polynomial, "
                         "cosine, warm-cosine, one-cycle, lecun1998, plateau",
                         Error);
    CHECK_THROWS_WITH_AS(make_schedule("cosine", {.power = 3}),
                         "[schedule] 'cosine' has no power: it is for polynomial", Error);
    CHECK_THROWS_WITH_AS(make_schedule("constant", {.factor = 3}),
                         "[schedule] 'constant' has no factor: it is for step, exponential, plateau", Error);
    CHECK_THROWS_WITH_AS(make_schedule("step", {.floor = 0}),
                         "[schedule] 'step' has no floor: it is for linear, polynomial, cosine, warm-cosine, plateau",
                         Error);
}

TEST_CASE("schedule: that of 1998 goes down by passes")
{
    const Schedule schedule = make_schedule("lecun1998");
    const double by_pass[] = {1, 1, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1, 0.02, 0.02};
    for (std::size_t pass = 0; pass < 14; ++pass)
        for (const double within : {0.0, 0.99})
            CHECK(schedule(static_cast<double>(pass) + within, 20) == by_pass[pass]);
}
