// Comparisons as pages: what is on them, and their heat maps.
#include "docs/documents.hpp"
#include "files.hpp"
#include "html.hpp"
#include <xgrad/inspect/comparison/heat_map.hpp>
#include <xgrad/inspect/comparison/page.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/reduction.hpp>

#include <doctest/doctest.h>
#include <zlib.h>

#include <cmath>
#include <cstdint>
#include <limits>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** A comparison of one row of numbers. */
TensorComparison row(const std::string& name, const std::string& explanation = "", std::size_t turn = 0)
{
    const Array<double> right = {{1.0, -2.0}, {0.0, 4.0}};
    TensorComparison each{.name = name, .shape = {2, 2}, .agrees = explanation.empty(), .turn = turn};
    each.explanation = explanation;
    each.automatic = each.by_hand = each.value = right;
    if (!each.agrees) {
        each.by_hand(0, 0) = 3;
        each.page = "docs/mistakes.md#factor";
    }
    return each;
}

/** A PNG with a palette, as it is written. */
struct Picture
{
    std::size_t width = 0, height = 0;
    std::vector<int> colours;         // numbers of colours, row by row
    std::vector<std::string> palette; // red, green, blue
    std::vector<int> opacities;
};

std::string from_base64(const std::string& text)
{
    const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    std::uint32_t bits = 0;
    int known = 0;
    for (const char c : text.substr(0, text.find('='))) {
        REQUIRE(letters.find(c) != std::string::npos);
        bits = bits << 6 | static_cast<std::uint32_t>(letters.find(c));
        if ((known += 6) >= 8)
            bytes += static_cast<char>(bits >> (known -= 8) & 255);
    }
    return bytes;
}

Picture picture_of(const Element& image)
{
    const std::string start = "data:image/png;base64,", source = image.attributes.at("src");
    REQUIRE(source.starts_with(start));
    const std::string png = from_base64(source.substr(start.size()));
    const auto number = [&](std::size_t at) {
        std::size_t value = 0;
        for (std::size_t k = 0; k < 4; ++k)
            value = value << 8 | static_cast<unsigned char>(png.at(at + k));
        return value;
    };
    REQUIRE(png.starts_with("\x89PNG\r\n\x1a\n"));
    Picture picture;
    std::string type;
    for (std::size_t at = 8; at < png.size(); at += 12 + number(at)) {
        type = png.substr(at + 4, 4);
        const std::string content = png.substr(at + 8, number(at));
        const auto crc = crc32(0, reinterpret_cast<const Bytef*>(&png[at + 4]), static_cast<uInt>(4 + content.size()));
        CHECK(crc == number(at + 8 + content.size()));
        if (type == "IHDR") {
            picture.width = number(at + 8);
            picture.height = number(at + 12);
        } else if (type == "PLTE")
            for (std::size_t i = 0; i < content.size(); i += 3)
                picture.palette.push_back(content.substr(i, 3));
        else if (type == "tRNS")
            for (const char c : content)
                picture.opacities.push_back(static_cast<unsigned char>(c));
        else if (type == "IDAT") {
            std::vector<Bytef> lines(picture.height * (picture.width + 1) + 1);
            uLongf size = static_cast<uLongf>(lines.size());
            REQUIRE(uncompress(lines.data(), &size, reinterpret_cast<const Bytef*>(content.data()),
                               static_cast<uLong>(content.size())) == Z_OK);
            REQUIRE(size + 1 == lines.size());
            for (std::size_t i = 0; i < size; ++i)
                if (i % (picture.width + 1) > 0)
                    picture.colours.push_back(lines[i]);
        }
    }
    CHECK(type == "IEND");
    CHECK(picture.opacities.size() == picture.palette.size());
    return picture;
}

Picture heat_map(const Array<double>& x, double scale)
{
    const std::string figure = detail::heat_map("x", x, scale);
    const Html html("<!DOCTYPE html>\n" + figure);
    REQUIRE(html.named("img").size() == 1);
    return picture_of(html.named("img")[0]);
}

/** The part of the strongest colour that a pixel has, below 0 for blue. */
double value_at(const Picture& picture, std::size_t row, std::size_t column)
{
    const auto colour = static_cast<std::size_t>(picture.colours.at(row * picture.width + column));
    const bool is_blue = static_cast<unsigned char>(picture.palette.at(colour)[2]) >
                         static_cast<unsigned char>(picture.palette[colour][0]);
    return (is_blue ? -1 : 1) * picture.opacities.at(colour) / 255.0;
}

} // namespace

