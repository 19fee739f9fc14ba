#pragma once

#include <doctest/doctest.h>

namespace xgrad::test
{

/** Marks a test that runs the same code again and again, as TEST_CASE("…" * test::is_long) does. Sanitizers slow it
 *  down most and find nothing in it that a shorter test does not show them, so builds with one leave it out. */
inline const doctest::test_suite is_long("long");

} // namespace xgrad::test
