// Wrong rules of sums over samples, rows and positions, and of matrix products.
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/wrong_rules.hpp>

#include <fmt/core.h>

#include <functional>

namespace xgrad::detail
{

namespace
{

using Values = Array<double>;
using Counts = std::function<bool(std::size_t index)>;

/** x with zeros where an index along an axis does not count. */
Values with_zeros(Values x, std::size_t axis, const Counts& counts)
{
    std::size_t inner = 1;
    for (std::size_t k = axis + 1; k < x.dimension(); ++k)
        inner *= x.shape()[k];
    for (std::size_t i = 0; i < x.size(); ++i)
        if (!counts(i / inner % x.shape()[axis]))
            x.data()[i] = 0;
    return x;
}

/** Calls f(counts, words) for each usual part of the indices along an axis. */
template <class F>
void for_each_part(std::size_t extent, bool has_rows, const std::string& one, const std::string& all, F f)
{
    if (extent < 2)
        return;
    const std::size_t last = extent - 1, half = extent / 2;
    const std::string missing = fmt::format("it is not summed over {}, only the ", all);
    f([=](std::size_t i) { return i == last; }, fmt::format("{}last {} counts", missing, one));
    f([=](std::size_t i) { return i == 0; }, fmt::format("{}first {} counts", missing, one));
    if (extent == 2)
        return;
    f([=](std::size_t i) { return i != last; }, fmt::format("the last {} does not count", one));
    f([=](std::size_t i) { return i != 0; }, fmt::format("the first {} does not count", one));
    if (extent > 3) {
        f([=](std::size_t i) { return i < half; }, fmt::format("only the first half of {} counts", all));
        f([=](std::size_t i) { return i >= extent - half; }, fmt::format("only the last half of {} counts", all));
        f([=](std::size_t i) { return i % 2 == 0; }, fmt::format("only every second {} counts", one));
    }
    for (std::size_t rows = 2; has_rows && rows < extent; ++rows) {
        if (extent % rows != 0)
            continue;
        f([=](std::size_t i) { return i % rows == rows - 1; },
          fmt::format("of each {} rows only the last one counts, as with an = in place of a +=", rows));
        f([=](std::size_t i) { return i % rows == 0; }, fmt::format("of each {} rows only the first one counts", rows));
        f([=](std::size_t i) { return i / rows == extent / rows - 1; },
          fmt::format("only the last {} rows count, as with an = in place of a +=", rows));
        f([=](std::size_t i) { return i / rows == 0; }, fmt::format("only the first {} rows count", rows));
    }
}

/** The axes of the upstream gradient over which a rule sums. */
std::vector<std::size_t> summed_axes(const Step& step)
{
    const Shape &from = step.result().shape(), &to = step.input().shape();
    std::vector<std::size_t> axes;
    if (is_one_of(step.op().name, {"add", "subtract", "multiply", "divide", "broadcast_to"})) {
        const std::size_t missing = from.size() - std::min(from.size(), to.size());
        for (std::size_t axis = 0; axis < from.size(); ++axis)
            if (from[axis] > 1 && (axis < missing || to[axis - missing] == 1))
                axes.push_back(axis);
    } else if (step.op().name == "matmul" && from.size() >= 2) {
        for (std::size_t axis = 0; axis + 2 < from.size(); ++axis)
            if (to.size() + axis < from.size() || to[to.size() + axis - from.size()] == 1)
                axes.push_back(axis);
        axes.push_back(step.position() == 1 ? from.size() - 2 : from.size() - 1);
    } else if (step.op().name == "correlate2d" && step.position() == 1)
        axes = {0, 2, 3};
    return axes;
}

Values matrix_product(const double* a, const double* b, std::size_t rows, std::size_t inner, std::size_t columns)
{
    Values y(Shape{rows, columns}, 0.0);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t k = 0; k < inner; ++k)
            for (std::size_t j = 0; j < columns; ++j)
                y.data()[i * columns + j] += a[i * inner + k] * b[k * columns + j];
    return y;
}

Values transposed_if(bool turn, const Values& x) { return turn ? transposed(x) : x; }

/** The k-th matrix of an array, or its only one. */
Values matrix(const Values& x, std::size_t k)
{
    const std::size_t rows = x.shape()[x.dimension() - 2], columns = x.shape()[x.dimension() - 1];
    Values y = empty_array<double>({rows, columns});
    std::copy_n(x.data() + k % (x.size() / y.size()) * y.size(), y.size(), y.data());
    return y;
}

} // namespace

