#include <xgrad/inspect/derivation/equations.hpp>
#include <xgrad/inspect/derivation/reading.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace xgrad::detail
{

namespace
{

/** The functions that squash a layer's values, and their derivatives. */
const struct
{
    const char *op, *function, *derivative;
} squashing[] = {
    {"sigmoid", "(/ 1 (+ 1 (exp (∘ -1 u))))", "(∘ (apply f u) (+ 1 (∘ -1 (apply f u))))"},
    {"tanh", "(tanh u)", "(+ 1 (∘ -1 (² (apply f u))))"},
    {"scaled_tanh", "(∘ a (tanh (∘ b u)))", "(∘ b/a (+ (² a) (∘ -1 (² (apply f u)))))"},
    {"relu", "(max 0 u)", "(step u)"},
    {"leaky_relu", "(max (∘ a u) u)", "(+ a (∘ (+ 1 (∘ -1 a)) (step u)))"},
};

/** The sizes above which an expression gets a name of its own: if it is used more than once, and in any case. */
constexpr std::size_t longest_repeated = 12, longest_inlined = 40;

/** The expression with x for (squash f u x). Otherwise the u of a chain of such functions would hold all of the chain.
 */
Expression with_names_of_outputs(const Expression& e)
{
    if (e.head == "squash")
        return e.operands[2];
    Expression result = e;
    for (Expression& operand : result.operands)
        operand = with_names_of_outputs(operand);
    return result;
}

class Writer
{
  public:
    explicit Writer(const Graph& graph) : reading_(graph), names_(reading_), written_(reading_.size())
    {
        for (std::size_t i = 0; i < reading_.size(); ++i)
            write(i);
        for (const auto& [place, sensitivity] : names_.further_sensitivities())
            backward_.push_back({reading_.layer(place), sensitivity, names_[graph.sensitivities[place]]});
        std::stable_sort(backward_.begin(), backward_.end(),
                         [](const Line& a, const Line& b) { return a.layer > b.layer; });
    }

    Equations finished();

  private:
    struct Line
    {
        std::size_t layer;
        Expression left, right;
    };

    void write(std::size_t place);
    std::vector<Section> sections_of(const std::vector<Line>& lines);
    Expression finish(const Expression& e, bool of_loss);
    std::string function_letter(const std::string& op);

    const Reading reading_;
    Naming names_;
    std::vector<Expression> written_; // the expression of a value where it is used
    std::vector<Line> forward_, backward_;
    std::vector<std::string> functions_; // the functions f, f_2, … in the order in which they appear
    EarlierEquations earlier_;           // the equations that are finished
};

/** Decides how a value is written where it is used, and notes its equation if it has a name. */
void Writer::write(std::size_t place)
{
    const GraphValue& v = reading_.value(place);
    if (reading_.is_number(place) || reading_.is_leaf(place)) {
        written_[place] = reading_.is_number(place) ? number(v.value.data()[0]) : names_[place];
        return;
    }
    std::vector<Expression> inputs;
    for (const std::size_t input : v.inputs)
        inputs.push_back(written_[input]);
    Expression right = expression_of(reading_.graph, place, inputs, reading_.of_batch, reading_.layer_name(place));
    const std::size_t longest = reading_.uses[place] > 1 ? longest_repeated : longest_inlined;
    if (names_[place].head.empty() && size_of(right) > longest)
        names_.call(place, "v");
    const Expression& left = names_[place];
    if (left.head.empty()) {
        written_[place] = std::move(right);
        return;
    }
    written_[place] = left;
    if (squashes(v.op)) {
        const Expression u = with_names_of_outputs(inputs[0]);
        written_[place] = {.head = "squash", .operands = {name(v.op), u, left}};
        right = {.head = "apply", .operands = {name(v.op), u}};
    } else if (v.op == "log_softmax") {
        written_[place] = {.head = "log", .operands = {left}};
        right = Expression(right.operands[0]);
    }
    (reading_.is_forward(place) ? forward_ : backward_).push_back({reading_.layer(place), left, right});
}

std::string Writer::function_letter(const std::string& op)
{
    const auto known = std::find(functions_.begin(), functions_.end(), op);
    const auto index = known - functions_.begin();
    if (known == functions_.end())
        functions_.push_back(op);
    return index == 0 ? "f" : "f_" + std::to_string(index + 1);
}

/** The expression with names of functions and with x for (squash f u x). In the loss and its slope, a factor with the
 *  value of 1/N is written as 1/N. */
Expression Writer::finish(const Expression& e, bool of_loss)
{
    if (e.head == "squash")
        return e.operands[2];
    if (e.head == "apply" || e.head == "f'") {
        const std::string letter = function_letter(e.operands[0].head);
        return {.head = e.head, .operands = {name(letter), finish(e.operands[1], of_loss)}};
    }
    Expression result = e;
    for (Expression& operand : result.operands)
        operand = finish(operand, of_loss);
    if (!of_loss || e.head != "∘" || !e.operands[0].is_number() || reading_.batch < 2)
        return result;
    const double factor = e.operands[0].number, n = static_cast<double>(reading_.batch);
    for (const auto& [text, share] : {std::pair("1/N", 1 / n), std::pair("1/2N", 0.5 / n)})
        if (std::abs(std::abs(factor) - share) < 1e-5 * share) {
            result.operands[0] = name(text);
            if (factor < 0)
                result.operands.insert(result.operands.begin(), number(-1));
            break;
        }
    return result;
}

std::vector<Section> Writer::sections_of(const std::vector<Line>& lines)
{
    std::vector<Section> sections;
    std::unordered_map<std::string, std::size_t> places;
    for (const auto& [layer, left, right] : lines) {
        const bool is_loss = left == name("E");
        const bool of_loss = is_loss || contains(right, "t");
        Equation equation{finish(left, of_loss), finish(right, of_loss)};
        const std::string title = is_loss ? "loss" : layer == Reading::none ? "data" : reading_.graph.layers[layer];
        const auto [place, is_new] = places.try_emplace(title, sections.size());
        if (is_new)
            sections.push_back({title});
        equation.formulas = formulas_of(equation, earlier_);
        earlier_.add(equation);
        sections[place->second].equations.push_back(std::move(equation));
    }
    return sections;
}

Equations Writer::finished()
{
    Equations equations{.functions = {}, .forward = sections_of(forward_), .backward = sections_of(backward_)};
    for (const std::string& used : functions_)
        for (const auto& [op, function, derivative] : squashing)
            if (used == op) {
                const Bindings f = {{"f", name(function_letter(used))}};
                for (const auto& [left, right] :
                     {std::pair("(apply f u)", function), std::pair("(f' f u)", derivative)})
                    equations.functions.push_back({filled(parse(left), f), filled(parse(right), f)});
            }
    return equations;
}

} // namespace

bool squashes(const std::string& op)
{
    return std::any_of(std::begin(squashing), std::end(squashing), [&](const auto& each) { return each.op == op; });
}

Equations equations_of(const Graph& graph) { return Writer(graph).finished(); }

} // namespace xgrad::detail
