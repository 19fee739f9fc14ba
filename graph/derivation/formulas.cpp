#include <xgrad/graph/derivation/equations.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace xgrad::detail
{

namespace
{

const char* const convolution = "(= u^l (+ (* ?x k^l) b^l))";
const char* const combination = "(= u^l (+ (* ?x K^l) b^l))";
const char* const correlation = "(= u^l (+ (⋆ ?x w|K^l) b^l))";
const char* const subsampling = "(= u^l (+ (∘ β^l ?d) b^l))";
const char* const full = "(= u^l (+ (· W^l ?x) b^l))";

/** An equation of this form is this formula. With a condition: if u of its layer has that form. The letters of layers
 *  are variables, as are ?a and #a. A factor 1/N before everything does not count; one term of a sum is enough. */
const struct
{
    Formula formula;
    const char *equation, *condition = nullptr;
} forms[] = {
    // forward
    {{"B3", "u = W x + b"}, "(= u^l (+ (· W^l ?x) b^l))"},
    {{"B3", "x = f(u)"}, "(= x^l (apply ?f u^l))"},
    {{"B3", "y = f(u)"}, "(= y (apply ?f u^l))"},
    {{"B9", "u_j = Σ_i x_i * k_ij + b_j"}, convolution},
    {{"B14", "d_j = down(x_j)"}, "(= d^l (down ?x))"},
    {{"B14", "u_j = β_j d_j + b_j"}, subsampling},
    {{"B14c", "u_j = Σ_i α_ij (x_i * k_i) + b_j"}, combination},
    {{"B14c", "α_ij = e^(c_ij) / Σ_k e^(c_kj)"}, "(= α^l (softmax c^l))"},
    {{"H-conv", "u^(m) = Σ_k w^(k,m) ⋆ s^(k) + b^(m)"}, correlation},
    {{"H-max", "s_ij = max of c_(2i+u, 2j+v), u, v = 0, 1"}, "(= s^l (max x^l))"},
    {{"H-mean", "s_ij = ¼ Σ c_(2i+u, 2j+v), u, v = 0, 1"}, "(= s^l (∘ #a (down x^l)))"},
    {{"H-softmax", "y_i = e^(u_i) / Σ_j e^(u_j)"}, "(= y (softmax ?u))"},
    {{"H-J", "J = −Σ_i z_i log y_i"}, "(= E (∘ -1 1/N (Σ ?i (∘ t (log y)))))"},
    {{"B2", "E = ½ ‖t − y‖²"}, "(= E (∘ 1/2N (Σ ?i (² (+ y (∘ -1 t))))))"},
    {{"G0", "C = 1/(2n) Σ ‖y − a‖²"}, "(= E (∘ 1/2N (Σ ?i (² (+ y (∘ -1 t))))))"},
    {{"B18", "E + λ Σ |α|"}, "(= E (+ ?e (∘ #a (Σ ?i (abs α|α_2^l)))))"},
    // sensitivities of a layer above which there is …
    {{"B6", "δ = f'(u) ∘ (y − t)"}, "(= δ^l (∘ (f' ?f u^l) (+ y (∘ -1 t))))"},
    {{"G3", "δ = (a − y) ∘ f'(z)"}, "(= δ^l (∘ (f' ?f u^l) (+ y (∘ -1 t))))"},
    {{"G4", "δ = a − y"}, "(= δ^l (+ (σ u^l) (∘ -1 t)))"},
    {{"H-S2", "δ(u_i) = y_i − z_i"}, "(= δ^l (+ y (∘ -1 t)))"},
    {{"B5", "δ = (W')ᵀ δ' ∘ f'(u)"}, "(= δ^l (∘ (· (ᵀ W^m) δ^m) (f' ?f u^l)))"},
    {{"G5", "δ = (W')ᵀ δ' ∘ f'(z)"}, "(= δ^l (∘ (· (ᵀ W^m) δ^m) (f' ?f u^l)))"},
    {{"H-F.4", "δ(x_j) = Σ_i δ(u_i) w_ij, δ(u_j) = δ(x_j) f'(u_j)"}, "(= δ^l (∘ (· (ᵀ W^m) δ^m) (f' ?f u^l)))"},
    {{"B10", "δ_j = β'_j (f'(u_j) ∘ up(δ'_j))"}, "(= δ^l (∘ β^m (f' ?f u^l) (up δ^m)))"},
    {{"G7", "δ = β (f'(z) ∘ up(δ'))"}, "(= δ^l (∘ β^m (f' ?f u^l) (up δ^m)))"},
    {{"G7", "δ = β (f'(z) ∘ up(δ'))"}, "(= δ^l (∘ #a (f' ?f u^l) (up (∂ s^l))))"},
    {{"B14d", "δ_j = f'(u_j) ∘ Σ_m conv2(δ'_m, rot180(k'_jm), 'full')"},
     "(= δ^l (∘ (f' ?f u^l) (conv2d δ^m (rot180 k^m) full)))"},
    {{"B14d", "δ_j = f'(u_j) ∘ Σ_m conv2(δ'_m, rot180(α'_jm k'_j), 'full')"},
     "(= δ^l (∘ (f' ?f u^l) (conv2d δ^m (rot180 K^m) full)))"},
    {{"G8", "δ = conv(δ', rot180(w), full), conv = ⋆"}, "(= (∂ s^l) (conv2d δ^m w|K^m full))"},
    {{"H-C3.4", "δ(s_ij) = Σ_m Σ_uv δ(u^(m)_(i−u, j−v)) w^(k,m)_uv"}, "(= (∂ s^l) (conv2d δ^m w|K^m full))"},
    {{"H-F.4", "δ(x_j) = Σ_i δ(u_i) w_ij"}, "(= (∂ s^l) (· (ᵀ W^m) δ^m))"},
    {{"H-S2p", "δ(c_ij) = msk_ij δ(s_(⌊i/2⌋, ⌊j/2⌋))"}, "(= δ^l (∘ (f' ?f u^l) msk^l (up (∂ s^l))))"},
    // parameters
    {{"B4", "∂E/∂b = δ"}, "(= (∂ b^l) (Σ n δ^l))", full},
    {{"G2", "∂C/∂b_i = δ_i"}, "(= (∂ b^l) (Σ n δ^l))", full},
    {{"H-F.3", "δ(b_i) = δ(u_i)"}, "(= (∂ b^l) (Σ n δ^l))", full},
    {{"B7", "∂E/∂W = δ xᵀ"}, "(= (∂ W^l) (· δ^l (ᵀ ?x)))"},
    {{"G1", "∂C/∂w_ij = δ_i a_j"}, "(= (∂ W^l) (· δ^l (ᵀ ?x)))"},
    {{"H-F.2", "δ(w_ij) = δ(u_i) x_j"}, "(= (∂ W^l) (· δ^l (ᵀ ?x)))"},
    {{"B11", "∂E/∂b_j = Σ_uv (δ_j)_uv"}, "(= (∂ b^l) (Σ ?i δ^l))", convolution},
    {{"B11", "∂E/∂b_j = Σ_uv (δ_j)_uv"}, "(= (∂ b^l) (Σ ?i δ^l))", combination},
    {{"B13", "∂E/∂k_ij = rot180(conv2(x_i, rot180(δ_j), 'valid'))"},
     "(= (∂ k^l) (rot180 (conv2d ?x (rot180 δ^l) valid)))"},
    {{"B13", "∂E/∂(α_ij k_i) = rot180(conv2(x_i, rot180(δ_j), 'valid'))"},
     "(= (∂ K^l) (rot180 (conv2d ?x (rot180 δ^l) valid)))"},
    {{"B14b", "∂E/∂b_j = Σ_uv (δ_j)_uv"}, "(= (∂ b^l) (Σ ?i δ^l))", subsampling},
    {{"B14b", "∂E/∂β_j = Σ_uv (δ_j ∘ d_j)_uv"}, "(= (∂ β^l) (Σ ?i (∘ δ^l d^l)))"},
    {{"B17", "∂E/∂c_i = α_i (∂E/∂α_i − Σ_k ∂E/∂α_k α_k)"},
     "(= (∂ c^l) (∘ α|α_2^l (+ (∂ α|α_2^l) (∘ -1 (Σ i (∘ (∂ α|α_2^l) α|α_2^l))))))"},
    {{"B19", "∂Ω/∂α_i = λ sign(α_i)"}, "(= (∂ α|α_2^l) (∘ #a (sign α|α_2^l)))"},
    {{"G9", "∂C/∂w_ij = conv(a_i, δ_j, valid), conv = ⋆"}, "(= (∂ w|K^l) (⋆ ?x δ^l))"},
    {{"H-C3.2", "δ(w_uv^(k,m)) = Σ_ij δ(u_ij^(m)) s_(i+u, j+v)^(k)"}, "(= (∂ w|K^l) (⋆ ?x δ^l))"},
    {{"H-C3.3", "δ(b^(m)) = Σ_ij δ(u_ij^(m))"}, "(= (∂ b^l) (Σ ?i δ^l))", correlation},
};

Expression as_expression(const Equation& equation)
{
    return {.head = "=", .operands = {equation.left, equation.right}};
}

Expression without_share(Expression e)
{
    if (e.head != "∘" || !(e.operands[0] == name("1/N")))
        return e;
    e.operands.erase(e.operands.begin());
    return e.operands.size() == 1 ? Expression(e.operands.front()) : e;
}

/** The equation, the same without a factor 1/N, and what each term of a sum would be alone. */
std::vector<Expression> readings_of(const Equation& equation)
{
    std::vector<Expression> all = {as_expression(equation),
                                   as_expression({equation.left, without_share(equation.right)})};
    if (equation.right.head == "+")
        for (const Expression& term : equation.right.operands)
            all.push_back(as_expression({equation.left, term}));
    return all;
}

} // namespace

std::vector<Formula> formulas_of(const Equation& equation, const std::vector<Equation>& layers)
{
    struct Form
    {
        Formula formula;
        Expression equation, condition;
    };
    static const auto known = [] {
        std::vector<Form> all;
        for (const auto& [formula, form, condition] : forms)
            all.push_back({formula, parse(form), condition ? parse(condition) : Expression()});
        return all;
    }();
    const std::vector<Expression> readings = readings_of(equation);
    std::vector<Formula> found;
    for (const Form& form : known) {
        const auto is_layer = [&](const Bindings& bindings) {
            return form.condition.head.empty() || std::any_of(layers.begin(), layers.end(), [&](const Equation& each) {
                       Bindings own = bindings;
                       return matches(form.condition, as_expression(each), own);
                   });
        };
        const auto fits = [&](const Expression& reading) {
            Bindings bindings;
            return matches(form.equation, reading, bindings) && is_layer({{"^l", bindings["^l"]}});
        };
        if (std::any_of(readings.begin(), readings.end(), fits))
            found.push_back(form.formula);
    }
    return found;
}

} // namespace xgrad::detail
