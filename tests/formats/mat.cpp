// MATLAB's .mat files of level 5: elements written here, files of Octave's, and files that lie.

#include "formats.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

enum Stored : std::uint32_t
{
    mi_int8 = 1,
    mi_uint8 = 2,
    mi_int16 = 3,
    mi_int32 = 5,
    mi_uint32 = 6,
    mi_single = 7,
    mi_double = 9,
    mi_matrix = 14,
    mi_compressed = 15
};

constexpr std::uint32_t cell = 1, text = 4, sparse = 5, float64 = 6, float32 = 7, int8 = 8, uint8 = 9, int32 = 12,
                        int64 = 14, function = 16, complex = 0x800, logical = 0x200;

std::string element(std::uint32_t type, const std::string& data)
{
    return bytes_of(type, static_cast<std::uint32_t>(data.size())) + data +
           std::string((8 - data.size() % 8) % 8, '\0');
}

std::string small_element(std::uint32_t type, std::string data)
{
    const auto size = static_cast<std::uint32_t>(data.size());
    data.resize(4);
    return bytes_of(size << 16 | type) + data;
}

std::string matrix(std::uint32_t kind, const std::string& extents, const std::string& name, const std::string& data)
{
    return element(mi_matrix,
                   element(mi_uint32, bytes_of(kind, 0u)) + element(mi_int32, extents) + element(mi_int8, name) + data);
}

std::string mat(const std::string& elements)
{
    return "MATLAB 5.0 MAT-file" + std::string(124 - 19, ' ') + std::string("\0\1IM", 4) + elements;
}

std::string packed(const std::string& bytes)
{
    const std::string content = deflated(bytes, 15);
    return bytes_of<std::uint32_t>(mi_compressed) + bytes_of(static_cast<std::uint32_t>(content.size())) + content;
}

NamedArrays load_mat(const std::string& elements) { return load(mat(elements), "x.mat"); }
std::string mat_error(const std::string& elements) { return load_error(mat(elements), "x.mat"); }

const std::string two_by_three = bytes_of(2, 3);
const std::string six = element(mi_double, bytes_of(1.0, 2.0, 3.0, 4.0, 5.0, 6.5));
const std::string a = matrix(float64, two_by_three, "a", six);

} // namespace

TEST_CASE("mat: arrays stand column by column, packed or not")
{
    for (const std::string& elements : {a, packed(a)}) {
        const NamedArrays arrays = load_mat(elements);
        CHECK(arrays.at("a").shape() == Shape{2, 3});
        CHECK(arrays.at("a").type() == ElementType::float64);
        CHECK(doubles(arrays.at("a")) == std::vector<double>{1, 3, 5, 2, 4, 6.5});
    }
    const std::string deep =
        matrix(float32, bytes_of(1, 2, 3), "long_name", element(mi_single, bytes_of(1.f, 2.f, 3.f, 4.f, 5.f, 6.f)));
    const NamedArrays both = load_mat(packed(a) + deep);
    CHECK(both.at("long_name").shape() == Shape{1, 2, 3});
    CHECK(doubles(both.at("long_name")) == std::vector<double>{1, 3, 5, 2, 4, 6});
    CHECK(both.at("long_name").type() == ElementType::float32);
    CHECK(both.contains("a"));
    CHECK(load(mat(packed(a) + deep), "x.mat", {"a"}).size() == 1);
}

TEST_CASE("mat: whole numbers are stored as the smallest type, and small elements in their tags")
{
    const auto one = [](std::uint32_t kind, const std::string& data) {
        return load_mat(matrix(kind, bytes_of(1, 2), "x", data)).at("x");
    };
    const AnyArray bytes = one(float64, small_element(mi_uint8, "\x07\xff"));
    CHECK(bytes.type() == ElementType::float64);
    CHECK(doubles(bytes) == std::vector<double>{7, 255});
    CHECK(doubles(one(float64, small_element(mi_int16, bytes_of<std::int16_t>(-3) + bytes_of<std::int16_t>(4)))) ==
          std::vector<double>{-3, 4});
    const AnyArray flags = one(uint8 | logical, small_element(mi_uint8, std::string("\0\2", 2)));
    CHECK(flags.type() == ElementType::boolean);
    CHECK(doubles(flags) == std::vector<double>{0, 1});
    const AnyArray narrow = one(int8, small_element(mi_int8, "\x80\x7f"));
    CHECK(narrow.type() == ElementType::int8);
    CHECK(doubles(narrow) == std::vector<double>{-128, 127});
    CHECK(one(int64, element(12, bytes_of(std::int64_t{1} << 62, std::int64_t{-1}))).as<std::int64_t>()(0) ==
          std::int64_t{1} << 62);
    CHECK(one(int32, element(mi_int32, bytes_of(-5, 6))).type() == ElementType::int32);
    CHECK(contains(mat_error(matrix(int8, bytes_of(1, 2), "x", element(mi_int32, bytes_of(1, 128)))),
                   "'x': has a number of type int32 that does not fit its type int8"));
    const std::string short_name =
        element(mi_matrix, element(mi_uint32, bytes_of(float64, 0u)) + element(mi_int32, two_by_three) +
                               small_element(mi_int8, "ab") + six);
    CHECK(load_mat(short_name).contains("ab"));
}

