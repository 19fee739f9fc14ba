#include <xgrad/inspect/derivation/equations.hpp>

#include <algorithm>
#include <functional>
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
const char* const mean_pooling = "(= s^l (∘ #a (down x^l)))";
const char* const softmax = "(= ?a (softmax c^l))";
const char* const penalty = "(= E (∘ #a (Σ i,j (abs ?a))))";
const char* const of_mask = "(= δ^l (∘ (f' ?f u^l) msk^l (up (∂ s^l))))";
const char* const of_kernels = "(= (∂ K^l) (rot180 (conv2d ?x (rot180 δ^l) valid)))";
const char* const of_scores = "(= (∂ c^l) (∘ ?a (+ (∂ ?a) (∘ -1 (Σ i (∘ (∂ ?a) ?a))))))";
const char* const of_penalty = "(= (∂ ?a) (∘ #a (sign ?a)))";

/** The known formulas, each with the form of its equation. With a condition, an earlier equation must have that form.
 *  The letters of layers are variables, as are ?a and #a, and mean the same in both. The left side of a condition has
 *  only variables of the equation. */
const struct
{
    Formula formula;
    const char *equation, *condition = nullptr;
} forms[] = {
    // forward
    {{"B3", "u = W x + b"}, full},
    {{"G0", "Z = W X + B"}, full},
    {{"B3", "x = f(u)"}, "(= x^l (apply ?f u^l))"},
    {{"B3", "y = f(u)"}, "(= y (apply ?f u^l))"},
    {{"G0", "A = f(Z)"}, "(= x^l (apply ?f u^l))"},
    {{"G0", "A = f(Z)"}, "(= y (apply ?f u^l))"},
    {{"B9", "u_j = Σ_i x_i * k_ij + b_j"}, convolution},
    {{"B14", "d_j = down(x_j)"}, "(= d^l (down ?x))"},
    {{"B14", "u_j = β_j d_j + b_j"}, subsampling},
    {{"B14c", "u_j = Σ_i α_ij (x_i * k_i) + b_j"}, combination},
    {{"B14c", "α_ij = e^(c_ij) / Σ_k e^(c_kj)"}, "(= α^l (softmax c^l))"},
    {{"H-conv", "u^(m) = Σ_k s^(k) ⋆ w^(k,m) + b^(m)"}, correlation},
    {{"H-max", "s_ij = max of c_(2i+u, 2j+v), u, v = 0, 1"}, "(= s^l (max x^l))"},
    {{"H-mean", "s_ij = ¼ Σ c_(2i+u, 2j+v), u, v = 0, 1"}, "(= s^l (∘ 0.25 (down x^l)))"},
    {{"H-softmax", "y_i = e^(u_i) / Σ_j e^(u_j)"}, "(= y (softmax ?u))"},
    {{"H-J", "J = −Σ_i z_i log y_i"}, "(= E (∘ -1 1/N (Σ n,i (∘ t (log y)))))"},
    {{"B2", "E = ½ ‖t − y‖²"}, "(= E (∘ 1/2N (Σ n,i (² (+ y (∘ -1 t))))))"},
    {{"G0", "C = 1/(2n) Σ ‖y − a‖²"}, "(= E (∘ 1/2N (Σ n,i (² (+ y (∘ -1 t))))))"},
    {{"B18", "Ω = λ Σ |α|, a term of the error"}, penalty, softmax},
    // sensitivities, by the layer above
    {{"B6", "δ = f'(u) ∘ (y − t)"}, "(= δ^l (∘ (f' ?f u^l) (+ y (∘ -1 t))))"},
    {{"G3", "δ = (a − y) ∘ f'(z)"}, "(= δ^l (∘ (f' ?f u^l) (+ y (∘ -1 t))))"},
    {{"G4", "δ = a − y"}, "(= δ^l (+ (σ u^l) (∘ -1 t)))"},
    {{"H-S2", "δ(u_i) = y_i − z_i"}, "(= δ^l (+ y (∘ -1 t)))"},
    {{"B5", "δ = (W')ᵀ δ' ∘ f'(u)"}, "(= δ^l (∘ (· (ᵀ W^m) δ^m) (f' ?f u^l)))"},
    {{"G5", "δ = (W')ᵀ δ' ∘ f'(z)"}, "(= δ^l (∘ (· (ᵀ W^m) δ^m) (f' ?f u^l)))"},
    {{"H-F.4", "δ(x_j) = Σ_i δ(u_i) w_ij, δ(u_j) = δ(x_j) f'(u_j)"}, "(= δ^l (∘ (· (ᵀ W^m) δ^m) (f' ?f u^l)))"},
    {{"B10", "δ_j = β'_j (f'(u_j) ∘ up(δ'_j))"}, "(= δ^l (∘ β^m (f' ?f u^l) (up δ^m)))"},
    {{"G7", "δ = β (f'(z) ∘ up(δ'))"}, "(= δ^l (∘ β^m (f' ?f u^l) (up δ^m)))"},
    {{"G7", "δ = β (f'(z) ∘ up(δ'))"}, "(= δ^l (∘ #a (f' ?f u^l) (up (∂ s^l))))", mean_pooling},
    {{"B14d", "δ_j = f'(u_j) ∘ Σ_m conv2(δ'_m, rot180(k'_jm), 'full')"},
     "(= δ^l (∘ (f' ?f u^l) (conv2d δ^m (rot180 k^m) full)))"},
    {{"B14d", "δ_j = f'(u_j) ∘ Σ_m conv2(δ'_m, rot180(α'_jm k'_j), 'full')"},
     "(= δ^l (∘ (f' ?f u^l) (conv2d δ^m (rot180 K^m) full)))"},
    {{"G8", "δ_k = f'(z_k) ∘ Σ_m conv(δ'_m, rot180(w_km), full)"}, "(= δ^l (∘ (f' ?f u^l) (conv2d δ^m w|K^m full)))"},
    {{"G8", "δ_k = f'(z_k) ∘ Σ_m conv(δ'_m, rot180(w_km), full); f' = 1 in pooling, so δ = ∂E/∂s"},
     "(= (∂ s^l) (conv2d δ^m w|K^m full))"},
    {{"H-C3.4", "δ(s_ij) = Σ_m Σ_uv δ(u^(m)_(i−u, j−v)) w^(k,m)_uv"}, "(= (∂ s^l) (conv2d δ^m w|K^m full))"},
    {{"H-F.4", "δ(x_j) = Σ_i δ(u_i) w_ij"}, "(= (∂ s^l) (· (ᵀ W^m) δ^m))"},
    {{"H-S2p", "δ(c_ij) = msk_ij δ(s_(⌊i/2⌋, ⌊j/2⌋)), δ(u_ij) = δ(c_ij) f'(u_ij)"}, of_mask},
    {{"H-S4", "δ(c_ij) = msk_ij δ(s_(⌊i/2⌋, ⌊j/2⌋)), δ(u_ij) = δ(c_ij) f'(u_ij)"}, of_mask},
    // parameters
    {{"B4", "∂E/∂b = δ"}, "(= (∂ b^l) (Σ n δ^l))", full},
    {{"G2", "∂C/∂b_i = δ_i"}, "(= (∂ b^l) (Σ n δ^l))", full},
    {{"H-F.3", "δ(b_i) = δ(u_i)"}, "(= (∂ b^l) (Σ n δ^l))", full},
    {{"B7", "∂E/∂W = δ xᵀ"}, "(= (∂ W^l) (· δ^l (ᵀ ?x)))", full},
    {{"G1", "∂C/∂w_ij = δ_i a_j"}, "(= (∂ W^l) (· δ^l (ᵀ ?x)))", full},
    {{"H-F.2", "δ(w_ij) = δ(u_i) x_j"}, "(= (∂ W^l) (· δ^l (ᵀ ?x)))", full},
    {{"B11", "∂E/∂b_j = Σ_uv (δ_j)_uv"}, "(= (∂ b^l) (Σ n,u,v|u,v|i,j δ^l))", convolution},
    {{"B11", "∂E/∂b_j = Σ_uv (δ_j)_uv"}, "(= (∂ b^l) (Σ n,u,v|u,v δ^l))", combination},
    {{"B13", "∂E/∂k_ij = rot180(conv2(x_i, rot180(δ_j), 'valid'))"},
     "(= (∂ k^l) (rot180 (conv2d ?x (rot180 δ^l) valid)))",
     convolution},
    {{"B13", "∂E/∂k_ij = rot180(conv2(x_i, rot180(δ_j), 'valid')), k_ij = α_ij k_i"}, of_kernels, combination},
    {{"B13", "∂E/∂k_i = Σ_j α_ij rot180(conv2(x_i, rot180(δ_j), 'valid'))"},
     "(= (∂ k^l) (Σ j (∘ (∂ K^l) (ᵀ α^l))))",
     of_kernels},
    {{"B14b", "∂E/∂b_j = Σ_uv (δ_j)_uv"}, "(= (∂ b^l) (Σ n,u,v|u,v δ^l))", subsampling},
    {{"B14b", "∂E/∂β_j = Σ_uv (δ_j ∘ d_j)_uv"}, "(= (∂ β^l) (Σ n,u,v|u,v (∘ δ^l d^l)))"},
    {{"B15a", "∂E/∂α_ij = Σ_uv (δ_j ∘ (x_i * k_i))_uv"}, "(= (∂ α^l) (ᵀ (Σ u,v (∘ (∂ K^l) k^l))))", of_kernels},
    {{"B17", "∂E/∂c_i = α_i (∂E/∂α_i − Σ_k ∂E/∂α_k α_k)"}, of_scores, softmax},
    {{"B19", "∂Ω/∂α_i = λ sign(α_i)"}, of_penalty, penalty},
    {{"B20", "∂Ω/∂c_i = Σ_k ∂Ω/∂α_k ∂α_k/∂c_i"}, of_scores, of_penalty},
    {{"B21", "∂Ω/∂c_i = λ (|α_i| − α_i Σ_k |α_k|)"}, of_scores, of_penalty},
    {{"G9", "∂C/∂w_ij = conv(a_i, δ_j, valid)"}, "(= (∂ w|K^l) (⋆ ?x δ^l))", correlation},
    {{"H-C3.2", "δ(w_uv^(k,m)) = Σ_ij δ(u_ij^(m)) s_(i+u, j+v)^(k)"}, "(= (∂ w|K^l) (⋆ ?x δ^l))", correlation},
    {{"H-C3.3", "δ(b^(m)) = Σ_ij δ(u_ij^(m))"}, "(= (∂ b^l) (Σ n,u,v|u,v δ^l))", correlation},
    {{"H-C5.3", "δ(b^(l)) = δ(u^(l))"}, "(= (∂ b^l) (Σ n δ^l))", correlation},
};

