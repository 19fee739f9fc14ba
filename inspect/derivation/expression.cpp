#include <xgrad/inspect/derivation/expression.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <utility>

namespace xgrad::detail
{

namespace
{

bool close(double a, double b) { return std::abs(a - b) <= 1e-5 * std::abs(b); } // float's precision

/** Takes the first word off a text: a parenthesis, or the text before the next parenthesis or space. */
std::string next_word(std::string_view& text)
{
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const std::size_t end = text[0] == '(' || text[0] == ')' ? 1 : std::min(text.find_first_of(" ()"), text.size());
    std::string word(text.substr(0, end));
    text.remove_prefix(end);
    return word;
}

Expression leaf(const std::string& word)
{
    char* end = nullptr;
    const double value = std::strtod(word.c_str(), &end);
    if (*end == '\0')
        return number(value);
    const std::size_t caret = word.find('^');
    return caret == std::string::npos ? name(word) : name(word.substr(0, caret), word.substr(caret + 1));
}

Expression parse_next(std::string_view& text)
{
    std::string word = next_word(text);
    if (word != "(")
        return leaf(word);
    Expression result{.head = next_word(text)};
    while (text[std::min(text.find_first_not_of(' '), text.size() - 1)] != ')')
        result.operands.push_back(parse_next(text));
    next_word(text);
    return result;
}

bool is_variable(const Expression& pattern) { return pattern.head.size() > 1 && pattern.head[0] == '?'; }
bool is_number_variable(const Expression& pattern) { return pattern.head.size() > 1 && pattern.head[0] == '#'; }

/** Returns whether a head is one of the alternatives: k or w for "k|w". */
bool is_one_of(const std::string& alternatives, const std::string& head)
{
    std::size_t begin = 0;
    for (std::size_t end; (end = alternatives.find('|', begin)) != std::string::npos; begin = end + 1)
        if (alternatives.compare(begin, end - begin, head) == 0)
            return true;
    return alternatives.compare(begin, std::string::npos, head) == 0;
}

bool bind_variable(Bindings& bindings, const std::string& variable, const Expression& value)
{
    return bindings.emplace(variable, value).first->second == value;
}

} // namespace

bool operator==(const Expression& a, const Expression& b)
{
    return a.head == b.head && a.layer == b.layer && (!a.is_number() || close(a.number, b.number)) &&
           a.operands == b.operands;
}

Expression number(double value) { return {.head = "#", .number = value}; }

Expression name(std::string letter, std::string layer)
{
    return {.head = std::move(letter), .layer = std::move(layer)};
}

std::string unlike_signs(const std::string& name)
{
    const char* const signs[] = {"", "#", "+", "∘", "Σ", "·", "*", "⋆", "/", "ᵀ", "²", "∂", "f'", "apply", "squash"};
    return std::find(std::begin(signs), std::end(signs), name) == std::end(signs) ? name : "'" + name + "'";
}

Expression parse(std::string_view text) { return parse_next(text); }

bool matches(const Expression& pattern, const Expression& expression, Bindings& bindings)
{
    if (is_variable(pattern) || (is_number_variable(pattern) && expression.is_number()))
        return bind_variable(bindings, pattern.head, expression);
    if (!is_one_of(pattern.head, expression.head) || pattern.operands.size() != expression.operands.size())
        return false;
    if (pattern.is_number())
        return close(expression.number, pattern.number);
    if (pattern.layer.empty() ? !expression.layer.empty()
                              : !bind_variable(bindings, "^" + pattern.layer, name("", expression.layer)))
        return false;
    for (std::size_t i = 0; i < pattern.operands.size(); ++i)
        if (!matches(pattern.operands[i], expression.operands[i], bindings))
            return false;
    return true;
}

Expression filled(const Expression& pattern, const Bindings& bindings)
{
    if (const auto bound = bindings.find(pattern.head); bound != bindings.end())
        return bound->second;
    Expression result = pattern;
    if (const auto bound = bindings.find("^" + pattern.layer); bound != bindings.end())
        result.layer = bound->second.layer;
    for (Expression& operand : result.operands)
        operand = filled(operand, bindings);
    return result;
}

bool contains(const Expression& e, const std::string& head)
{
    return e.head == head || std::any_of(e.operands.begin(), e.operands.end(),
                                         [&](const Expression& each) { return contains(each, head); });
}

std::size_t size_of(const Expression& expression)
{
    std::size_t size = 1;
    for (const Expression& operand : expression.operands)
        size += size_of(operand);
    return size;
}

} // namespace xgrad::detail
