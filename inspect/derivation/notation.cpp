#include <xgrad/base/escape.hpp>
#include <xgrad/inspect/derivation/notation.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string_view>

namespace xgrad::detail
{

namespace
{

/** The text with its mathematical signs replaced, and with all other characters as parts of the format. */
std::string replaced(std::string_view text, const std::map<std::string, std::string>& signs,
                     std::string (*escaped)(std::string_view))
{
    std::string written;
    while (!text.empty()) {
        const auto sign =
            std::find_if(signs.begin(), signs.end(), [&](const auto& each) { return text.starts_with(each.first); });
        if (sign == signs.end()) {
            written += escaped(next_character(text));
        } else {
            written += sign->second;
            text.remove_prefix(sign->first.size());
        }
    }
    return written;
}

struct Text final : Notation
{
    std::string plain(const std::string& text) const override
    {
        static const std::map<std::string, std::string> signs = {{"1/2N", "1/(2N)"}};
        return replaced(text, signs, [](std::string_view rest) { return printable(rest, rest.size()); });
    }
    std::string raised(const std::string& text) const override { return "^" + plain(text); }
    std::string lowered(const std::string& text) const override
    {
        static const std::map<std::string, std::string> digits = {{"2", "₂"}, {"3", "₃"}, {"4", "₄"}, {"5", "₅"}};
        const auto digit = digits.find(text);
        return digit != digits.end() ? digit->second : "_" + (text.size() == 1 ? text : "{" + text + "}");
    }
    std::string function(const std::string& name) const override { return plain(name); }
    std::string slope(const std::string& of) const override { return "∂E/∂" + of; }
};

struct Html final : Notation
{
    std::string plain(const std::string& text) const override
    {
        static const std::map<std::string, std::string> signs = {{"1/2N", "1/(2N)"}, {"ᵀ", "<sup>T</sup>"}};
        return replaced(text, signs, in_html);
    }
    std::string raised(const std::string& text) const override { return "<sup>" + plain(text) + "</sup>"; }
    std::string lowered(const std::string& text) const override { return "<sub>" + plain(text) + "</sub>"; }
    std::string function(const std::string& name) const override { return "<b>" + plain(name) + "</b>"; }
    std::string slope(const std::string& of) const override { return "∂E/∂" + of; }
};

struct Latex : Notation
{
    std::string plain(const std::string& text) const override
    {
        static const std::map<std::string, std::string> signs = {
            {"α", "\\alpha "},          {"β", "\\beta "},  {"γ", "\\gamma "},
            {"σ", "\\sigma "},          {"δ", "\\delta "}, {"Σ", "\\sum "},
            {"∘", "\\circ "},           {"⋆", "\\star "},  {"−", "-"},
            {"ᵀ", "^{\\mathsf T}"},     {"²", "^2"},       {"×", "\\times "},
            {" to ", "\\text{ to }"},   {"√", "\\surd "},  {"1/N", "\\tfrac{1}{N} "},
            {"1/2N", "\\tfrac{1}{2N} "}};
        return replaced(text, signs, in_latex);
    }
    std::string raised(const std::string& text) const override { return "^{" + plain(text) + "}"; }
    std::string lowered(const std::string& text) const override { return "_{" + plain(text) + "}"; }
    std::string function(const std::string& name) const override { return "\\operatorname{" + plain(name) + "}"; }
    std::string slope(const std::string& of) const override { return "\\frac{\\partial E}{\\partial " + of + "}"; }
};

struct LatexWithPlaces final : Latex
{
    std::string of_value(const std::string& name, std::size_t place) const override
    {
        return fmt::format("\\htmlData{{place={}}}{{{}}}", place, name);
    }
};

const Text text;
const Latex latex;
const LatexWithPlaces latex_with_places;
const Html html;

/** The tightness with which an operation binds. */
enum Binding
{
    of_sum = 1,
    of_product,
    of_matrix_product,
    of_name
};

Binding binding_of(const Expression& e)
{
    static const std::map<std::string, Binding> bindings = {
        {"+", of_sum},     {"∘", of_product}, {"Σ", of_product},       {"*", of_product},
        {"⋆", of_product}, {"/", of_product}, {"·", of_matrix_product}};
    const auto known = bindings.find(e.head);
    if (e.is_number())
        return e.number < 0 ? of_product : of_name;
    return known == bindings.end() ? of_name : known->second;
}

bool is_negative(const Expression& e) { return (e.head == "∘" ? e.operands.front() : e).number < 0; }

/** Returns whether a factor is written without a sign behind it: numbers, β, the a and b of a function. */
bool is_scalar(const Expression& e)
{
    const bool constant = e.layer.empty() && (e.head[0] == '1' || e.head == "a" || e.head == "b" || e.head == "b/a");
    return e.is_number() || e.head == "β" || constant;
}

/** The expression without its minus. */
Expression opposite(Expression e)
{
    Expression& factor = e.head == "∘" ? e.operands.front() : e;
    factor.number = -factor.number;
    if (e.head == "∘" && factor.number == 1)
        e.operands.erase(e.operands.begin());
    if (e.head == "∘" && e.operands.size() == 1)
        return Expression(e.operands.front());
    return e;
}

/** A number with four digits, or with six if four would give 1: a factor of exactly 1 is not written. */
std::string numeral(double value)
{
    const std::string digits = fmt::format("{:.4g}", value);
    return digits == "1" ? fmt::format("{:.6g}", value) : digits;
}

class Writer
{
  public:
    explicit Writer(const Notation& notation) : notation_(notation) {}