TEST_CASE("comparison page: each explanation is there once, with its gradients, in the order of the backward pass")
{
    Comparison comparison;
    comparison.tensors = {row("one", "turned", 9), row("fine"), row("two", "doubled", 5), row("three", "turned", 2)};
    const std::string page = to_html(comparison, {.title = "All", .about = {"a & b"}, .notes = {"the end"}});
    const Html html(page);
    CHECK(count(page, "turned") == 1);
    CHECK(count(page, "doubled") == 1);
    CHECK(page.find("turned") < page.find("doubled"));
    std::string links;
    for (const Element& link : html.named("a"))
        links += link.attributes.at("href")[0] == '#' ? link.text + " " : "| ";
    CHECK(links == "| three one | two ");
    std::string lines, open;
    for (const Element& line : html.named("details")) {
        const std::string name = line.text.substr(0, line.text.find('\n'));
        lines += name;
        open += line.attributes.contains("open") ? name : "";
    }
    CHECK(lines == "✗ three✗ two✗ one✓ fine");
    CHECK(open == "✗ three✗ two");
    CHECK(html.named("h1").size() == 1);
    CHECK(html.named("h2").size() == 3);
    CHECK(count(page, "3 of 4 gradients are wrong") == 1);
    CHECK(count(page, "<p class=\"soft\">a &amp; b</p>") == 1);
    CHECK(count(page, "the end") == 1);
}

TEST_CASE("comparison page: compare knows the order of the backward pass")
{
    const Parameters<double> parameters{{"a", variable<double>({1, 2})}, {"b", variable<double>({3, 4})}};
    const auto loss = [&] { return sum(square(parameters[0] * 2.0) * parameters[1]); };
    const Comparison comparison = compare(loss, parameters,
                                          {[] {
                                               return Array<double>{5.0, 5.0};
                                           },
                                           [] {
                                               return Array<double>{7.0, 9.0};
                                           }});
    REQUIRE(comparison.tensors.size() == 2);
    CHECK(comparison.tensors[1].turn < comparison.tensors[0].turn);
    CHECK(comparison.tensors[1].turn > 0);
    CHECK(comparison.tensors[1].value == parameters[1].value());
    const std::string page = to_html(comparison);
    CHECK(page.find("</b> b<") < page.find("</b> a<"));
}

TEST_CASE("comparison page: it says in one line that all agree, or why nothing was compared")
{
    Comparison comparison;
    comparison.tensors = {row("a"), row("b")};
    const std::string right = to_html(comparison);
    CHECK(count(right, "✓ All 2 gradients agree</p>") == 1);
    CHECK(count(right, "✗") + count(right, "<li>") + count(right, "<details class=\"row\" open") == 0);
    comparison = {};
    comparison.problem = "the loss is <nan>";
    const std::string nothing = to_html(comparison);
    CHECK(count(nothing, "✗ Nothing was compared: the loss is &lt;nan&gt;</p>") == 1);
    CHECK(Html(nothing).named("details").empty());
    CHECK(count(to_html({}), "✗ Nothing was compared</p>") == 1);
}

TEST_CASE("comparison page: names and messages with signs of HTML are text")
{
    const std::string hard = "\"><script>&'\n\x01\xff\u202e";
    Comparison comparison;
    comparison.tensors = {row(hard, "wrong: " + hard), row(hard)};
    TensorComparison thrown{.name = hard, .problem = "it threw: " + hard};
    comparison.tensors.push_back(thrown);
    const std::string page = to_html(comparison, {.title = hard, .about = {hard}, .notes = {hard}});
    const Html html(page);
    CHECK(count(page, "<script") + count(page, "\x01") + count(page, "\xff") == 0);
    CHECK(html.named("details").size() == 3);
    CHECK(count(page, "it threw: ") == 1);
    CHECK(html.named("summary")[0].text.find("\\u202e") != std::string::npos);
}

TEST_CASE("comparison page: it reads nothing else, works without scripts, and names what it shows")
{
    Comparison comparison;
    comparison.tensors = {row("a", "turned"), row("b")};
    comparison.tensors[0].at_kink = true;
    const std::string page = to_html(comparison);
    const Html html(page);
    CHECK(count(page, "http") + count(page, "@import") + count(page, "url(") + count(page, "<script") == 0);
    CHECK(html.named("html")[0].attributes.at("lang") == "en");
    CHECK(count(page, "<meta charset=\"utf-8\">") == 1);
    std::size_t documents = 0;
    for (const Element& link : html.named("a")) {
        const std::string to = link.attributes.at("href");
        if (to[0] == '#') {
            CHECK(html.ids().contains(to.substr(1)));
            continue;
        }
        ++documents;
        REQUIRE(to.starts_with("file:///"));
        const std::size_t hash = std::min(to.find('#'), to.size());
        const std::string text = read_text(to.substr(7, hash - 7));
        if (hash < to.size())
            CHECK(anchors_of(text).contains(to.substr(hash + 1)));
    }
    CHECK(documents == 2);
    for (const Element& heading : html.named("th"))
        CHECK(heading.attributes.contains("scope"));
    REQUIRE(html.named("img").size() == 8);
    for (const Element& image : html.named("img"))
        CHECK(image.attributes.at("alt").find("heat map of shape (2,2), ") != std::string::npos);
    const std::vector<Element> captions = html.named("figcaption");
    CHECK(captions[0].text == "by hand -2 … 4-4  4");
    CHECK(captions[1].text == "autodiff -2 … 4-4  4");
    CHECK(captions[2].text == "difference 0 … 2-2  2");
    CHECK(captions[6].text == "difference 0 … 0-4  4"); // of gradients that agree
}

