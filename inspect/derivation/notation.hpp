#pragma once
// Formulas as plain text, LaTeX and HTML. Not for users: see inspect/derivation/derivation.hpp.

#include <xgrad/inspect/derivation/equations.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace xgrad::detail
{

/** The parts of a formula that the three formats write differently. */
struct Notation
{
    virtual ~Notation() = default;
    virtual std::string plain(const std::string& text) const = 0; ///< a letter, a sign or a name as it stands
    virtual std::string raised(const std::string& text) const = 0;
    virtual std::string lowered(const std::string& text) const = 0;
    virtual std::string function(const std::string& name) const = 0;
    virtual std::string slope(const std::string& of) const = 0; ///< ∂E/∂…
    /** A name, as it is written, of the value at a place of the graph. */
    virtual std::string of_value(const std::string& name, std::size_t) const { return name; }
};

extern const Notation& as_text;
extern const Notation& as_latex;
extern const Notation& as_html;
/** LaTeX in which each name of a value at place 7 of the graph is \htmlData{place=7}{…}, as KaTeX understands it. */
extern const Notation& as_latex_with_places;

std::string written(const Expression& expression, const Notation& notation);
std::string written(const Equation& equation, const Notation& notation);

/** A sign and its meaning. */
struct Sign
{
    std::string sample; ///< the sign in a small expression
    const char* meaning;
};

/** The signs that appear in equations, with their meanings. */
std::vector<Sign> signs_of(const Equations& equations, const Notation& notation);

/** The derivation in plain text: what to_text(graph) writes of the graph with these equations. */
std::string text_of(const Equations& equations);

/** The IDs of an equation's formulas: "B13, G9". */
std::string ids_of(const Equation& equation);

} // namespace xgrad::detail