struct Form
{
    Formula formula;
    Expression equation, condition;
};

const std::vector<Form>& known_forms()
{
    static const auto known = [] {
        std::vector<Form> all;
        for (const auto& [formula, form, condition] : forms)
            all.push_back({formula, parse(form), condition ? parse(condition) : Expression()});
        return all;
    }();
    return known;
}

bool is_equation(const Expression& form, const Expression& left, const Expression& right, Bindings& bindings)
{
    return matches(form.operands[0], left, bindings) && matches(form.operands[1], right, bindings);
}

/** Returns whether a condition holds: the earlier equation with its left side, or one term of that equation's sum, has
 *  its form. */
bool holds(const Expression& condition, const EarlierEquations& earlier, const Bindings& bindings)
{
    const Equation* const equation = earlier.find(filled(condition.operands[0], bindings));
    if (!equation)
        return false;
    const auto fits = [&](const Expression& right) {
        Bindings own = bindings;
        return is_equation(condition, equation->left, right, own);
    };
    const Expression& right = equation->right;
    return fits(right) || (right.head == "+" && std::any_of(right.operands.begin(), right.operands.end(), fits));
}

/** True for each known form, by its place, that the equation as a whole has. */
std::vector<bool> forms_of(const Expression& left, const Expression& right, const EarlierEquations& earlier)
{
    std::vector<bool> all;
    for (const Form& form : known_forms()) {
        Bindings bindings;
        all.push_back(is_equation(form.equation, left, right, bindings) &&
                      (form.condition.head.empty() || holds(form.condition, earlier, bindings)));
    }
    return all;
}

