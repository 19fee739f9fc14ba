#include <xgrad/base/error.hpp>
#include <xgrad/optim/schedule.hpp>

#include <doctest/doctest.h>

#include <cmath>
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
    CHECK_THROWS_WITH_AS(
        make_schedule("linear"),
        "[schedule] there is no 'linear'; there are: constant, step, cosine, warm-cosine, one-cycle, lecun1998", Error);
}

TEST_CASE("schedule: that of 1998 goes down by passes")
{
    const Schedule schedule = make_schedule("lecun1998");
    const double by_pass[] = {1, 1, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1, 0.02, 0.02};
    for (std::size_t pass = 0; pass < 14; ++pass)
        for (const double within : {0.0, 0.99})
            CHECK(schedule(static_cast<double>(pass) + within, 20) == by_pass[pass]);
}
