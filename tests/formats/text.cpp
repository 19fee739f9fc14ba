// Numbers in text files: tables, and what Octave writes.

#include "formats.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

AnyArray table(const std::string& text) { return load(text, "t.txt").at("t"); }
std::string error(const std::string& text) { return load_error(text, "t.csv"); }

} // namespace

TEST_CASE("text: numbers in rows and columns")
{
    for (const char* text : {"1,2,3\n4,5,6.5\n", "1, 2 ,3\r\n4,5,6.5", "1;2;3\n4;5;6.5\n", "  1 2\t3\n\n4   5 6.5 \n",
                             "# a comment, with commas\n% another\n1 2 3\n#\n4 5 6.5", "\"1\",\"2\",\"3\"\n4,5,+6.5\n",
                             "\xef\xbb\xbf"
                             "1,2,3\n4,5,65e-1\n"})
    {
        CAPTURE(text);
        const AnyArray array = table(text);
        CHECK(array.type() == ElementType::float64);
        CHECK(array.shape() == Shape{2, 3});
        CHECK(doubles(array) == std::vector<double>{1, 2, 3, 4, 5, 6.5});
    }
    CHECK(table("7\n").shape() == Shape{1, 1});
    CHECK(table("1\n2\n3").shape() == Shape{3, 1});
    const std::vector<double> odd = doubles(table("nan -inf Inf\n-0 1e-320 0.1\n"));
    CHECK(odd[0] != odd[0]);
    CHECK(odd[1] == -std::numeric_limits<double>::infinity());
    CHECK(odd[2] == std::numeric_limits<double>::infinity());
    CHECK(1 / odd[3] < 0);
    CHECK(odd[4] == 1e-320);
    CHECK(odd[5] == 0.1);
}