TEST_CASE("comparison page: gradients of any shape, of none, and that are not finite")
{
    constexpr double inf = std::numeric_limits<double>::infinity();
    Comparison comparison;
    for (const Shape& shape : std::vector<Shape>{{}, {0}, {3}, {0, 3}, {2, 3, 4}, {2, 3, 4, 5}, {2, 2, 3, 4, 5}}) {
        TensorComparison each{.name = to_string(shape), .shape = shape, .agrees = true};
        each.automatic = each.by_hand = each.value = Array<double>(shape, 1.0);
        comparison.tensors.push_back(each);
        each.agrees = false;
        each.by_hand = Array<double>(Shape{7}, inf);
        each.problem = "it is inf";
        comparison.tensors.push_back(each);
    }
    const Html html(to_html(comparison));
    CHECK(html.named("details").size() == 14);
    CHECK(html.named("img").size() == 5 * 4 + 5 * 3 + 2 * 1); // no difference of two shapes, no picture of nothing
    for (const Element& image : html.named("img"))
        (void)picture_of(image);
}

TEST_CASE("heat map: colours stand for the elements, and their strength for the size")
{
    const Picture small = heat_map({{1.0, -2.0, 0.0}, {0.5, 4.0, -8.0}}, 4);
    REQUIRE(small.width == 3);
    REQUIRE(small.height == 2);
    const double right[] = {0.25, -0.5, 0, 0.125, 1, -1}; // -8 is beyond the scale
    for (std::size_t i = 0; i < 6; ++i)
        CHECK(std::abs(value_at(small, i / 3, i % 3) - right[i]) <= 0.01);

    const Picture same = heat_map({{0.0, 0.0}}, 0);
    CHECK(value_at(same, 0, 1) == 0);

    const Picture broken = heat_map({{1.0, NAN}, {-INFINITY, INFINITY}}, 1);
    CHECK(broken.colours[1] == broken.colours[2]);
    CHECK(broken.colours[1] == broken.colours[3]);
    CHECK(broken.colours[1] != broken.colours[0]);
    CHECK(broken.opacities[static_cast<std::size_t>(broken.colours[1])] == 255);
}

TEST_CASE("heat map: planes are in a grid, the larger axis across, with lines between them")
{
    Array<double> x(Shape{5, 2, 3, 4}, 0.0);
    for (std::size_t i = 0; i < x.size(); ++i)
        x.data()[i] = static_cast<double>(i + 1);
    const Picture picture = heat_map(x, 120);
    REQUIRE(picture.width == 5 * 5 - 1);
    REQUIRE(picture.height == 2 * 4 - 1);
    for (std::size_t a = 0; a < 5; ++a)
        for (std::size_t b = 0; b < 2; ++b)
            for (std::size_t r = 0; r < 3; ++r)
                for (std::size_t c = 0; c < 4; ++c)
                    CHECK(std::abs(value_at(picture, b * 4 + r, a * 5 + c) - x(a, b, r, c) / 120) <= 0.01);
    CHECK(picture.colours[4] == picture.colours[3 * picture.width]); // a line
    CHECK(picture.colours[4] != picture.colours[3]);

    const Picture maps = heat_map(Array<double>(Shape{4, 1, 8, 8}, 1.0), 1); // 2×2
    CHECK(maps.width == 17);
    CHECK(maps.height == 17);
}

TEST_CASE("heat map: a large array is shrunk, and its largest elements remain")
{
    Array<double> x(Shape{1000, 900}, 0.0);
    x(777, 555) = -3;
    x(0, 1) = NAN;
    const Picture picture = heat_map(x, 3);
    CHECK(picture.width <= 360);
    CHECK(picture.height <= 240);
    CHECK(value_at(picture, 777 / 5, 555 / 3) == -1);
    CHECK(picture.opacities[static_cast<std::size_t>(picture.colours[0])] == 255);
    std::size_t drawn = 0;
    for (const int colour : picture.colours)
        drawn += picture.opacities[static_cast<std::size_t>(colour)] > 0;
    CHECK(drawn == 2);
    const std::string figure = detail::heat_map("x", x, 3);
    CHECK(figure.size() < 4000);
    CHECK(count(figure, "a pixel is the largest of 5×3") == 1);
}
