#pragma once
// Formulas as trees, and patterns of them. Not for users: inspect/derivation/derivation.hpp prints them.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::detail
{

/** An operation with its operands, a name such as δ^c1, or a number. */
struct Expression
{
    std::string head = {}; ///< "+", "∘", "rot180", …; the letter of a name; "#" for a number
    std::vector<Expression> operands = {};
    std::string layer = {}; ///< the layer of a name
    double number = 0;
    std::size_t value = static_cast<std::size_t>(-1); ///< the place in the graph of the value that a name stands for
    bool is_simple = false; ///< set by simplified(): larger expressions need not look into it again

    bool is_number() const { return head == "#"; }
};

bool operator==(const Expression& a, const Expression& b);

Expression number(double value);
Expression name(std::string letter, std::string layer = {});

/** The head for a name that a user gave: the name, in quotation marks if it is a sign such as "*" or is empty. */
std::string unlike_signs(const std::string& name);

/** The meanings of a pattern's variables: expressions for "?a", and names with the layer for "^l". */
using Bindings = std::map<std::string, Expression>;

/** Parses a pattern: `(∘ 2 (rot180 ?a) δ^l)`. ?a is any expression, #a any number, k|w either name, ^l the layer of a
 *  name. */
Expression parse(std::string_view text);

/** Returns whether an expression has the form of a pattern. A variable that is bound already has to keep its meaning.
 */
bool matches(const Expression& pattern, const Expression& expression, Bindings& bindings);

/** The pattern with its variables replaced by their meanings. */
Expression filled(const Expression& pattern, const Bindings& bindings);

/** The expression as a person would write it: no 1·x, no double flip, numbers in front and multiplied, a function's
 *  derivative by its name. */
Expression simplified(Expression expression);

/** Returns whether an operation or a name with this head is in the expression. */
bool contains(const Expression& expression, const std::string& head);

/** The number of names, numbers and operations. */
std::size_t size_of(const Expression& expression);

} // namespace xgrad::detail
