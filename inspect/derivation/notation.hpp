#pragma once
// Formulas as plain text, LaTeX and HTML. Not for users: see inspect/derivation/derivation.hpp.

#include <xgrad/inspect/derivation/equations.hpp>

#include <string>

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
};

extern const Notation& as_text;
extern const Notation& as_latex;
extern const Notation& as_html;

std::string written(const Expression& expression, const Notation& notation);
std::string written(const Equation& equation, const Notation& notation);

/** The IDs of an equation's formulas: "B13, G9". */
std::string ids_of(const Equation& equation);

} // namespace xgrad::detail
