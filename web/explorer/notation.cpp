#include "notation.hpp"

#include "notation_functions.hpp"
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

#include <cctype>
#include <cstdlib>
#include <functional>
#include <utility>

namespace xgrad::explorer
{

namespace
{

using V = Variable<double>;

constexpr std::size_t deepest = 100; // parentheses within each other

/** The parts of a formula. */
struct Token
{
    enum Kind : unsigned char
    {
        end,
        number,
        name,
        word, ///< in quotation marks
        sign
    } kind = end;
    std::string text = {};
    std::size_t place = 0; ///< in bytes
    bool after_space = false;
};

bool is_letter(unsigned char c) { return std::isalpha(c) != 0 || c == '_' || c >= 0x80; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/** Signs of several bytes that mean one of the operators. */
constexpr std::pair<const char*, const char*> foreign_signs[] = {{"−", "-"}, {"∘", ".*"}, {"⊙", ".*"}, {"·", "*"},
                                                                 {"×", "*"}, {"ᵀ", "'"},  {"²", "²"}};

constexpr const char* operators[] = {"==", ".*", "./", ".^", ".'", "+", "-", "*", "/", "^", "'", "(", ")", ","};

class Reader
{
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    Token next()
    {
        const std::size_t before = place_;
        while (place_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[place_])) != 0)
            ++place_;
        Token token{.place = place_, .after_space = place_ > before};
        if (place_ == text_.size())
            return token;
        const std::string_view rest = text_.substr(place_);
        if (is_digit(rest[0]) || (rest[0] == '.' && rest.size() > 1 && is_digit(rest[1])))
            return take(token, Token::number, length_of_number(rest));
        for (const auto& [sign, meaning] : foreign_signs)
            if (rest.starts_with(sign)) {
                place_ += std::string_view(sign).size();
                token.kind = Token::sign;
                token.text = meaning;
                return token;
            }
        if (is_letter(static_cast<unsigned char>(rest[0])))
            return take(token, Token::name, length_of_name(rest));
        for (const std::string_view each : operators)
            if (rest.starts_with(each))
                return take(token, Token::sign, each.size());
        throw NotationError(fmt::format("'{}' has no meaning here", rest.substr(0, 1)), place_);
    }

    /** The word behind an opening quotation mark, which has been read. */
    Token word(const Token& quote)
    {
        const std::size_t close = text_.find(quote.text[0], place_);
        if (close == std::string_view::npos)
            throw NotationError("this quotation mark is not closed", quote.place);
        Token token{
            .kind = Token::word, .text = std::string(text_.substr(place_, close - place_)), .place = quote.place};
        place_ = close + 1;
        return token;
    }

  private:
    Token take(Token& token, Token::Kind kind, std::size_t length)
    {
        token.kind = kind;
        token.text = text_.substr(place_, length);
        place_ += length;
        return token;
    }

    static std::size_t length_of_number(std::string_view text)
    {
        std::size_t n = 0;
        while (n < text.size() &&
               (is_digit(text[n]) || (text[n] == '.' && n + 1 < text.size() && is_digit(text[n + 1]))))
            ++n;
        if (n < text.size() && text[n] == '.' &&
            (n + 1 == text.size() || std::string_view("*/^'").find(text[n + 1]) == std::string_view::npos))
            ++n; // "2."
        if (n + 1 < text.size() && (text[n] == 'e' || text[n] == 'E')) {
            const std::size_t digits = text[n + 1] == '-' || text[n + 1] == '+' ? n + 2 : n + 1;
            if (digits < text.size() && is_digit(text[digits]))
                for (n = digits; n < text.size() && is_digit(text[n]);)
                    ++n;
        }
        return n;
    }
    static std::size_t length_of_name(std::string_view text)
    {
        std::size_t n = 0;
        while (n < text.size() && (is_letter(static_cast<unsigned char>(text[n])) || is_digit(text[n]))) {
            for (const auto& sign : foreign_signs)
                if (text.substr(n).starts_with(sign.first))
                    return n;
            ++n;
        }
        return n;
    }

    std::string_view text_;
    std::size_t place_ = 0;
};

/** Reads a formula from left to right and computes it at once. */
class Evaluation
{
  public:
    Evaluation(std::string_view formula, const std::map<std::string, V>& given) : reader_(formula), given_(given)
    {
        advance();
    }

    V result()
    {
        if (token_.kind == Token::end)
            throw NotationError("there is no formula yet", 0);
        V value = equality();
        if (token_.kind != Token::end)
            throw NotationError(fmt::format("'{}' was not expected here", token_.text), token_.place);
        return value;
    }

  private:
    void advance() { token_ = reader_.next(); }
    bool is(std::string_view sign) const { return token_.kind == Token::sign && token_.text == sign; }

    /** Computes something at a place of the formula, which errors name. */
    V at(const Token& place, const std::function<V()>& compute) const
    {
        try {
            return compute();
        } catch (const NotationError&) {
            throw;
        } catch (const Error& error) {
            throw NotationError(error.what(), place.place);
        }
    }

    V equality();
    V sum();
    V product();
    V negation();
    V power();
    V atom();
    V name();
    std::vector<Argument> arguments();
    Argument argument();

