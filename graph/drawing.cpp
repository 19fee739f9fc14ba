#include <xgrad/graph/drawing.hpp>
#include <xgrad/graph/error.hpp>
#include <xgrad/graph/shape.hpp>

#include <fmt/core.h>

#include <map>
#include <vector>

namespace xgrad
{

namespace
{

using detail::Edge;
using detail::Origin;
using detail::Trace;

/** The ops that a result depends on, each one after its inputs. Their order follows from the graph alone: that of the
 *  recording would not do, as C++ leaves open which operand of an expression is computed first. */
std::vector<std::size_t> ops_behind(const Trace& trace, std::size_t result)
{
    struct Visit
    {
        std::size_t node, next_edge;
    };
    std::vector<Visit> path{{result, 0}};
    std::vector<std::size_t> ops;
    std::vector<bool> seen(result + 1, false);
    while (!path.empty()) {
        const std::size_t node = path.back().node, edge = path.back().next_edge++;
        if (edge == trace.edges(node).size()) {
            ops.push_back(node);
            path.pop_back();
            continue;
        }
        const Origin input = trace.edges(node)[edge].input;
        if (input.tape == trace.number() && !seen[input.index]) {
            seen[input.index] = true;
            path.push_back({input.index, 0});
        }
    }
    return ops;
}

std::string quoted(const std::string& text)
{
    std::string escaped;
    for (const char c : text)
        escaped += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    return escaped;
}

/** Name and shape of a leaf that has a name, else its number. */
template <class T>
std::string describe_leaf(Origin leaf, const Parameters<T>& names, std::size_t number)
{
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i].origin() == leaf)
            return quoted(names.name(i)) + "\\n" + to_string(names[i].shape());
    return fmt::format("leaf {}", number);
}

} // namespace

template <class T>
std::string to_dot(const Tape& tape, const Variable<T>& result, const Parameters<T>& names)
{
    const Trace& trace = tape.trace();
    const Origin origin = result.origin();
    if (origin.tape != trace.number() || origin.index >= trace.size())
        throw GraphError(
            "[to_dot] the result was not recorded on this tape, or the tape has been consumed: draw before "
            "gradient(), or ask it for keep_tape");

    std::map<std::size_t, std::size_t> numbers;  // of ops, by their place on the tape
    std::map<std::uint64_t, std::size_t> leaves; // numbers of leaves
    std::string nodes, arrows;
    for (const std::size_t op : ops_behind(trace, origin.index)) {
        const std::size_t number = numbers.size() + 1;
        numbers[op] = number;
        for (const Edge& edge : trace.edges(op)) {
            if (edge.input.tape == trace.number()) {
                arrows += fmt::format("    op{} -> op{};\n", numbers.at(edge.input.index), number);
                continue;
            }
            const auto [leaf, is_new] = leaves.try_emplace(edge.input.index, leaves.size() + 1);
            if (is_new)
                nodes += fmt::format("    leaf{} [shape=ellipse, label=\"{}\"];\n", leaf->second,
                                     describe_leaf(edge.input, names, leaf->second));
            arrows += fmt::format("    leaf{} -> op{};\n", leaf->second, number);
        }
        nodes +=
            fmt::format("    op{} [label=\"{}\\n{}\"];\n", number, trace.node(op).op, to_string(trace.node(op).shape));
    }
    return "digraph xgrad {\n"
           "    node [shape=box, fontname=\"sans-serif\", fontsize=11];\n" +
           nodes + arrows + "}\n";
}

template std::string to_dot(const Tape&, const Variable<float>&, const Parameters<float>&);
template std::string to_dot(const Tape&, const Variable<double>&, const Parameters<double>&);

} // namespace xgrad
