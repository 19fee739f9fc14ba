// The equations that are formulas. An equation that is nearly one, such as a wrong rule gives, has no ID.

#include "docs/documents.hpp"
#include <xgrad/inspect/derivation/notation.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace xgrad::detail;
using namespace xgrad::test;

namespace
{

Equation equation(const std::string& left, const std::string& right) { return {parse(left), parse(right)}; }

/** The IDs of the formulas that an equation is after others. */
class Ids
{
  public:
    explicit Ids(const std::vector<Equation>& earlier)
    {
        for (const Equation& each : earlier)
            earlier_.add(each);
    }

    std::string operator()(const std::string& left, const std::string& right) const
    {
        Equation each = equation(left, right);
        each.formulas = formulas_of(each, earlier_);
        return ids_of(each);
    }

  private:
    EarlierEquations earlier_;
};

/** The IDs after a forward pass with a layer of each kind. */
const Ids& after_layers()
{
    static const Ids ids({
        equation("u^c1", "(+ (⋆ x w^c1) b^c1)"),
        equation("s^c1", "(∘ 0.25 (down x^c1))"),
        equation("u^c3", "(+ (* s^c1 k^c3) b^c3)"),
        equation("u^s4", "(+ (∘ β^s4 d^s4) b^s4)"),
        equation("u^f5", "(+ (· W^f5 x^s4) b^f5)"),
        equation("E", "(∘ 1/2N (Σ n,i (² (+ y (∘ -1 t)))))"),
    });
    return ids;
}

} // namespace

TEST_CASE("derivation formulas: 1/N comes in with the targets, and nowhere else")
{
    const Ids& ids = after_layers();
    CHECK(ids("δ^f5", "(∘ 1/N (f' f u^f5) (+ y (∘ -1 t)))") == "B6, G3");
    CHECK(ids("δ^f5", "(∘ (f' f u^f5) (+ y (∘ -1 t)))") == "");
    CHECK(ids("δ^f5", "(∘ 2 (f' f u^f5) (+ y (∘ -1 t)))") == "");
    CHECK(ids("(∂ W^f5)", "(· δ^f5 (ᵀ x^s4))") == "B7, G1, H-F.2");
    CHECK(ids("(∂ W^f5)", "(∘ 1/N (· δ^f5 (ᵀ x^s4)))") == "");
    CHECK(Ids({})("δ^f5", "(∘ (f' f u^f5) (+ y (∘ -1 t)))") == "B6, G3"); // of one sample
}

TEST_CASE("derivation formulas: a weight's gradient has what the layer has read")
{
    const Ids& ids = after_layers();
    CHECK(ids("(∂ W^f5)", "(· δ^f5 (ᵀ s^c1))") == "");
    CHECK(ids("(∂ w^c1)", "(⋆ x δ^c1)") == "G9, H-C3.2");
    CHECK(ids("(∂ w^c1)", "(⋆ s^c1 δ^c1)") == "");
    CHECK(ids("(∂ k^c3)", "(rot180 (conv2d s^c1 (rot180 δ^c3) valid))") == "B13");
    CHECK(ids("(∂ k^c3)", "(rot180 (conv2d x (rot180 δ^c3) valid))") == "");
    CHECK(ids("(∂ k^c3)", "(conv2d s^c1 (rot180 δ^c3) valid)") == "");
}

TEST_CASE("derivation formulas: of maps the positions are summed, of units the samples alone")
{
    const struct
    {
        std::string layer, of_positions, of_samples;
    } kinds[] = {{"c1", "H-C3.3", "H-C5.3"}, {"c3", "B11", ""}, {"s4", "B14b", ""}, {"f5", "", "B4, G2, H-F.3"}};
    const Ids& ids = after_layers();
    for (const auto& kind : kinds) {
        CAPTURE(kind.layer);
        const std::string slope = "(∂ b^" + kind.layer + ")", delta = " δ^" + kind.layer + ")";
        CHECK(ids(slope, "(Σ n,u,v" + delta) == kind.of_positions);
        CHECK(ids(slope, "(Σ u,v" + delta) == kind.of_positions);
        CHECK(ids(slope, "(Σ n" + delta) == kind.of_samples);
        CHECK(ids(slope, "(Σ n,u" + delta) == "");
    }
    CHECK(ids("(∂ β^s4)", "(Σ n,u,v (∘ δ^s4 d^s4))") == "B14b");
    CHECK(ids("(∂ β^s4)", "(Σ n (∘ δ^s4 d^s4))") == "");
}

TEST_CASE("derivation formulas: mean pooling has the same factor both ways")
{
    const Ids& ids = after_layers();
    CHECK(ids("δ^c1", "(∘ 0.25 (f' f u^c1) (up (∂ s^c1)))") == "G7");
    CHECK(ids("δ^c1", "(∘ 0.5 (f' f u^c1) (up (∂ s^c1)))") == "");
}

TEST_CASE("derivation formulas: of a sum every term has to be one, and once")
{
    const Ids ids({
        equation("α^c3", "(softmax c^c3)"),
        equation("α_2^c3", "(softmax c^c3)"),
        equation("E", "(+ e (∘ 0.05 (Σ i,j (abs α_2^c3))))"),
        equation("(∂ α_2^c3)", "(∘ 0.05 (sign α_2^c3))"),
    });
    const std::string slope = "(∂ c^c3)", a = "(∘ α^c3 (+ (∂ α^c3) (∘ -1 (Σ i (∘ (∂ α^c3) α^c3)))))",
                      a2 = "(∘ α_2^c3 (+ (∂ α_2^c3) (∘ -1 (Σ i (∘ (∂ α_2^c3) α_2^c3)))))";
    CHECK(ids(slope, a) == "B17");
    CHECK(ids(slope, a2) == "B17, B20, B21");
    CHECK(ids(slope, "(+ " + a + " " + a2 + ")") == "B17, B20, B21");
    CHECK(ids(slope, "(+ " + a + " " + a + ")") == "");
    CHECK(ids(slope, "(+ " + a + " c^c3)") == "");
    CHECK(ids("(∂ α_2^c3)", "(∘ 0.05 (sign α_2^c3))") == "B19");
    CHECK(ids("(∂ α_2^c3)", "(∘ 0.1 (sign α_2^c3))") == ""); // not λ
}

TEST_CASE("derivation formulas: the slopes of a penalty on weights with a fixed sum add up to 0")
{
    const std::string printed = read_text(source_folder() / "docs" / "examples" / "derivation_penalty.expected");
    const std::string label = "∂E/∂c: ";
    std::size_t penalties = 0;
    for (std::size_t at = 0; (at = printed.find(label, at)) != std::string::npos; ++penalties) {
        std::istringstream numbers(printed.substr(at += label.size()));
        double columns[2] = {};
        for (std::size_t i = 0; i < 6; ++i) {
            double slope = NAN;
            numbers >> slope;
            columns[i % 2] += slope;
        }
        CHECK(std::abs(columns[0]) < 1.5e-4);
        CHECK(std::abs(columns[1]) < 1.5e-4);
    }
    CHECK(penalties == 2);
}
