#include <xgrad/base/printable.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace xgrad;

TEST_CASE("printable: text stays as it is, in any script")
{
    for (const std::string text : {"", "c1.weight", "größe", "層.重み", "𝛼→β", "a\\b \"c\""})
        CHECK(printable(text) == text);
}

TEST_CASE("printable: what acts on a terminal, or turns a text, is written out")
{
    CHECK(printable("\x1b[2J\x1b]0;title\x07") == "\\x1b[2J\\x1b]0;title\\x07");
    CHECK(printable("two\nlines\r\tand a tab\x7f") == "two\\nlines\\r\\tand a tab\\x7f");
    CHECK(printable(std::string("\0", 1)) == "\\x00");
    CHECK(printable("\xc2\x9b"
                    "2J") == "\\u009b2J"); // CSI as one character
    CHECK(printable("abc\xe2\x80\xae"
                    "fed") == "abc\\u202efed"); // from here to the left
    CHECK(printable("\xef\xbb\xbf") == "\\ufeff");
}

TEST_CASE("printable: bytes that are not UTF-8 are written out")
{
    CHECK(printable("latin\xe9") == "latin\\xe9");
    CHECK(printable("\xc0\x9b") == "\\xc0\\x9b");          // a long form of an escape character
    CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80"); // half of a surrogate pair
    CHECK(printable("\xf5\x80\x80\x80") == "\\xf5\\x80\\x80\\x80");
    CHECK(printable("\xe2\x82") == "\\xe2\\x82"); // cut off
    CHECK(printable("\xff\xfe") == "\\xff\\xfe");
}

TEST_CASE("printable: a long text is cut, between its characters")
{
    CHECK(printable(std::string(300, 'x')) == std::string(200, 'x') + "…");
    CHECK(printable("abcdef", 6) == "abcdef");
    CHECK(printable("abcdef", 5) == "abcde…");
    CHECK(printable("aüü", 4) == "aü…");
}
