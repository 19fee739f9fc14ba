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
    CHECK(in_plain_text("a\xff"
                        "b") == "a" + unknown + "b");
    CHECK(in_plain_text("\xc3") == unknown);                               // a character that is cut off
    CHECK(in_plain_text("\xc0\xaf") == unknown + unknown);                 // longer than necessary
    CHECK(in_plain_text("\xe0\x80\xaf") == unknown + unknown + unknown);   // the same
    CHECK(in_plain_text("\xed\xa0\x80") == unknown + unknown + unknown);   // half of a pair of UTF-16
    CHECK(in_plain_text("\xf4\x90\x80\x80").size() == 4 * unknown.size()); // beyond U+10FFFF
    CHECK(in_plain_text("\xf0\x9d\x9b\xbf é €") == "\xf0\x9d\x9b\xbf é €");
    CHECK(nlohmann::json::parse(in_json("\xe9")) == unknown);
    CHECK(in_html("\xe9<") == unknown + "&lt;");
    CHECK(in_dot("\xe9") == '"' + unknown + '"');
    CHECK(in_latex("\xe9") == "?");
}

TEST_CASE("escape: plain text stays in its line")
{
    CHECK(in_plain_text("a\nb\tc\rd\x1b[31m\x7f") == "a\\nb\\tc\\rd\\x1b[31m\\x7f");
    CHECK(in_plain_text("a \"b\" \\ <c>") == "a \"b\" \\ <c>");
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
