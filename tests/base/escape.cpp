#include <xgrad/base/escape.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace xgrad::detail;

TEST_CASE("escape: JSON reads back what was written, for every byte")
{
    std::string all;
    for (int byte = 0; byte < 128; ++byte)
        all += static_cast<char>(byte);
    for (const std::string& text : {all, std::string("∂E/∂W ü 𝛿"), std::string(), std::string("my \"op\"\\\n")})
        CHECK(nlohmann::json::parse(in_json(text)) == text);
}

TEST_CASE("escape: what is not UTF-8 becomes U+FFFD, byte by byte")
{
    const std::string unknown = "\xef\xbf\xbd";
    for (const char* text : {"\xc3", "\xff"}) // one is cut off
        CHECK(in_html(text) == unknown);
    CHECK(in_html("\xc0\xaf") == unknown + unknown);                 // longer than necessary
    CHECK(in_html("\xed\xa0\x80") == unknown + unknown + unknown);   // half of a pair of UTF-16
    CHECK(in_html("\xf4\x90\x80\x80").size() == 4 * unknown.size()); // beyond U+10FFFF
    CHECK(in_html("\xf0\x9d\x9b\xbf é €") == "\xf0\x9d\x9b\xbf é €");
    CHECK(nlohmann::json::parse(in_json("\xe9")) == unknown);
    CHECK(in_html("\xe9<") == unknown + "&lt;");
    CHECK(in_dot("\xe9") == '"' + unknown + '"');
    CHECK(in_latex("\xe9") == "?");
}

TEST_CASE("escape: HTML and SVG")
{
    CHECK(in_html("<a href=\"x\">&</a>") == "&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;");
    CHECK(in_html("a\nb\x01") == "a\nb\xef\xbf\xbd");
}

TEST_CASE("escape: DOT") { CHECK(in_dot("a \"b\" \\N\n& <c>") == "\"a \\\"b\\\" \\\\N\\n&amp; <c>\""); }

TEST_CASE("escape: LaTeX")
{
    CHECK(in_latex("a_b%c&d#e$f{g}") == "a\\_b\\%c\\&d\\#e\\$f\\{g\\}");
    CHECK(in_latex("\\^~\n\x01") == "\\text{\\textbackslash}\\text{\\textasciicircum}\\text{\\textasciitilde} ?");
    CHECK(in_latex("ü") == "\\text{ü}");
}

TEST_CASE("printable: text stays as it is, in any script")
{
    for (const std::string text : {"", "c1.weight", "größe", "層.重み", "𝛼→β", "a\\b \"c\""})
        CHECK(xgrad::printable(text) == text);
}

TEST_CASE("printable: what acts on a terminal, or turns a text, is written out")
{
    CHECK(xgrad::printable("\x1b[2J\x1b]0;title\x07") == "\\x1b[2J\\x1b]0;title\\x07");
    CHECK(xgrad::printable("two\nlines\r\tand a tab\x7f") == "two\\nlines\\r\\tand a tab\\x7f");
    CHECK(xgrad::printable(std::string("\0", 1)) == "\\x00");
    CHECK(xgrad::printable("\xc2\x9b"
                           "2J") == "\\u009b2J"); // CSI as one character
    CHECK(xgrad::printable("abc\xe2\x80\xae"
                           "fed") == "abc\\u202efed"); // from here to the left
    CHECK(xgrad::printable("\xef\xbb\xbf") == "\\ufeff");
}

TEST_CASE("printable: bytes that are not UTF-8 are written out")
{
    CHECK(xgrad::printable("latin\xe9") == "latin\\xe9");
    CHECK(xgrad::printable("\xc0\x9b") == "\\xc0\\x9b");          // a long form of an escape character
    CHECK(xgrad::printable("\xed\xa0\x80") == "\\xed\\xa0\\x80"); // half of a surrogate pair
    CHECK(xgrad::printable("\xf5\x80\x80\x80") == "\\xf5\\x80\\x80\\x80");
    CHECK(xgrad::printable("\xe2\x82") == "\\xe2\\x82"); // cut off
    CHECK(xgrad::printable("\xff\xfe") == "\\xff\\xfe");
}

TEST_CASE("printable: a long text is cut, between its characters")
{
    CHECK(xgrad::printable(std::string(300, 'x')) == std::string(200, 'x') + "…");
    CHECK(xgrad::printable("abcdef", 6) == "abcdef");
    CHECK(xgrad::printable("abcdef", 5) == "abcde…");
    CHECK(xgrad::printable("aüü", 4) == "aü…");
}