void partial_sum(const Step& step, Wrongs& found)
{
    const std::vector<std::size_t> axes = summed_axes(step);
    const Values g = step.g();
    for (const std::size_t axis : axes) {
        const bool samples = axis == 0, positions = axis >= 2 && step.op().name != "matmul";
        if (positions)
            continue;
        const std::string one = samples ? "sample" : fmt::format("one along axis {}", axis);
        const std::string all = samples ? "the batch" : fmt::format("axis {}", axis);
        for_each_part(g.shape()[axis], samples, one, all, [&](const Counts& counts, std::string what) {
            found.push_back({step.of(with_zeros(g, axis, counts)), std::move(what)});
        });
    }
    if (axes.empty() || axes.back() + 1 != g.dimension() || g.dimension() < 3 || step.op().name == "matmul")
        return;
    std::size_t positions = 1;
    for (std::size_t axis = 2; axis < g.dimension(); ++axis)
        positions *= g.shape()[axis];
    for (const std::size_t only : {std::size_t{0}, positions - 1}) {
        Values one = g;
        for (std::size_t i = 0; i < g.size(); ++i)
            if (i % positions != only)
                one.data()[i] = 0;
        found.push_back({step.of(one), fmt::format("it is not summed over the positions, only the {} one counts",
                                                   only == 0 ? "first" : "last")});
    }
}

void partial_batch(const Step& step, Wrongs& found)
{
    if (!is_one_of(step.op().name, {"sum", "take_last"}) || step.input().dimension() == 0)
        return;
    const bool keeps =
        step.op().name == "sum" && step.result().dimension() > 0 && step.result().shape()[0] == step.input().shape()[0];
    if (!keeps)
        for_each_part(step.input().shape()[0], true, "sample", "the batch",
                      [&](const Counts& counts, std::string what) {
                          found.push_back({with_zeros(step.right, 0, counts), std::move(what)});
                      });
}

void transposed_weights(const Step& step, Wrongs& found)
{
    const KeptOp& op = step.op();
    if (op.name != "matmul")
        return;
    const bool left = step.position() == 0, turned_a = op.attributes.transposed[0],
               turned_b = op.attributes.transposed[1];
    const Values &w = op.inputs[left ? 1 : 0].value(), g = step.g();
    const std::size_t side = w.shape()[w.dimension() - 1],
                      matrices = step.input().size() / (step.input().shape()[step.input().dimension() - 2] *
                                                        step.input().shape()[step.input().dimension() - 1]);
    const Shape& of_g = g.shape();
    const std::size_t rows = of_g[of_g.size() - 2], columns = of_g[of_g.size() - 1];
    if (side != w.shape()[w.dimension() - 2] || side != (left ? columns : rows) ||
        g.size() != matrices * rows * columns)
        return;
    Values gradient = empty_array<double>(step.input().shape());
    double* to = gradient.data();
    for (std::size_t k = 0; k < matrices; ++k) {
        const Values factor = transposed_if(left ? turned_b : turned_a, matrix(w, k)), of_result = matrix(g, k);
        const Values product = left ? matrix_product(of_result.data(), factor.data(), rows, side, side)
                                    : matrix_product(factor.data(), of_result.data(), side, side, columns);
        const Values placed = transposed_if(left ? turned_a : turned_b, product);
        to = std::copy(placed.data(), placed.data() + placed.size(), to);
    }
    const bool is_weight = left || op.inputs[0].requires_gradient();
    found.push_back({std::move(gradient), is_weight ? "W" : "the other factor"});
}

} // namespace xgrad::detail