TEST_CASE("mat: what is no array of numbers")
{
    const std::string letters = element(4, "a\0b\0");
    CHECK(load_mat(matrix(text, bytes_of(1, 2), "s", letters) + a + matrix(function, "", "", "")).size() == 1);
    std::string long_text = matrix(text, bytes_of(2, 2), "s", small_element(16, "acbd")); // as Octave writes it
    long_text[4] = static_cast<char>(long_text[4] + 4);
    CHECK(load_mat(long_text + a + long_text + matrix(float64, two_by_three, "b", six)).size() == 2);
    const auto error = [](std::uint32_t kind) { return mat_error(matrix(kind, two_by_three, "x", six + six)); };
    CHECK(contains(error(float64 | complex), "'x' is complex; save real(x) and imag(x)"));
    CHECK(contains(error(sparse), "'x' is a sparse matrix, for which save full(x)"));
    CHECK(contains(error(cell), "'x' is a cell array"));
    CHECK(contains(error(2), "'x' is a struct"));
    CHECK(load(mat(matrix(cell, two_by_three, "x", six) + a), "x.mat", {"a"}).size() == 1);
    CHECK(contains(mat_error(a + packed(a)), "two arrays of the name 'a'"));
    CHECK(contains(load_error("MATLAB 7.3 MAT-file" + std::string(200, ' '), "x.mat"), "-v7.3; save it by -v7"));
    std::string swapped = mat(a);
    swapped.replace(124, 4, std::string("\1\0MI", 4));
    CHECK(contains(load_error(swapped, "x.mat"), "big-endian"));
}

TEST_CASE("mat: damaged files, and those that promise too much")
{
    const std::string both = packed(a) + matrix(float64, two_by_three, "b", six);
    const std::size_t first = packed(a).size();
    for (std::size_t size = 1; size < both.size(); ++size)
        if (size != first)
            CHECK(contains(mat_error(both.substr(0, size)), "truncated"));
    const auto of_extents = [](const std::string& extents) { return mat_error(matrix(float64, extents, "x", six)); };
    CHECK(contains(of_extents(bytes_of(2, 4)), "'x': is damaged: its data have 48 bytes"));
    CHECK(contains(of_extents(bytes_of(2, 2)), "its data have 48 bytes"));
    CHECK(contains(of_extents(bytes_of(2, -3)), "an extent of -3"));
    CHECK(contains(of_extents(bytes_of(1 << 30, 1 << 30)), "has a shape that no array can have"));
    CHECK(contains(of_extents(bytes_of(1, 1, 1, 1, 1, 1, 1, 2, 3)), "has 9 axes"));
    CHECK(contains(of_extents(std::string(1000, '\0')), "its extents are of type 5 and have 1000 bytes"));
    CHECK(contains(mat_error(matrix(float64, two_by_three, "x", element(8, "12345678"))), "unknown type 8"));
    CHECK(contains(mat_error(matrix(float64, two_by_three, "x", element(700, "12345678"))), "unknown type 700"));
    CHECK(contains(mat_error(matrix(float64, two_by_three, "x", "")), "truncated"));
    CHECK(contains(mat_error(matrix(float64, two_by_three, "x", six.substr(0, 20))), "truncated"));
    CHECK(contains(mat_error(matrix(float64, two_by_three, std::string(5000, 'x'), six)), "letters of a name"));
    CHECK(contains(mat_error(element(mi_matrix, element(mi_uint32, ""))), "no flags"));
    CHECK(contains(mat_error(bytes_of(0x00050001u)), "a small element has 5 bytes"));
    CHECK(contains(mat_error(a + element(mi_double, "12345678")), "an element of type 9 where an array was expected"));

    std::string damaged = packed(a);
    damaged[damaged.size() - 1] ^= 1; // the checksum
    CHECK(contains(mat_error(damaged), "damaged"));
    damaged = packed(a);
    damaged[20] ^= 0x55;
    CHECK(contains(mat_error(damaged), "damaged"));
    CHECK(load_mat(packed(a + "more")).size() == 1); // Octave counts a text wrong
    CHECK(contains(mat_error(packed(a.substr(0, 60))), "damaged"));
    CHECK(
        contains(mat_error(packed(bytes_of<std::uint32_t>(mi_matrix) + bytes_of(0x7fffffffu))), "cannot hold so many"));
}

