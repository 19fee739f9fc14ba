// Products of matrices and tensors.

#include "family.hpp"
#include <xgrad/ops/einsum.hpp>
#include <xgrad/ops/linalg.hpp>
#include <xgrad/ops/matmul.hpp>

#include <algorithm>
#include <array>

namespace agree
{

namespace
{

/** An equation with random letters, and arrays that fit it. */
std::pair<std::string, std::vector<Array<double>>> drawn_equation(Draw& d)
{
    constexpr std::string_view letters = "ijkl";
    std::array<std::size_t, letters.size()> extents{};
    for (std::size_t& extent : extents)
        extent = 1 + d.below(3);
    std::string equation, used;
    std::vector<Array<double>> arrays;
    for (auto k = d.integer("operands", 1, 3); k > 0; --k) {
        Shape shape;
        equation += arrays.empty() ? "" : ",";
        for (std::size_t rank = d.below(5), i = 0; i < rank; ++i) {
            const std::size_t letter = d.below(letters.size());
            equation += letters[letter];
            shape.push_back(extents[letter]);
            if (used.find(letters[letter]) == std::string::npos)
                used += letters[letter];
        }
        arrays.push_back(d.normal(shape));
    }
    if (!d.one_in(4)) {
        std::string output;
        for (const std::size_t i : d.order(used.size()))
            if (!d.one_in(3))
                output += used[i];
        equation += "->" + output;
    }
    d.note("equation", equation);
    return {equation, arrays};
}

} // namespace

Families product_families()
{
    return {
        {"matmul",
         [](Draw& d) {
             const Shape batch = d.shape(0, 2, {.may_be_empty = true});
             const std::size_t m = d.below(6), k = d.below(6), n = d.below(6);
             Shape a = d.broadcastable(batch), b = d.one_in(2) ? batch : d.broadcastable(batch);
             if (d.one_in(4)) {
                 a = {k};
             } else {
                 a.push_back(m);
                 a.push_back(k);
             }
             if (d.one_in(4)) {
                 b = {k};
             } else {
                 b.push_back(k);
                 b.push_back(n);
             }
             return Configuration(
                 {d.normal(a), d.normal(b)}, [](const Variables& xs) { return matmul(xs[0], xs[1]); },
                 [](const Tensors& ts) { return torch::matmul(ts[0], ts[1]); });
         }},
        {"matmul_large",
         [](Draw& d) {
             const std::size_t m = 1 + d.below(70), k = 1 + d.below(70), n = 1 + d.below(70);
             const bool ta = d.flag("transposed a"), tb = d.flag("transposed b");
             return Configuration(
                 {d.normal(ta ? Shape{k, m} : Shape{m, k}), d.normal(tb ? Shape{n, k} : Shape{k, n})},
                 [=](const Variables& xs) { return matmul(xs[0], xs[1], {.a = ta, .b = tb}); },
                 [=](const Tensors& ts) { return torch::matmul(ta ? ts[0].t() : ts[0], tb ? ts[1].t() : ts[1]); });
         }},
        {"outer",
         [](Draw& d) {
             return Configuration(
                 {d.normal({d.below(6)}), d.normal({d.below(6)})},
                 [](const Variables& xs) { return outer(xs[0], xs[1]); },
                 [](const Tensors& ts) { return torch::outer(ts[0], ts[1]); });
         }},
        {"kron",
         [](Draw& d) {
             return Configuration(
                 {d.normal(d.shape(2, 2)), d.normal(d.shape(2, 2))},
                 [](const Variables& xs) { return kron(xs[0], xs[1]); },
                 [](const Tensors& ts) { return torch::kron(ts[0], ts[1]); });
         }},
        {"vdot",
         [](Draw& d) {
             const Shape shape{d.below(9)};
             return Configuration(
                 {d.normal(shape), d.normal(shape)}, [](const Variables& xs) { return vdot(xs[0], xs[1]); },
                 [](const Tensors& ts) { return torch::vdot(ts[0], ts[1]); });
         }},
        {"cross",
         [](Draw& d) {
             Shape shape = d.shape(0, 3, {.may_be_empty = true});
             Shape other = d.broadcastable(shape);
             shape.push_back(3);
             other.push_back(3);
             return Configuration(
                 {d.normal(shape), d.normal(other)}, [](const Variables& xs) { return cross(xs[0], xs[1]); },
                 [](const Tensors& ts) { // libtorch wants the same number of axes
                     return torch::linalg_cross(ts[0], ts[1].expand_as(ts[0]), -1);
                 });
         }},
        {"dot",
         [](Draw& d) {
             const std::size_t k = 1 + d.below(4);
             Shape a = d.shape(0, 2), b = d.shape(0, 2);
             const bool vector = b.empty();
             a.push_back(k);
             b.push_back(k);
             if (!vector)
                 std::swap(b[b.size() - 1], b[b.size() - 2]);
             return Configuration(
                 {d.normal(a), d.normal(b)}, [](const Variables& xs) { return dot(xs[0], xs[1]); },
                 [=](const Tensors& ts) { return torch::tensordot(ts[0], ts[1], {-1}, {vector ? -1 : -2}); });
         }},
        {"tensordot",
         [](Draw& d) {
             const Shape common = d.shape(0, 2), left = d.shape(0, 2), right = d.shape(0, 2);
             Shape a = left, b = right; // the common axes come last
             for (const std::size_t extent : common) {
                 a.push_back(extent);
                 b.push_back(extent);
             }
             xgrad::Axes ours_a{}, ours_b{};
             Integers theirs_a, theirs_b;
             for (const std::size_t i : d.order(common.size())) {
                 ours_a.push_back(size(left.size() + i));
                 ours_b.push_back(size(right.size() + i));
                 theirs_a.push_back(size(left.size() + i));
                 theirs_b.push_back(size(right.size() + i));
             }
             return Configuration(
                 {d.normal(a), d.normal(b)},
                 [=](const Variables& xs) { return tensordot(xs[0], xs[1], ours_a, ours_b); },
                 [=](const Tensors& ts) { return torch::tensordot(ts[0], ts[1], theirs_a, theirs_b); });
         }},
        {"einsum",
         [](Draw& d) {
             const auto [equation, arrays] = drawn_equation(d);
             return Configuration(
                 arrays,
                 [e = equation](const Variables& xs) { return xgrad::einsum(e, std::span<const Variable>(xs)); },
                 [e = equation](const Tensors& ts) { return torch::einsum(e, ts); });
         }},
        {"trace",
         [](Draw& d) {
             const Shape shape = d.shape(2, 2, {.may_be_empty = true});
             return Configuration(
                        {d.normal(shape)}, [](const Variables& xs) { return trace(xs[0]); },
                        [](const Tensors& ts) { return torch::trace(ts[0]); })
                 .except("libtorch's gradient of a matrix with more rows than columns goes on below the diagonal",
                         shape[0] > shape[1]);
         }},
        {"matrix_power",
         [](Draw& d) {
             Shape shape = d.shape(0, 2);
             const std::size_t n = 1 + d.below(4);
             shape.push_back(n);
             shape.push_back(n);
             const auto power = d.integer("power", -3, 5);
             return Configuration(
                 {d.well_conditioned(shape)}, [=](const Variables& xs) { return matrix_power(xs[0], power); },
                 [=](const Tensors& ts) { return torch::matrix_power(ts[0], power); });
         }},
    };
}

} // namespace agree