bool any(const std::vector<bool>& all) { return std::find(all.begin(), all.end(), true) != all.end(); }

/** The forms of all terms, if each term has one and no two terms are the same. */
std::vector<bool> forms_of_terms(const Expression& left, const std::vector<Expression>& terms,
                                 const EarlierEquations& earlier)
{
    std::vector<bool> all(std::size(forms));
    for (auto term = terms.begin(); term != terms.end(); ++term) {
        const std::vector<bool> own = forms_of(left, *term, earlier);
        if (!any(own) || std::find(terms.begin(), term, *term) != term)
            return {};
        std::transform(own.begin(), own.end(), all.begin(), all.begin(), std::logical_or<>());
    }
    return all;
}

/** The right side without the 1/N that comes with the targets if the loss is a mean; empty if the 1/N is missing. */
Expression without_share(const Equation& equation, const EarlierEquations& earlier)
{
    Expression right = equation.right;
    if (!contains(right, "t") || !earlier.have_mean_loss())
        return right;
    if (right.head != "∘" || !(right.operands[0] == name("1/N")))
        return {};
    right.operands.erase(right.operands.begin());
    return right.operands.size() == 1 ? Expression(right.operands.front()) : right;
}

/** A text for a left side, the same for equal ones: "∂(b^c1)". */
std::string key_of(const Expression& left)
{
    std::string key = left.head + "^" + left.layer;
    for (const Expression& operand : left.operands)
        key += "(" + key_of(operand) + ")";
    return key;
}

} // namespace

void EarlierEquations::add(const Equation& equation) { by_left_.emplace(key_of(equation.left), equation); }

const Equation* EarlierEquations::find(const Expression& left) const
{
    const auto found = by_left_.find(key_of(left));
    return found == by_left_.end() ? nullptr : &found->second;
}

bool EarlierEquations::have_mean_loss() const
{
    const Equation* const loss = find(name("E"));
    return loss && (contains(loss->right, "1/N") || contains(loss->right, "1/2N"));
}

std::vector<Formula> formulas_of(const Equation& equation, const EarlierEquations& earlier)
{
    const Expression right = without_share(equation, earlier);
    std::vector<bool> found = forms_of(equation.left, right, earlier);
    if (right.head == "+" && !any(found))
        found = forms_of_terms(equation.left, right.operands, earlier);
    std::vector<Formula> formulas;
    for (std::size_t i = 0; i < found.size(); ++i)
        if (found[i])
            formulas.push_back(known_forms()[i].formula);
    return formulas;
}

} // namespace xgrad::detail