TEST_CASE("mat: zeros that fill the memory")
{
    const std::string bomb = packed(matrix(float64, bytes_of(1000, 5000), "x",
                                           element(mi_uint8, std::string(5'000'000, '\0')))); // 40 MB of doubles
    CHECK(bomb.size() < 10'000);
    CHECK(contains(mat_error(bomb), "makes the arrays larger than 32 MiB and 64 times the file"));
}

TEST_CASE("mat and text: files of Octave's")
{
    if (!has_octave()) {
        MESSAGE("skipped: no Octave");
        return;
    }
    const Folder folder;
    const std::string output = run_octave(folder, R"(
a = [1 2 3; 4 5 6.5]; whole = [1 2; 3 400]; scalar = 3; single_one = single(0.1); none = zeros(0, 3);
deep = reshape(1:24, 2, 3, 4); i8 = int8([-128 127]); u16 = uint16(65535); i32 = int32(reshape(1:8, 2, 2, 2)); i64 = intmax('int64');
flag = true; flags = [true false; true true]; range = 1:5; odd = [NaN Inf -Inf 1e-300]; s = 'text'; ss = ['ab'; 'cd']; empty = '';
tricky = "x\n# name: a\n# type: scalar\n1";
save -v6 six.mat; save -v7 seven.mat; clear range; save -text all.txt; save -ascii plain.txt a
)");
    CHECK_MESSAGE(output.starts_with("done"), output);
    for (const char* name : {"six.mat", "seven.mat", "all.txt"}) {
        CAPTURE(name);
        const NamedArrays arrays = load_arrays(folder / name);
        CHECK(doubles(arrays.at("a")) == std::vector<double>{1, 2, 3, 4, 5, 6.5});
        CHECK(doubles(arrays.at("whole")) == std::vector<double>{1, 2, 3, 400});
        CHECK(doubles(arrays.at("scalar")) == std::vector<double>{3});
        CHECK(arrays.at("single_one").type() == ElementType::float32);
        CHECK(arrays.at("single_one").as<float>().data()[0] == 0.1f);
        CHECK(arrays.at("none").shape() == Shape{0, 3});
        const Array<double> deep = arrays.at("deep").as<double>();
        REQUIRE(deep.shape() == Shape{2, 3, 4});
        for (std::size_t i = 0; i < 2; ++i)
            for (std::size_t j = 0; j < 3; ++j)
                for (std::size_t k = 0; k < 4; ++k)
                    CHECK(deep(i, j, k) == static_cast<double>(1 + i + 2 * j + 6 * k));
        CHECK(doubles(arrays.at("i8")) == std::vector<double>{-128, 127});
        CHECK(arrays.at("i8").type() == ElementType::int8);
        CHECK(arrays.at("u16").type() == ElementType::uint16);
        CHECK(arrays.at("u16").as<std::int32_t>().data()[0] == 65535);
        CHECK(doubles(arrays.at("i32")) == std::vector<double>{1, 5, 3, 7, 2, 6, 4, 8});
        CHECK(arrays.at("i64").as<std::int64_t>().data()[0] == std::numeric_limits<std::int64_t>::max());
        CHECK(arrays.at("flag").type() == ElementType::boolean);
        CHECK(doubles(arrays.at("flags")) == std::vector<double>{1, 0, 1, 1});
        const std::vector<double> odd = doubles(arrays.at("odd"));
        CHECK(odd[0] != odd[0]);
        CHECK(odd[1] == std::numeric_limits<double>::infinity());
        CHECK(odd[2] == -odd[1]);
        CHECK(odd[3] == 1e-300);
        for (const char* skipped : {"s", "ss", "empty", "tricky"})
            CHECK(!arrays.contains(skipped));
        CHECK(arrays.size() == (arrays.contains("range") ? 14 : 13));
    }
    CHECK(doubles(load_arrays(folder / "plain.txt").at("plain")) == std::vector<double>{1, 2, 3, 4, 5, 6.5});

    CHECK(
        run_octave(
            folder,
            "a = 1; z = [1 2i]; p = sparse(eye(3)); c = {1}; t.a = 7; d = eye(2); r = 1:3;\n"
            "save -v7 refused.mat; save -text refused.txt a z p d r; save -text cell.txt c; save -text struct.txt t a; "
            "save -binary own.bin a")
            .starts_with("done"));
    CHECK(load_arrays(folder / "refused.mat", {"a"}).size() == 1);
    CHECK(load_arrays(folder / "refused.txt", {"a"}).size() == 1);
    const auto error = [&](const char* file, const std::string& name) {
        return error_of([&] { load_arrays(folder / file, {name}); });
    };
    CHECK(contains(error("refused.mat", "z"), "'z' is complex"));
    CHECK(contains(error("refused.mat", "p"), "'p' is a sparse matrix"));
    CHECK(contains(error("refused.mat", "c"), "'c' is a cell array"));
    CHECK(contains(error("refused.mat", "t"), "'t' is a struct"));
    CHECK(contains(error("refused.txt", "z"), "'z' is of the type 'complex matrix'"));
    CHECK(contains(error("refused.txt", "p"), "'p' is of the type 'sparse matrix'"));
    CHECK(contains(error("refused.txt", "d"), "'d' is of the type 'diagonal matrix'"));
    CHECK(contains(error("refused.txt", "r"), "'r' is of the type"));
    CHECK(contains(error("cell.txt", "c"), "'c' is of the type 'cell'"));
    CHECK(contains(error("struct.txt", "a"), "'t' is of the type 'scalar struct'"));
    CHECK(contains(error("own.bin", "a"), "Octave's own binary format"));
}
