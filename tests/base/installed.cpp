// Messages that name a document.

#include "docs/documents.hpp"
#include <xgrad/base/installed.hpp>

#include <doctest/doctest.h>

TEST_CASE("a document has its name in the source tree, where the name leads to it")
{
    CHECK(xgrad::detail::place_of_document("docs/mistakes.md#factor") == "docs/mistakes.md#factor");
    CHECK(std::filesystem::exists(xgrad::test::source_folder() / "docs/mistakes.md"));
}
