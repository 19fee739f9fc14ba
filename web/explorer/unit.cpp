#include "unit.hpp"

#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/derivation/equations.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace xgrad::explorer
{

namespace
{

using Index = std::vector<std::size_t>;

constexpr std::size_t none = Graph::none;

/** One of the numbers that a unit is made of, and its weight. */
struct Term
{
    Index index;
    double x;
    Index weight_index = {};
    double weight = 1;
    bool used = true;
};

struct Unit
{
    const char* kind;
    std::size_t input = none, weights = none;
    std::vector<Term> terms = {};
    double constant = 0;
};

std::size_t flat(const Shape& shape, const Index& index)
{
    std::size_t place = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        place = place * shape[axis] + index[axis];
    return place;
}

/** The index of the element that a smaller array has for one of a larger one. */
Index broadcast(const Shape& shape, const Index& index)
{
    Index own(index.end() - static_cast<std::ptrdiff_t>(shape.size()), index.end());
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        own[axis] = shape[axis] == 1 ? 0 : own[axis];
    return own;
}

class Reader
{
  public:
    explicit Reader(const Graph& graph) : graph_(graph) {}

    Unit unit(std::size_t place, const Index& index) const;

    const Array<double>& value(std::size_t place) const { return graph_.values[place].value; }
    Shape shape(std::size_t place) const { return value(place).shape(); }
    double element(std::size_t place, const Index& index) const
    {
        return value(place).data()[flat(shape(place), index)];
    }

  private:
    Unit window(const GraphValue& v, const Index& index) const;
    Unit product(const GraphValue& v, const Index& index) const;
    Unit sum(const GraphValue& v, const Index& index) const;
    Unit each_element(const GraphValue& v, const Index& index) const;

    const Graph& graph_;
};

/** The distinct blocks of a sum as a window. */
kernels::Window blocks(const Shape& x, const Shape& y)
{
    kernels::Window w{.height = x[2], .width = x[3], .out_height = y[2], .out_width = y[3]};
    w.kernel_height = w.stride_height = x[2] / y[2];
    w.kernel_width = w.stride_width = x[3] / y[3];
    return w;
}

std::optional<kernels::Window> window_of(const Graph& graph, const GraphValue& v)
{
    if (v.op == "block_sum")
        return blocks(graph.values[v.inputs[0]].value.shape(), v.value.shape());
    return v.attributes.window;
}

Unit Reader::window(const GraphValue& v, const Index& index) const
{
    const kernels::Window w = *window_of(graph_, v);
    const bool convolves = v.op == "correlate2d";
    const Shape x = shape(v.inputs[0]);
    Unit unit{v.op == "max_pool2d"  ? "largest"
              : v.op == "block_sum" ? "sum"
              : convolves           ? "products"
                                    : "mean",
              v.inputs[0], convolves ? v.inputs[1] : none};
    const std::size_t channels = convolves ? shape(v.inputs[1])[1] : 1;
    const std::size_t first = convolves ? index[1] / (v.value.shape()[1] / w.groups) * channels : index[1];
    for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t i = 0; i < w.kernel_height; ++i)
            for (std::size_t j = 0; j < w.kernel_width; ++j) {
                const std::size_t row = index[2] * w.stride_height + i * w.dilation_height - w.pad_top;
                const std::size_t column = index[3] * w.stride_width + j * w.dilation_width - w.pad_left;
                if (row >= x[2] || column >= x[3]) // outside, also where it is negative
                    continue;
                Term term{{index[0], first + c, row, column}, 0};
                term.x = element(v.inputs[0], term.index);
                if (convolves) {
                    term.weight_index = {index[1], c, i, j};
                    term.weight = element(v.inputs[1], term.weight_index);
                }
                unit.terms.push_back(std::move(term));
            }
    const double result = element(static_cast<std::size_t>(&v - graph_.values.data()), index);
    if (v.op == "max_pool2d") { // the first of equal ones, as the gradient has it
        bool found = false;
        for (Term& term : unit.terms)
            found |= term.used = !found && term.x == result;
    }
    return unit;
}

Unit Reader::product(const GraphValue& v, const Index& index) const
{
    const auto& transposed = v.attributes.transposed;
    const bool a_turned = !transposed.empty() && transposed[0], b_turned = transposed.size() > 1 && transposed[1];
    Unit unit{"products", v.inputs[0], v.inputs[1]};
    const std::size_t count = shape(v.inputs[0])[a_turned ? 0 : 1];
    for (std::size_t k = 0; k < count; ++k) {
        const Index a = a_turned ? Index{k, index[0]} : Index{index[0], k};
        const Index b = b_turned ? Index{index[1], k} : Index{k, index[1]};
        unit.terms.push_back({a, element(v.inputs[0], a), b, element(v.inputs[1], b)});
    }
    return unit;
}

/** A sum of two: of products and a bias, if it is one. */
Unit Reader::sum(const GraphValue& v, const Index& index) const
{
    const std::size_t bias = v.inputs[1], bias_shape = shape(bias).size();
    const std::string& op = graph_.values[v.inputs[0]].op;
    if (op != "correlate2d" && op != "matmul" && op != "multiply")
        return each_element(v, index);
    Unit unit = this->unit(v.inputs[0], index);
    // A layer's bias (maps) was given axes for its maps.
    unit.constant = bias_shape == 0                        ? value(bias).data()[0]
                    : bias_shape == 1 && index.size() == 4 ? value(bias).data()[index[1] % value(bias).size()]
                                                           : element(bias, broadcast(shape(bias), index));
    return unit;
}

Unit Reader::each_element(const GraphValue& v, const Index& index) const
{
    Unit unit{"function"};
    for (const std::size_t input : v.inputs) {
        const Shape own = shape(input);
        if (own.size() > index.size() || value(input).size() == 0)
            continue;
        Index at = broadcast(own, index);
        if (own.size() == 1 && index.size() == 4) // a number for each map
            at = {index[1] % own[0]};
        bool fits = true;
        for (std::size_t axis = 0; axis < own.size(); ++axis)
            fits &= at[axis] < own[axis];
        if (!fits)
            continue;
        const double x = element(input, at);
        if (unit.input == none) {
            unit.input = input;
            unit.terms.push_back({at, x});
        } else if (v.op == "multiply") { // β·d
            unit.kind = "products";
            unit.weights = input;
            unit.terms.back().weight = x;
            unit.terms.back().weight_index = at;
        }
    }
    return unit;
}

Unit Reader::unit(std::size_t place, const Index& index) const
{
    const GraphValue& v = graph_.values[place];
    if (v.op.empty())
        return {"leaf"};
    if (window_of(graph_, v) && index.size() == 4)
        return window(v, index);
    if (v.op == "matmul" && index.size() == 2)
        return product(v, index);
    if (v.op == "add" && v.inputs.size() == 2)
        return sum(v, index);
    if (detail::only_reshapes(v) && value(v.inputs[0]).size() == v.value.size()) {
        const Index at = detail::index_of(flat(v.value.shape(), index), shape(v.inputs[0]));
        return {"moved", v.inputs[0], none, {{at, element(v.inputs[0], at)}}};
    }
    return v.op == "transpose" || v.op == "permute" ? Unit{"function"} : each_element(v, index);
}

/** Rows and columns of an image. */
struct Field
{
    std::ptrdiff_t top, left, bottom, right;
};

/** The part of the image "x" that a unit depends on; nothing if it depends on none. */
std::optional<Field> field_of(const Graph& graph, std::size_t place, const Index& index)
{
    const auto whole = [](const Shape& x) {
        return Field{0, 0, static_cast<std::ptrdiff_t>(x[2]) - 1, static_cast<std::ptrdiff_t>(x[3]) - 1};
    };
    std::optional<Field> field;
    if (index.size() == 4) {
        const auto row = static_cast<std::ptrdiff_t>(index[2]), column = static_cast<std::ptrdiff_t>(index[3]);
        field = {row, column, row, column};
    }
    while (graph.values[place].name != "x") {
        const GraphValue& v = graph.values[place];
        if (v.op.empty())
            return {};
        const Shape x = graph.values[v.inputs[0]].value.shape();
        if (const auto w = window_of(graph, v); w && field) {
            const auto reach = [](std::size_t kernel, std::size_t dilation) {
                return static_cast<std::ptrdiff_t>((kernel - 1) * dilation);
            };
            const auto down = static_cast<std::ptrdiff_t>(w->stride_height),
                       top = static_cast<std::ptrdiff_t>(w->pad_top);
            const auto along = static_cast<std::ptrdiff_t>(w->stride_width),
                       left = static_cast<std::ptrdiff_t>(w->pad_left);
            field = {field->top * down - top, field->left * along - left,
                     field->bottom * down - top + reach(w->kernel_height, w->dilation_height),
                     field->right * along - left + reach(w->kernel_width, w->dilation_width)};
        } else if (!field && x.size() == 4) {
            field = whole(x);
        }
        place = v.inputs[0];
    }
    return field;
}

std::string numeral(double x) { return x < 0 ? fmt::format("({:.4g})", x) : fmt::format("{:.4g}", x); }

/** The formula with its numbers: the terms that count most, and dots for the others. */
std::string in_latex(const Unit& unit, const std::string& op, double result)
{
    constexpr std::size_t most = 4;
    std::vector<const Term*> terms;
    for (const Term& term : unit.terms)
        terms.push_back(&term);
    const bool multiplies = unit.weights != none;
    if (terms.size() > most) {
        const auto size = [&](const Term* term) { return std::abs(term->x * term->weight); };
        std::stable_sort(terms.begin(), terms.end(), [&](auto* a, auto* b) { return size(a) > size(b); });
        terms.resize(most);
    }
    std::vector<std::string> shown;
    for (const Term* term : terms)
        shown.push_back(multiplies ? fmt::format("{} \\cdot {}", numeral(term->x), numeral(term->weight))
                                   : numeral(term->x));
    if (terms.size() < unit.terms.size())
        shown.emplace_back("\\dots");
    const std::string kind = unit.kind, value = fmt::format("{:.4g}", result);
    if (kind == "largest")
        return fmt::format("\\max({}) = {}", fmt::join(shown, ", "), value);
    if (kind == "moved" || shown.empty())
        return value;
    if (kind == "function") {
        std::string name = op;
        std::replace(name.begin(), name.end(), '_', ' ');
        return fmt::format("\\operatorname{{{}}}({:.4g}) = {}", name, unit.terms.front().x, value);
    }
    std::string sum = fmt::to_string(fmt::join(shown, " + "));
    if (kind == "mean")
        sum = fmt::format("\\tfrac{{1}}{{{}}}({})", unit.terms.size(), sum);
    if (unit.constant != 0)
        sum += fmt::format(" + {}", numeral(unit.constant));
    return fmt::format("{} = {}", sum.empty() ? "x" : sum, value);
}

} // namespace