    /** Writes an expression, in parentheses if it binds less than `least`. */
    std::string operator()(const Expression& e, Binding least = of_sum) const
    {
        const std::string written = bare(e);
        return binding_of(e) < least ? "(" + written + ")" : written;
    }

  private:
    std::string bare(const Expression& e) const;
    std::string name(const Expression& e) const;
    std::string sum(const Expression& e) const;
    std::string product(const Expression& e) const;
    std::string power(const Expression& base, const char* sign) const;
    std::string list(const std::vector<Expression>& operands) const;
    std::string of_value(const std::string& name, const Expression& e) const
    {
        return e.value == none ? name : notation_.of_value(name, e.value);
    }

    static constexpr auto none = static_cast<std::size_t>(-1);
    const Notation& notation_;
};

std::string Writer::list(const std::vector<Expression>& operands) const
{
    std::string all;
    for (const Expression& operand : operands)
        all += (all.empty() ? "" : ", ") + (*this)(operand);
    return "(" + all + ")";
}

/** Writes a name: a letter with a number and a layer, u_2^c1, or a word such as "full". */
std::string Writer::name(const Expression& e) const
{
    const std::size_t underscore = e.head.find_last_not_of("0123456789");
    const bool numbered = underscore + 1 < e.head.size() && underscore > 0 && e.head[underscore] == '_';
    const std::string letter = numbered ? e.head.substr(0, underscore) : e.head;
    const bool word = letter.size() > 2 && letter.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
    std::string all = word ? notation_.function(letter) : notation_.plain(letter);
    if (numbered)
        all += notation_.lowered(e.head.substr(underscore + 1));
    return of_value(all + (e.layer.empty() ? "" : notation_.raised(e.layer)), e);
}

std::string Writer::sum(const Expression& e) const
{
    std::string all;
    for (const Expression& term : e.operands)
        if (all.empty())
            all = (*this)(term);
        else if (is_negative(term))
            all += notation_.plain(" − ") + (*this)(opposite(term), of_product);
        else
            all += " + " + (*this)(term, of_product);
    return all;
}

std::string Writer::product(const Expression& e) const
{
    if (is_negative(e))
        return notation_.plain("−") + (*this)(opposite(e), of_product);
    std::string all;
    for (std::size_t i = 0; i < e.operands.size(); ++i) {
        const Expression& factor = e.operands[i];
        const bool last = i + 1 == e.operands.size();
        all += (*this)(factor, last && factor.head == "Σ" ? of_product : of_matrix_product);
        all += last ? "" : is_scalar(factor) ? " " : notation_.plain(" ∘ ");
    }
    return all;
}

std::string Writer::power(const Expression& base, const char* sign) const
{
    const bool simple = base.head == "apply" || (base.operands.empty() && base.layer.empty() && !base.is_number());
    return (simple ? bare(base) : "(" + bare(base) + ")") + notation_.plain(sign);
}

std::string Writer::bare(const Expression& e) const
{
    const auto infix = [&](const char* sign, Binding least) {
        return (*this)(e.operands[0], least) + notation_.plain(sign) + (*this)(e.operands[1], least);
    };
    if (e.is_number())
        return e.number < 0 ? notation_.plain("−") + numeral(-e.number) : numeral(e.number);
    if (e.operands.empty())
        return name(e);
    if (e.head == "+")
        return sum(e);
    if (e.head == "∘")
        return product(e);
    if (e.head == "Σ")
        return notation_.plain("Σ") + notation_.lowered(e.operands[0].head) + " " + (*this)(e.operands[1], of_product);
    if (e.head == "·")
        return infix(" ", of_matrix_product);
    if (e.head == "*" || e.head == "⋆" || e.head == "/")
        return infix((" " + e.head + " ").c_str(), of_name);
    if (e.head == "ᵀ" || e.head == "²")
        return power(e.operands[0], e.head.c_str());
    if (e.head == "∂")
        return of_value(notation_.slope(bare(e.operands[0])), e);
    if (e.head == "abs")
        return "|" + (*this)(e.operands[0]) + "|";
    if (e.head == "apply")
        return name(e.operands[0]) + "(" + bare(e.operands[1]) + ")";
    if (e.head == "f'")
        return name(e.operands[0]) + "'(" + bare(e.operands[1]) + ")";
    return notation_.function(e.head) + list(e.operands);
}

} // namespace

const Notation& as_text = text;
const Notation& as_latex = latex;
const Notation& as_html = html;
const Notation& as_latex_with_places = latex_with_places;

std::string written(const Expression& expression, const Notation& notation) { return Writer(notation)(expression); }

std::string written(const Equation& equation, const Notation& notation)
{
    return written(equation.left, notation) + " = " + written(equation.right, notation);
}

std::string ids_of(const Equation& equation)
{
    std::string ids;
    for (const Formula& formula : equation.formulas)
        ids += (ids.empty() ? "" : ", ") + std::string(formula.id);
    return ids;
}

} // namespace xgrad::detail
