// Messages that name a document.

#include "docs/documents.hpp"
#include <xgrad/base/installed.hpp>

#include <doctest/doctest.h>

TEST_CASE("a document has its name in the source tree, where the name leads to it")
{
    CHECK(xgrad::detail::place_of_document("docs/mistakes.md#factor") == "docs/mistakes.md#factor");
    CHECK(std::filesystem::exists(xgrad::test::source_folder() / "docs/mistakes.md"));
}

TEST_CASE("a link to a document leads to its section in the source tree; there is none to a document that is missing")
{
    const std::string link = xgrad::detail::link_to_document("docs/mistakes.md#factor");
    REQUIRE(link.starts_with("file:///"));
    CHECK(link.ends_with("/docs/mistakes.md#factor"));
    const auto bytes = link.substr(7, link.find('#') - 7);
    CHECK(xgrad::test::read_text(bytes) == xgrad::test::read_text(xgrad::test::source_folder() / "docs/mistakes.md"));
    CHECK(xgrad::detail::link_to_document("docs/nowhere.md").empty());
}
