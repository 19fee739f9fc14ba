// The .npy format: bytes written here, files of NumPy's, and files that lie.

#include "formats.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

AnyArray load_npy(const std::string& bytes) { return load(bytes, "w.npy").at("w"); }
std::string npy_error(const std::string& bytes) { return load_error(bytes, "w.npy"); }

template <class T>
void check_type(const std::string& kind, ElementType type, T first, T second)
{
    CAPTURE(kind);
    const std::vector<double> expected{static_cast<double>(first), static_cast<double>(second)};
    const AnyArray little = load_npy(npy("<" + kind, "(2,)", bytes_of(first, second)));
    CHECK(little.type() == type);
    CHECK(little.shape() == Shape{2});
    CHECK(doubles(little) == expected);
    std::string reversed = bytes_of(second, first);
    std::reverse(reversed.begin(), reversed.end());
    CHECK(doubles(load_npy(npy(">" + kind, "(2,)", reversed))) == expected);
    CHECK(doubles(load_npy(npy(">" + kind, "(1, 2)", reversed, "True"))) == expected);
}

} // namespace

TEST_CASE("npy: every real type, in both orders of bytes")
{
    check_type<std::int8_t>("i1", ElementType::int8, -128, 127);
    check_type<std::int16_t>("i2", ElementType::int16, -32768, 258);
    check_type<std::int32_t>("i4", ElementType::int32, -2147483647, 65538);
    check_type<std::int64_t>("i8", ElementType::int64, -(std::int64_t{1} << 62), 72'623'859'790);
    check_type<std::uint8_t>("u1", ElementType::uint8, 255, 1);
    check_type<std::uint16_t>("u2", ElementType::uint16, 65535, 258);
    check_type<std::uint32_t>("u4", ElementType::uint32, 4'294'967'295, 65538);
    check_type<std::uint64_t>("u8", ElementType::uint64, std::uint64_t{1} << 63, 258);
    check_type<float>("f4", ElementType::float32, 0.1f, -3e38f);
    check_type<double>("f8", ElementType::float64, 0.1, -1e300);
    const AnyArray flags = load_npy(npy("|b1", "(3,)", std::string("\0\1\2", 3)));
    CHECK(flags.type() == ElementType::boolean);
    CHECK(std::memcmp(flags.bytes(), "\0\1\1", 3) == 0); // any other byte would be no bool
}

TEST_CASE("npy: half precision")
{
    const auto half = load_npy(npy("<f2", "(8,)",
                                   bytes_of<std::uint16_t>(0x3c00) + bytes_of<std::uint16_t>(0xc000) +
                                       bytes_of<std::uint16_t>(1) + bytes_of<std::uint16_t>(0x7bff) +
                                       bytes_of<std::uint16_t>(0x3555) + bytes_of<std::uint16_t>(0x0400) +
                                       bytes_of<std::uint16_t>(0xfc00) + bytes_of<std::uint16_t>(0x7e00)));
    CHECK(half.type() == ElementType::float16);
    const std::vector<double> numbers = doubles(half);
    CHECK(numbers[0] == 1);
    CHECK(numbers[1] == -2);
    CHECK(numbers[2] == 0x1p-24);
    CHECK(numbers[3] == 65504);
    CHECK(numbers[4] == 1365 * 0x1p-12); // 0.333251953125
    CHECK(numbers[5] == 0x1p-14);
    CHECK(numbers[6] == -std::numeric_limits<double>::infinity());
    CHECK(std::isnan(numbers[7]));
}

TEST_CASE("npy: the order of Fortran, other versions and spellings")
{
    const std::string six = bytes_of(1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f);
    CHECK(doubles(load_npy(npy("<f4", "(2, 3)", six))) == std::vector<double>{1, 2, 3, 4, 5, 6});
    CHECK(doubles(load_npy(npy("<f4", "(2, 3)", six, "True"))) == std::vector<double>{1, 3, 5, 2, 4, 6});
    CHECK(doubles(load_npy(npy("<f4", "(1, 2, 3)", six, "True"))) == std::vector<double>{1, 3, 5, 2, 4, 6});
    CHECK(doubles(load_npy(npy("<f4", "(2, 1, 3)", six, "True"))) == std::vector<double>{1, 3, 5, 2, 4, 6});
    CHECK(load_npy(npy("<f4", "()", bytes_of(7.0f))).shape() == Shape{});
    CHECK(load_npy(npy("<f4", "(0, 3)", "")).shape() == Shape{0, 3});
    const std::string dictionary = "{\"shape\":(2,3),\"descr\":\"=f4\",\"fortran_order\":False}";
    CHECK(load_npy(npy(dictionary, six)).shape() == Shape{2, 3});
    for (const char version : {'\2', '\3'}) {
        const std::string wide = "\x93NUMPY" + std::string{version, '\0'} +
                                 bytes_of(static_cast<std::uint32_t>(dictionary.size())) + dictionary + six;
        CHECK(doubles(load_npy(wide)) == std::vector<double>{1, 2, 3, 4, 5, 6});
    }
}

TEST_CASE("npy: a type that is not read is named, and what to do")
{
    const auto error = [](const std::string& type) { return npy_error(npy(type, "(1,)", std::string(64, ' '))); };
    CHECK(contains(error("<c16"), "is of type '<c16': complex numbers; save their real and imaginary parts"));
    CHECK(contains(error("|O"), "Python objects"));
    CHECK(contains(error("<U5"), "texts"));
    CHECK(contains(error("|S5"), "texts"));
    CHECK(contains(error("<M8[ns]"), "dates or times"));
    CHECK(contains(error("|V8"), "records"));
    CHECK(contains(error("<f16"), "is of type '<f16': a type that is not read"));
    CHECK(contains(error(""), "a type that is not read"));
    CHECK(contains(npy_error(npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}", "1234")),
                   "records of several fields"));
}

TEST_CASE("npy: damaged files, and those that promise too much")
{
    const std::string good = npy("<f4", "(2,)", bytes_of(1.0f, 2.0f));
    for (std::size_t size = 6; size < good.size(); ++size)
        CHECK(contains(npy_error(good.substr(0, size)), "truncated"));
    CHECK(contains(npy_error(good + "x"), "1 bytes behind its elements"));
    const auto of_shape = [](const std::string& shape) { return npy_error(npy("<f8", shape, "12345678")); };
    CHECK(contains(of_shape("(1099511627776,)"), "needs 8796093022208"));
    CHECK(contains(of_shape("(4294967296, 4294967296)"), "has a shape that no array can have"));
    CHECK(contains(of_shape("(0, 4294967296, 4294967296)"), "has a shape that no array can have"));
    CHECK(contains(of_shape("(99999999999999999999,)"), "no list of natural numbers"));
    CHECK(contains(of_shape("(-1,)"), "no list of natural numbers"));
    CHECK(contains(of_shape("(1, 1, 1, 1, 1, 1, 1, 1, 1)"), "more than 8 axes"));
    CHECK(contains(of_shape("(1 2)"), "has no ')'"));
    for (const char* dictionary : {"", "{", "{'descr': '<f8'}", "{'descr': '<f8', 'descr': '<f8'}", "{'more': 1}",
                                   "{'descr': '<f8", "{'descr': '<f8', 'fortran_order': 1, 'shape': ()}",
                                   "{'descr': '<f8', 'fortran_order': False, 'shape': ()} 1"})
    {
        CAPTURE(dictionary);
        CHECK(contains(npy_error(npy(dictionary, "12345678")), "its header "));
    }
    CHECK(contains(npy_error(npy("{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': ()}", "12345678")),
                   "has the key 'descr' that is unknown or comes twice"));
    CHECK(contains(npy_error("\x93NUMPY\x04" + good.substr(7)), "is of version 4.0"));
    CHECK(contains(npy_error("\x93NUMPY\x02" + std::string(1, '\0') + bytes_of(std::uint32_t{1} << 30)),
                   "promises a header of 1073741824 bytes"));
    CHECK(contains(error_of([] { load_arrays("/nowhere/x.npy"); }), "/nowhere/x.npy: is no file"));
}

TEST_CASE("npy: what is written is what NumPy writes, and is read back")
{
    const Folder folder;
    const Array<float> values{{1.5f, -2.0f, 0.1f}, {3.0f, 4.0f, 5.0f}};
    save_npy(folder / "w.npy", values);
    const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    CHECK(contents(folder / "w.npy") == "\x93NUMPY" + std::string("\1\0\x76\0", 4) + header +
                                            std::string(117 - header.size(), ' ') + "\n" +
                                            bytes_of(1.5f, -2.0f, 0.1f, 3.0f, 4.0f, 5.0f));
    CHECK(load_arrays(folder / "w.npy").at("w").as<float>() == values);
    CHECK(contains(error_of([&] { save_npy(folder / "w.npy", AnyArray(ElementType::bfloat16, Shape{})); }),
                   "w.npy: NumPy has no bfloat16"));
}

TEST_CASE("npy: files of NumPy's, and NumPy's view of ours")
{
    if (python().empty()) {
        MESSAGE("skipped: no NumPy");
        return;
    }
    const Folder folder;
    CHECK(run_python(folder, R"(
x = np.arange(24).reshape(2, 3, 4)
for t in ['?', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'f2', 'f4', 'f8', '>f8', '>i4', '>f2']:
    np.save(t.replace('>', 'big_') + '_c.npy', x.astype(t))
    np.save(t.replace('>', 'big_') + '_f.npy', np.asfortranarray(x.astype(t)))
np.lib.format.write_array(open('v2_c.npy', 'wb'), x, version=(2, 0))
np.lib.format.write_array(open('v3_c.npy', 'wb'), x, version=(3, 0))
np.save('scalar.npy', np.float32(1.5))
np.save('empty.npy', np.zeros((0, 3)))
np.save('objects.npy', np.array([1, 'a'], dtype=object))
np.save('complex.npy', np.array([1j]))
)") == "");
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        const std::string stem = entry.path().stem().string();
        if (!stem.ends_with("_c") && !stem.ends_with("_f"))
            continue;
        CAPTURE(stem);
        ++files;
        const AnyArray array = load_arrays(entry.path()).at(stem);
        CHECK(array.shape() == Shape{2, 3, 4});
        for (std::size_t i = 0; i < 24; ++i)
            CHECK(doubles(array)[i] == (stem[0] == '?' ? static_cast<double>(i > 0) : static_cast<double>(i)));
    }
    CHECK(files == 32);
    CHECK(load_arrays(folder / "scalar.npy").at("scalar").as<float>()() == 1.5f);
    CHECK(load_arrays(folder / "empty.npy").at("empty").shape() == Shape{0, 3});
    CHECK(contains(error_of([&] { load_arrays(folder / "objects.npy"); }), "Python objects"));
    CHECK(contains(error_of([&] { load_arrays(folder / "complex.npy"); }), "complex"));

    save_npy(folder / "a.npy", Array<double>{{0.1, -1e300}, {5e-324, 3}});
    save_npy(folder / "b.npy", Array<std::int64_t>{std::numeric_limits<std::int64_t>::min(), 7});
    save_npy(folder / "c.npy", Array<float>(Shape{}, 0.1f));
    save_npy(folder / "d.npy", Array<std::int32_t>{1, -2, 3});
    CHECK(run_python(folder, R"(
import io
for name, x in [('a', [[0.1, -1e300], [5e-324, 3]]), ('b', np.array([-2**63, 7])), ('c', np.float32(0.1)), ('d', np.array([1, -2, 3], 'i4'))]:
    y = np.load(name + '.npy')
    assert (y == x).all() and y.dtype == np.asarray(x).dtype and y.shape == np.shape(x), name
    if np.__version__ >= '1.23':
        same = io.BytesIO()
        np.save(same, x)
        assert same.getvalue() == open(name + '.npy', 'rb').read(), name
)") == "");
}
