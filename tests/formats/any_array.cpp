// Arrays of any type: what they become in another type, and what is refused rather than rounded.

#include "formats.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace xgrad;
using namespace xgrad::test;

TEST_CASE("any array: it keeps what it was made from")
{
    const Array<float> values{{1.5f, -2.0f, 0.1f}, {3.0f, 4.0f, 5.0f}};
    const AnyArray array = values;
    CHECK(array.type() == ElementType::float32);
    CHECK(array.shape() == Shape{2, 3});
    CHECK(array.size() == 6);
    CHECK(array.byte_count() == 24);
    CHECK(array.as<float>() == values);
    CHECK(AnyArray(Array<std::int64_t>{1}).type() == ElementType::int64);
    CHECK(AnyArray(Array<std::int8_t>{1}).type() == ElementType::int8);
    CHECK(AnyArray(Array<std::uint16_t>{1}).type() == ElementType::uint16);
    CHECK(AnyArray(Array<double>{1}).type() == ElementType::float64);
    CHECK(AnyArray(Array<bool>{true}).type() == ElementType::boolean);
    CHECK(AnyArray().size() == 0);
    CHECK(AnyArray(ElementType::bfloat16, Shape{}).size() == 1);
    CHECK(element_name(ElementType::uint64) == "uint64");
    CHECK(element_name(ElementType::bfloat16) == "bfloat16");
}

TEST_CASE("any array: floating-point numbers are rounded to the nearest, and no further")
{
    const AnyArray tenth = Array<double>{0.1, 1e-50, -std::numeric_limits<double>::infinity(), std::nan("")};
    const Array<float> rounded = tenth.as<float>();
    CHECK(rounded(0) == 0.1f);
    CHECK(rounded(1) == 0.0f);
    CHECK(rounded(2) == -std::numeric_limits<float>::infinity());
    CHECK(std::isnan(rounded(3)));
    CHECK(contains(error_of([] { AnyArray(Array<double>{1, 1e39}).as<float>(); }), "element 1 of the float64 array"));
    CHECK(AnyArray(Array<float>{0.1f}).as<double>()(0) == double{0.1f});
}

TEST_CASE("any array: whole numbers are exact or refused")
{
    constexpr std::int64_t large = (std::int64_t{1} << 53) + 1, power = std::int64_t{1} << 62;
    const AnyArray whole = Array<std::int64_t>{large};
    CHECK(whole.as<std::int64_t>()(0) == large);
    const std::string error = error_of([&] { whole.as<double>(); });
    CHECK(contains(error, "element 0 of the int64 array of shape (1) is 9007199254740993, which no float64 is"));
    CHECK(AnyArray(Array<std::int64_t>{large - 1, power, -power}).as<double>()(1) == 0x1p62);
    const Array<std::int64_t> lowest{std::numeric_limits<std::int64_t>::min()};
    CHECK(AnyArray(lowest).as<double>()(0) == -0x1p63);
    CHECK(AnyArray(lowest).as<float>()(0) == -0x1p63f);
    const Array<std::uint64_t> highest{std::numeric_limits<std::uint64_t>::max()};
    CHECK(contains(error_of([&] { AnyArray(highest).as<double>(); }), "18446744073709551615"));
    CHECK(contains(error_of([&] { AnyArray(highest).as<std::int64_t>(); }), "which no int64 is"));
    CHECK(contains(error_of([] { AnyArray(Array<std::int32_t>{16'777'217}).as<float>(); }), "which no float32 is"));
    CHECK(AnyArray(Array<std::int32_t>{16'777'216}).as<float>()(0) == 16'777'216.0f);
    CHECK(contains(error_of([] { AnyArray(Array<std::int16_t>{-1}).as<std::uint8_t>(); }), "which no uint8 is"));
    CHECK(AnyArray(Array<std::int16_t>{255}).as<std::uint8_t>()(0) == 255);
    CHECK(AnyArray(Array<bool>{true, false}).as<std::int32_t>() == Array<std::int32_t>{1, 0});
}

TEST_CASE("any array: a number with a fraction is no whole number")
{
    CHECK(AnyArray(Array<double>{-3, 2147483647}).as<std::int32_t>() == Array<std::int32_t>{-3, 2147483647});
    for (const double number :
         {0.5, std::nan(""), std::numeric_limits<double>::infinity(), 2147483648.0, -2147483649.0}) {
        CAPTURE(number);
        CHECK(contains(error_of([&] { AnyArray(Array<double>{number}).as<std::int32_t>(); }), "which no int32 is"));
    }
    CHECK(AnyArray(Array<double>{-2147483648.0}).as<std::int32_t>()(0) == std::numeric_limits<std::int32_t>::min());
    CHECK(contains(error_of([] { AnyArray(Array<double>{0x1p63}).as<std::int64_t>(); }), "which no int64 is"));
    CHECK(contains(error_of([] { AnyArray(Array<float>{-1}).as<std::uint8_t>(); }), "which no uint8 is"));
}
