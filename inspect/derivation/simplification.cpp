#include <xgrad/inspect/derivation/expression.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <utility>

namespace xgrad::detail
{

namespace
{

/** The patterns that are replaced by better ones. (squash f u x) is x = f(u), and (f' f u) is the derivative of f at u.
 */
const struct
{
    const char *written, *better;
} rules[] = {
    {"(ᵀ (ᵀ ?a))", "?a"},
    {"(ᵀ (· ?a ?b))", "(· (ᵀ ?b) (ᵀ ?a))"},
    {"(exp (log ?a))", "?a"},
    {"(select (log ?a))", "(Σ i (∘ t (log ?a)))"},
    {"(place #a)", "(∘ #a t)"},
    // turned kernels: correlation with a turned kernel is convolution
    {"(rot180 (rot180 ?a))", "?a"},
    {"(⋆ ?x (rot180 ?k))", "(* ?x ?k)"},
    {"(rot180 (⋆ ?x ?g))", "(rot180 (conv2d ?x (rot180 ?g) valid))"},
    {"(up (∘ β^m ?a))", "(∘ β^m (up ?a))"}, // one β for each map
    // derivatives, as the rules of the ops write them
    {"(where (> ?u 0) ?g 0)", "(∘ ?g (step ?u))"},
    {"(where (> ?u 0) 1 #a)", "(f' leaky_relu ?u)"},
    {"(∘ (squash sigmoid ?u ?x) (+ 1 (∘ -1 (squash sigmoid ?u ?x))))", "(f' sigmoid ?u)"},
    {"(+ 1 (∘ -1 (squash tanh ?u ?x) (squash tanh ?u ?x)))", "(f' tanh ?u)"},
    {"(∘ #c (+ #d (∘ -1 (squash scaled_tanh ?u ?x) (squash scaled_tanh ?u ?x))))", "(f' scaled_tanh ?u)"},
    {"(step (squash relu ?u ?x))", "(f' relu ?u)"},
};

/** Returns whether an operation is linear in each operand: then numbers in its operands move to the front. */
bool is_linear(const std::string& head)
{
    const char* const heads[] = {"Σ", "ᵀ", "·", "*", "⋆", "conv2d", "up", "down", "rot180", "transpose", "broadcast"};
    return std::find(std::begin(heads), std::end(heads), head) != std::end(heads);
}

/** The place of a factor: numbers, then β, then Wᵀδ, then f'(u), then the others in their order. */
int rank(const Expression& factor)
{
    const char* const heads[] = {"#", "β", "·", "f'"};
    return static_cast<int>(std::find(std::begin(heads), std::end(heads), factor.head) - std::begin(heads));
}

/** The operands; an operand with the same head is replaced by its own operands. */
std::vector<Expression> flat(const Expression& expression)
{
    std::vector<Expression> all;
    for (const Expression& operand : expression.operands)
        if (operand.head == expression.head)
            all.insert(all.end(), operand.operands.begin(), operand.operands.end());
        else
            all.push_back(operand);
    return all;
}

double coefficient(const Expression& e)
{
    if (e.is_number())
        return e.number;
    return e.head == "∘" && e.operands.front().is_number() ? e.operands.front().number : 1;
}

Expression product(double factor, std::vector<Expression> factors)
{
    std::erase_if(factors, [&](const Expression& each) {
        if (each.is_number())
            factor *= each.number;
        return each.is_number();
    });
    if (factor == 0 || factors.empty())
        return number(factor);
    std::stable_sort(factors.begin(), factors.end(),
                     [](const Expression& a, const Expression& b) { return rank(a) < rank(b); });
    if (std::abs(factor - 1) > 1e-6)
        factors.insert(factors.begin(), number(factor));
    return factors.size() == 1 ? factors.front() : Expression{.head = "∘", .operands = std::move(factors)};
}

Expression times(double factor, const Expression& e)
{
    return factor == 1 ? e : product(factor, e.head == "∘" ? e.operands : std::vector<Expression>{e});
}

/** The sum of the terms, positive ones first, with a factor that all share in front. */
Expression sum(std::vector<Expression> terms)
{
    std::erase_if(terms, [](const Expression& term) { return coefficient(term) == 0; });
    if (terms.empty())
        return number(0);
    std::stable_partition(terms.begin(), terms.end(), [](const Expression& term) { return coefficient(term) > 0; });
    const double common = coefficient(terms.front());
    const bool shared = std::all_of(terms.begin(), terms.end(), [&](const Expression& term) {
        return std::abs(std::abs(coefficient(term)) - std::abs(common)) <= 1e-6 * std::abs(common);
    });
    if (terms.size() == 1)
        return terms.front();
    const double factor = shared ? common : 1;
    for (Expression& term : terms)
        term = times(1 / factor, term);
    return times(factor, {.head = "+", .operands = std::move(terms)});
}

/** The expression with Σ_n Σ_i as Σ_{n,i}, and with numbers as factors in front of linear operations. */
Expression normal_form(Expression e)
{
    if (e.head == "∘")
        return product(1, flat(e));
    if (e.head == "+")
        return sum(flat(e));
    if (e.head == "Σ" && e.operands[1].head == "Σ")
        e.operands = {name(e.operands[0].head + "," + e.operands[1].operands[0].head), e.operands[1].operands[1]};
    if (e.head == "/" && e.operands[1].is_number())
        return times(1 / e.operands[1].number, e.operands[0]);
    if (e.head == "/" && e.operands[0].head == "∘" && coefficient(e.operands[0]) != 1) {
        const double factor = coefficient(e.operands[0]);
        return times(factor, {.head = "/", .operands = {times(1 / factor, e.operands[0]), e.operands[1]}});
    }
    if (!is_linear(e.head))
        return e;
    double factor = 1;
    for (Expression& operand : e.operands)
        if (const double own = coefficient(operand); own != 1 && own != 0 && !operand.is_number()) {
            factor *= own;
            operand = times(1 / own, operand);
        }
    return factor == 1 ? e : times(factor, simplified(std::move(e)));
}

} // namespace

Expression simplified(Expression expression)
{
    static const auto patterns = [] {
        std::vector<std::pair<Expression, Expression>> all;
        for (const auto& [written, better] : rules)
            all.emplace_back(parse(written), parse(better));
        return all;
    }();
    if (expression.is_simple)
        return expression;
    for (Expression& operand : expression.operands)
        operand = simplified(std::move(operand));
    Expression e = normal_form(std::move(expression));
    for (const auto& [written, better] : patterns)
        if (Bindings bindings; matches(written, e, bindings))
            return simplified(filled(better, bindings));
    e.is_simple = std::all_of(e.operands.begin(), e.operands.end(), [](const Expression& operand) {
        return operand.is_simple || operand.operands.empty(); // any other operand may be new
    });
    return e;
}

} // namespace xgrad::detail