Json unit_of(const Graph& graph, std::size_t place, const Index& index, std::size_t padding)
{
    if (place >= graph.values.size())
        throw ShapeError(fmt::format("[explorer] there is no value {}", place));
    const Reader reader(graph);
    const Shape shape = reader.shape(place);
    bool exists = index.size() == shape.size();
    for (std::size_t axis = 0; exists && axis < shape.size(); ++axis)
        exists = index[axis] < shape[axis];
    if (!exists)
        throw ShapeError(fmt::format("[explorer] an array of shape {} has no element ({})", to_string(shape),
                                     fmt::join(index, ",")));
    const Unit unit = reader.unit(place, index);
    const double result = reader.element(place, index);
    Json terms = Json::array();
    for (const Term& term : unit.terms)
        terms.push_back({{"index", term.index},
                         {"x", term.x},
                         {"weight_index", term.weight_index},
                         {"weight", term.weight},
                         {"used", term.used}});
    Json field;
    const auto border = static_cast<std::ptrdiff_t>(padding);
    if (const auto found = place < graph.forward ? field_of(graph, place, index) : std::nullopt)
        field = {{"top", found->top - border},
                 {"left", found->left - border},
                 {"bottom", found->bottom - border},
                 {"right", found->right - border}};
    return {{"kind", unit.kind},
            {"input", place_or_none(unit.input)},
            {"weights", place_or_none(unit.weights)},
            {"terms", terms},
            {"constant", unit.constant},
            {"result", result},
            {"latex", in_latex(unit, graph.values[place].op, result)},
            {"field", field}};
}

} // namespace xgrad::explorer