TEST_CASE("text: a row of names gives an array for each column")
{
    const std::string text = "time, \"x, in m\" ,label\n0,1.5,red\n0.5,2.5,green\n";
    const NamedArrays wanted = load(text, "t.csv", {"time", "x, in m"});
    CHECK(wanted.size() == 2);
    CHECK(wanted.at("time").shape() == Shape{2});
    CHECK(doubles(wanted.at("time")) == std::vector<double>{0, 0.5});
    CHECK(doubles(wanted.at("x, in m")) == std::vector<double>{1.5, 2.5});
    CHECK(contains(error(text), "t.csv: line 2 has 'red' in column 3, which is no number"));
    CHECK(contains(load_error(text, "t.csv", {"t"}), "has no array 't'; it has 'label', 'time', 'x, in m'"));
    CHECK(contains(error("a,a\n1,2\n"), "two arrays of the name 'a'"));
    CHECK(contains(error("a,b\n"), "holds names of columns, but no numbers"));
    std::string many = "x0";
    for (int i = 1; i < 10'001; ++i)
        many += ",x" + std::to_string(i);
    CHECK(contains(error(many + "\n1\n"), "names 10001 columns, 10000 are the most"));
}

TEST_CASE("text: what is no table of numbers is refused with its place")
{
    CHECK(contains(error(""), "holds no numbers"));
    CHECK(contains(error("# only\n"), "holds no numbers"));
    CHECK(contains(error("1,2\n3\n"), "line 2 has 1 columns where 2 were expected"));
    CHECK(contains(error("1,2\n3,4,5\n"), "line 2 has 3 columns where 2 were expected"));
    CHECK(contains(error("1,x\n3,4\n"), "line 1 has 'x' in column 2, which is no number"));
    CHECK(contains(error("1,2\n3,\n"), "line 2 has '' in column 2, which is empty: write nan"));
    CHECK(contains(error("1,,3\n"), "in column 2, which is empty"));
    CHECK(contains(error("1e999\n"), "is beyond the range of double"));
    CHECK(contains(error("1,9007199254740993\n"), "column 2, which no double is; save it as .npy"));
    CHECK(contains(error("1,-9223372036854775807\n"), "which no double is"));
    CHECK(doubles(table("9007199254740992 -9223372036854775808 100000000000000000000"))[2] == 1e20);
    CHECK(contains(error("1;2,5\n"), "in column 1, which is no number"));
    CHECK(contains(error("1 (2+3j)\n"), "which is no number"));
    CHECK(contains(error("\"1,2\n"), "quotation mark without its partner"));
    CHECK(contains(error("\"1\"2,3\n"), "something behind a quotation mark"));
    CHECK(contains(error("1 0x10\n"), "no number"));
    CHECK(contains(error("1,2\x1b[2J\n"), "\\x1b"));
    CHECK(contains(error(std::string("1,2\0\n", 5)), "is of no format that is read"));
    CHECK(contains(load_error("\x1f\x8b etc.", "t.csv"), "gunzip"));
    CHECK(contains(load_error("\x80\x04 etc.", "t.pkl"), "pickle"));
}

TEST_CASE("text: a table takes at most twenty times its memory")
{
    std::string text = "1";
    for (int i = 0; i < 1'000'000; ++i)
        text += i % 1000 == 999 ? "\n1" : ",1";
    const Folder folder;
    write(folder / "t.csv", text + std::string(998 * 2, ' '));
    write(folder / "good.csv", text.substr(0, text.size() - 2));
    const MemoryLimit limit;
    CHECK(load_arrays(folder / "good.csv").at("good").shape() == Shape{1000, 1000});
    CHECK(
        contains(error_of([&] { load_arrays(folder / "t.csv"); }), "line 1001 has 1 columns where 1000 were expected"));
}

TEST_CASE("text: numbers of Octave")
{
    const NamedArrays arrays =
        load("# Created by Octave\n# name: a\n# type: matrix\n# rows: 2\n# columns: 3\n 1 2 3\n 4 NA -Inf\n\n\n"
             "# name: deep\n# type: int16 matrix\n# ndims: 3\n 1 2 2\n 1\n -2\n 3\n 4\n\n"
             "# name: s\n# type: string\n# elements: 1\n# length: 9\n# name: a\n\n"
             "# name: f\n# type: float scalar\n0.1\n"
             "# name: yes\n# type: bool\n1\n# name: u\n# type: uint64 scalar\n18446744073709551615\n"
             "# name: g\n# type: global matrix\n# rows: 1\n# columns: 0\n",
             "t.txt");
    CHECK(arrays.size() == 6);
    CHECK(arrays.at("a").shape() == Shape{2, 3});
    CHECK(doubles(arrays.at("a"))[3] == 4);
    CHECK(doubles(arrays.at("a"))[4] != doubles(arrays.at("a"))[4]);
    CHECK(arrays.at("deep").type() == ElementType::int16);
    CHECK(arrays.at("deep").shape() == Shape{1, 2, 2});
    CHECK(doubles(arrays.at("deep")) == std::vector<double>{1, 3, -2, 4});
    CHECK(arrays.at("f").as<float>()() == 0.1f);
    CHECK(arrays.at("yes").type() == ElementType::boolean);
    CHECK(arrays.at("u").shape() == Shape{});
    CHECK(arrays.at("g").size() == 0);
}

TEST_CASE("text: damaged files of Octave")
{
    const auto of = [](const std::string& rest) { return error("# name: a\n" + rest); };
    CHECK(contains(of(""), "no '# type:' where one was expected"));
    CHECK(contains(of("# type: scalar\n"), "ends where a number was expected"));
    CHECK(contains(of("# type: scalar\nx\n"), "has 'x', which is no float64"));
    CHECK(contains(of("# type: int8 scalar\n128\n"), "has '128', which is no int8"));
    CHECK(contains(of("# type: uint8 scalar\n-1\n"), "has '-1', which is no uint8"));
    CHECK(contains(of("# type: bool\n2\n"), "has '2', which is no bool"));
    CHECK(contains(of("# type: matrix\n1 2\n"), "tells no extents"));
    CHECK(contains(of("# type: matrix\n# rows: x\n"), "whole number"));
    CHECK(contains(of("# type: matrix\n# rows: 2\n# columns: 2\n1 2\n3\n"), "more numbers were expected"));
    CHECK(contains(of("# type: matrix\n# rows: 1\n# columns: 2\n1 2 3\n"), "more numbers than the extents tell"));
    CHECK(contains(of("# type: matrix\n# rows: 1099511627776\n# columns: 1\n1\n"), "for which the file is too small"));
    CHECK(contains(of("# type: matrix\n# rows: 4294967296\n# columns: 4294967296\n1\n"), "which no array can have"));
    CHECK(contains(of("# type: matrix\n# ndims: 9\n"), "has 9 axes"));
    CHECK(contains(of("# type: cell\n"), "'a' is of the type 'cell'"));
    CHECK(contains(of("# type: string\n# elements: 1\n# length: 18446744073709551615\nabc\n"), "promises a text"));
    CHECK(contains(of("# type: string\n# elements: 2\n# length: 100\nabc\n"), "promises a text of 101 bytes"));
    CHECK(contains(of("# type: scalar\n1\n# name: a\n# type: scalar\n1\n"), "two arrays of the name 'a'"));
}

TEST_CASE("text: what NumPy's savetxt writes")
{
    if (python().empty()) {
        MESSAGE("skipped: no NumPy");
        return;
    }
    const Folder folder;
    CHECK(run_python(folder, R"(
x = np.array([[0.1, -1e300, np.nan], [np.inf, 5e-324, 3]])
np.savetxt('plain.txt', x)
np.savetxt('header.csv', x, delimiter=',', header='a,b,c')
np.savetxt('named.csv', x, delimiter=',', header='a,b,c', comments='')
)") == "");
    for (const char* stem : {"plain", "header"}) {
        const AnyArray array = load_arrays(folder / (std::string(stem) + (stem[0] == 'p' ? ".txt" : ".csv"))).at(stem);
        CHECK(array.shape() == Shape{2, 3});
        CHECK(doubles(array)[0] == 0.1);
        CHECK(doubles(array)[1] == -1e300);
        CHECK(doubles(array)[4] == 5e-324);
    }
    const NamedArrays named = load_arrays(folder / "named.csv");
    CHECK(named.size() == 3);
    CHECK(doubles(named.at("b")) == std::vector<double>{-1e300, 5e-324});
}