    Reader reader_;
    const std::map<std::string, V>& given_;
    Token token_ = {};
    std::size_t depth_ = 0;
};

V Evaluation::equality()
{
    V left = sum();
    while (is("==")) {
        const Token here = token_;
        advance();
        const V right = sum();
        left = at(here, [&] { return greater_equal(left, right) * greater_equal(right, left); });
    }
    return left;
}

V Evaluation::sum()
{
    V left = product();
    while (is("+") || is("-")) {
        const Token here = token_;
        advance();
        const V right = product();
        left = at(here, [&] { return here.text == "+" ? left + right : left - right; });
    }
    return left;
}

V Evaluation::product()
{
    V left = negation();
    while (is("*") || is("/") || is(".*") || is("./")) {
        const Token here = token_;
        advance();
        const V right = negation();
        left = at(here, [&] {
            if (here.text == ".*")
                return left * right;
            if (here.text == "./")
                return left / right;
            const bool has_number = left.size() == 1 || right.size() == 1;
            if (here.text == "/" && !has_number)
                throw Error("/ divides by a number; ./ divides each element by another");
            return here.text == "/" ? left / right : has_number ? left * right : matmul(left, right);
        });
    }
    return left;
}

V Evaluation::negation()
{
    if (is("-") || is("+")) {
        const bool negative = is("-");
        if (++depth_ > deepest)
            throw NotationError("this is nested too deeply", token_.place);
        advance();
        V value = negation();
        --depth_;
        return negative ? -value : value;
    }
    return power();
}

V Evaluation::power()
{
    V value = atom();
    while (true) {
        const Token here = token_;
        if (is("'") || is(".'")) {
            advance();
            value = at(here, [&] { return value.dimension() == 2 ? transpose(value) : value; });
        } else if (is("²")) {
            advance();
            value = square(value);
        } else if (is("^") || is(".^")) {
            advance();
            const bool negative = is("-");
            if (negative)
                advance();
            const V exponent = atom();
            value = at(here, [&] { return pow(value, negative ? -exponent : exponent); });
        } else {
            return value;
        }
    }
}

V Evaluation::atom()
{
    const Token here = token_;
    if (token_.kind == Token::number) {
        advance();
        return constant(Array<double>(std::strtod(here.text.c_str(), nullptr)));
    }
    if (token_.kind == Token::name)
        return name();
    if (is("(")) {
        if (++depth_ > deepest)
            throw NotationError("this is nested too deeply", here.place);
        advance();
        V value = equality();
        if (!is(")"))
            throw NotationError("this parenthesis is not closed", here.place);
        advance();
        --depth_;
        return value;
    }
    throw NotationError(here.kind == Token::end ? "the formula ends too early"
                                                : fmt::format("'{}' was not expected here", here.text),
                        here.place);
}

V Evaluation::name()
{
    static const std::map<std::string, std::string> spelt = {{"delta", "δ"}, {"alpha", "α"}, {"beta", "β"}};
    const Token here = token_;
    advance();
    auto found = given_.find(here.text);
    if (const auto greek = spelt.find(here.text); found == given_.end() && greek != spelt.end())
        found = given_.find(greek->second);
    if (found != given_.end() && !is("("))
        return found->second;
    if (is("(")) {
        if (++depth_ > deepest)
            throw NotationError("this is nested too deeply", here.place);
        const std::vector<Argument> values = arguments();
        --depth_;
        return at(here, [&] { return call(here.text, values); });
    }
    std::string names;
    for (const auto& each : given_)
        names += (names.empty() ? "" : ", ") + each.first;
    throw NotationError(fmt::format("there is no {}; there are: {}", here.text, names), here.place);
}

std::vector<Argument> Evaluation::arguments()
{
    const Token open = token_;
    std::vector<Argument> all;
    do {
        // A quotation mark behind "(" or "," begins a word; behind an array it is a transpose.
        advance();
        if (is(")") && all.empty())
            break;
        all.push_back(argument());
    } while (is(","));
    if (!is(")"))
        throw NotationError("this parenthesis is not closed", open.place);
    advance();
    return all;
}

Argument Evaluation::argument()
{
    if (!is("'"))
        return equality();
    const Token word = reader_.word(token_);
    advance();
    return word.text;
}

/** An array as a matrix: one axis is a column. */
V as_matrix(const std::string& name, const Array<double>& array)
{
    if (array.dimension() > 2)
        throw NotationError(fmt::format("{} has shape {}: formulas are of matrices", name, to_string(array.shape())),
                            0);
    const V value = constant(Array<double>(array));
    return array.dimension() == 1 ? reshape(value, Shape{array.size(), 1}) : value;
}

std::size_t characters(std::string_view text)
{
    std::size_t count = 0;
    for (const char c : text)
        count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    return count;
}

} // namespace

Array<double> evaluate(std::string_view formula, const std::map<std::string, Array<double>>& given)
{
    const PauseRecording pause;
    std::map<std::string, V> values;
    for (const auto& [name, array] : given)
        values.emplace(name, as_matrix(name, array));
    try {
        return Evaluation(formula, values).result().value();
    } catch (const NotationError& error) {
        throw NotationError(error.what(), characters(formula.substr(0, error.place())));
    }
}

} // namespace xgrad::explorer
