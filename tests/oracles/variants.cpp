#include "variants_arrays.hpp"
#include <xgrad/models/layers/blocks.hpp>
#include <xgrad/models/layers/local.hpp>

#include <algorithm>

using namespace xgrad;
using namespace xgrad::test;
using namespace xgrad::test::variants;

namespace
{

/** Extents of a matrix and of a kernel. */
struct Pair
{
    Shape x, k;
};
const Pair matrices[] = {{{5, 5}, {3, 3}}, {{4, 7}, {1, 2}}, {{6, 3}, {4, 3}}, {{3, 8}, {3, 5}}};
const Pair vectors[] = {{{6}, {3}}, {{1}, {4}}, {{5}, {1}}, {{9}, {9}}};

constexpr ConvolutionOptions full{.padding = Padding::full};

/** The number of elements that are not 0. */
std::size_t count(const V& x)
{
    return static_cast<std::size_t>(std::count_if(x.value().begin(), x.value().end(), [](double e) { return e != 0; }));
}

} // namespace

ORACLE_TEST("N1", "s(t) = Σ x(a) w(t − a); S(i,j) = Σ I(m,n) K(i − m, j − n), commutative")
{
    Draw draw;
    for (const Pair& p : vectors)
        check(
            entry, {draw(p.x), draw(p.k)},
            [](const auto& v) {
                const auto row = [](const V& x) { return reshape(x, {1, x.size()}); };
                return flatten(conv2d(row(v[0]), row(v[1]), full));
            },
            [](const auto& t, const auto& g) { return oracles::n1_vector(t[0], t[1], g); });
    for (const Pair& p : matrices) {
        const Variables<double> xs{draw(p.x), draw(p.k)};
        const auto by_hand = [](const auto& t, const auto& g) { return oracles::n1(t[0], t[1], g); };
        check(
            entry, xs, [](const auto& v) { return conv2d(v[0], v[1], full); }, by_hand);
        const V flipped = pad(rot180(xs[0]), {{p.k[0] - 1, p.k[0] - 1}, {p.k[1] - 1, p.k[1] - 1}});
        agree(entry, rot180(correlate2d(flipped, xs[1])),
              oracles::n1(tensor(xs[1]), tensor(xs[0]), Tensor({p.x[0] + p.k[0] - 1, p.x[1] + p.k[1] - 1})).y,
              "commuted, the image flipped");
    }
}

ORACLE_TEST("N2", "S(i,j) = Σ I(i + m, j + n) K(m,n)")
{
    Draw draw;
    for (const Pair& p : matrices)
        check(
            entry, {draw(p.x), draw(p.k)}, [](const auto& v) { return correlate2d(v[0], v[1]); },
            [](const auto& t, const auto& g) { return oracles::n2(t[0], t[1], g); });
}

ORACLE_TEST("N3", "s = W x_p, W(i,c) = w_p((i − c) mod L), L = M + N − 1")
{
    Draw draw;
    for (const Pair& p : vectors) {
        check(
            entry, {draw(p.k)},
            [&](const auto& v) { return circulant(v[0], static_cast<std::ptrdiff_t>(p.x[0] + p.k[0] - 1)); },
            [](const auto& t, const auto& g) { return oracles::n3(t[0], g); });
        check(
            entry, {draw(p.x), draw(p.k)}, [](const auto& v) { return circulant_convolution(v[0], v[1]); },
            [](const auto& t, const auto& g) { return oracles::n3_product(t[0], t[1], g); });
    }
}

ORACLE_TEST("N4", "h = G_b f_p, block (r,c) of G_b is G_{(r − c) mod M}")
{
    Draw draw;
    for (const Pair& p : matrices) {
        const std::size_t rows = p.x[0] + p.k[0] - 1, columns = p.x[1] + p.k[1] - 1;
        const Size2d size(static_cast<std::ptrdiff_t>(rows), static_cast<std::ptrdiff_t>(columns));
        check(
            entry, {draw(p.k)}, [&](const auto& v) { return doubly_block_circulant(v[0], size); },
            [&](const auto& t, const auto& g) { return oracles::n4(t[0], rows, columns, g); });
        check(
            entry, {draw(p.x), draw(p.k)}, [](const auto& v) { return circulant_convolution(v[0], v[1]); },
            [](const auto& t, const auto& g) { return oracles::n4_product(t[0], t[1], g); });
    }
}

ORACLE_TEST("N5", "Z_ijk = Σ V_{l,j+m,k+n} K_ilmn")
{
    Draw draw;
    for (const Sizes& s : convolutions)
        check(
            entry, {draw(s.x()), draw(s.k())}, [](const auto& v) { return correlate2d(v[0], v[1]); },
            [](const auto& t, const auto& g) { return oracles::n5(t[0], t[1], g); });
}

namespace
{

/** Calls f(sizes, s1, s2) for strides along both axes. */
template <class F>
void for_each_stride(F f)
{
    for (const Sizes& s : convolutions)
        for (const auto& [s1, s2] : {std::pair(1, 1), std::pair(2, 2), std::pair(3, 1), std::pair(1, 4)})
            f(s, s1, s2);
}

} // namespace

ORACLE_TEST("N6", "Z_ijk = Σ V_{l, j s1 + m, k s2 + n} K_ilmn")
{
    Draw draw;
    for_each_stride([&](const Sizes& s, int s1, int s2) {
        const V v = draw(s.x()), k = draw(s.k());
        const auto u1 = static_cast<std::size_t>(s1), u2 = static_cast<std::size_t>(s2);
        const Tensor expected = oracles::n6(tensor(v), tensor(k), u1, u2);
        agree(entry, correlate2d(v, k, {.stride = {s1, s2}}), expected, "strided");
        const V z = correlate2d(v, k);
        agree(entry, slice(slice(z, 2, 0, z.shape()[2], u1), 3, 0, z.shape()[3], u2), expected, "every s-th of all");
    });
}

ORACLE_TEST("N7", "widths: valid m − (k − 1), same m, full m + (k − 1)")
{
    Draw draw;
    for (const std::size_t width : {5U, 8U, 12U})
        for (const std::size_t k : {1U, 2U, 3U, 5U})
            for (const auto& [name, padding] : {std::pair("valid", Padding::valid), std::pair("same", Padding::same),
                                                std::pair("full", Padding::full)})
            {
                const V z = correlate2d(draw({1, 1, width, 9}), draw({1, 1, k, 3}), {.padding = padding});
                agree(entry, static_cast<double>(z.shape()[2]), static_cast<double>(oracles::n7(width, k, name)), name);
                agree(entry, static_cast<double>(z.shape()[3]), static_cast<double>(oracles::n7(9, 3, name)), name);
            }
}

ORACLE_TEST("N8", "Z_ijk = Σ V_{l,j+m,k+n} W_ijklmn + b_ijk")
{
    Draw draw;
    for (const Sizes& s : convolutions) {
        const std::size_t rows = s.rows - s.height + 1, columns = s.columns - s.width + 1;
        check(
            entry,
            {draw(s.x()), draw({rows, columns, s.outputs, s.inputs, s.height, s.width}),
             draw({s.outputs, rows, columns})},
            [](const auto& v) { return locally_connected2d(v[0], v[1]) + v[2]; },
            [](const auto& t, const auto& g) { return oracles::n8(t[0], t[1], t[2], g); });
    }
    const LocallyConnected<double> layer(2, 3, {6, 5}, {3, 2}, draw.random);
    check_block(entry, draw({2, 2, 6, 5}), layer,
                [](const auto& x, const auto& w, const auto& g) { return oracles::n8(x, w[0], w[1], g); });
}

ORACLE_TEST("N9", "Z_ijk = Σ V_{l,j+m,k+n} W_{i,j%t,k%t,l,m,n} + b_{i,j%t,k%t}")
{
    Draw draw;
    for (const Size2d& tiles : {Size2d(1), Size2d(2), Size2d(3, 1), Size2d(2, 4), Size2d(5, 6)}) {
        const Tiled<double> layer(2, 3, tiles, {3, 2}, draw.random);
        check_block(entry, draw({2, 2, 7, 7}), layer,
                    [](const auto& x, const auto& w, const auto& g) { return oracles::n9(x, w[0], w[1], g); });
    }
}

ORACLE_TEST("N10", "Z_ijk = Σ V_{l,j+m,k+n} K_ilmn, l from the group of i")
{
    Draw draw;
    for (const std::size_t groups : {1U, 2U, 3U, 6U})
        check(
            entry, {draw({2, 6, 5, 6}), draw({12, 6 / groups, 3, 2})},
            [&](const auto& v) { return correlate2d(v[0], v[1], {.groups = static_cast<std::ptrdiff_t>(groups)}); },
            [&](const auto& t, const auto& g) { return oracles::n10(t[0], t[1], groups, g); });
}

ORACLE_TEST("N11", "k − 1 = n(k' − 1), the share n k'²/k² of the weights")
{
    Random random(1);
    for (const auto& [k, small] : {std::pair(5, 3), std::pair(11, 3), std::pair(7, 4), std::pair(4, 2)}) {
        const auto size = static_cast<std::size_t>(k), part = static_cast<std::size_t>(small);
        StackedSmall<double> block(2, 2, k, small, random);
        agree(entry, static_cast<double>(block.layers.size()), static_cast<double>(oracles::n11(size, part)), "layers");
        std::size_t weights = 0;
        for (const auto& layer : block.layers)
            weights += layer.weight.size();
        agree(entry, static_cast<double>(weights) / static_cast<double>(2 * 2 * size * size),
              oracles::n11_share(size, part), "share");

        const V x =
            variable(random.uniform<double>({1, 2, size, size}, 0, 1)); // shrinks to the one place that sees all
        Tape tape;
        V y = x;
        for (const auto& layer : block.layers)
            y = correlate2d(y, layer.weight);
        agree(entry, static_cast<double>(y.size()), 2, "sees as far");
        CHECK(count(tape.gradient(sum(y), x)) == x.size());
    }
    CHECK(oracles::n11_share(5, 3) == 0.72);
}

ORACLE_TEST("N18", "S(i,j) = Σ I(i + m(d + 1), j + n(d + 1)) K(m,n), extent (d + 1)(K − 1) + 1")
{
    Draw draw;
    for (const std::size_t holes : {0U, 1U, 2U}) {
        const ConvolutionOptions options{.dilation = static_cast<std::ptrdiff_t>(holes + 1)};
        check(
            entry, {draw({10, 9}), draw({3, 2})}, [&](const auto& v) { return correlate2d(v[0], v[1], options); },
            [&](const auto& t, const auto& g) { return oracles::n18(t[0], t[1], holes, g); });
        const V z = correlate2d(draw({10, 9}), draw({3, 2}), options);
        agree(entry, static_cast<double>(10 - z.shape()[0] + 1), static_cast<double>(oracles::n18_extent(3, holes)));
        agree(entry, static_cast<double>(9 - z.shape()[1] + 1), static_cast<double>(oracles::n18_extent(2, holes)));
    }
    for (const std::vector<std::ptrdiff_t>& distances : {std::vector<std::ptrdiff_t>{1, 2, 5}, {2, 4, 6}, {2, 2, 2}}) {
        HybridDilation<double> block(1, 1, 3, distances, draw.random);
        block.activation = Activation::identity;
        const V x = draw({1, 1, 29, 29});
        Tape tape;
        const V middle = slice(slice(block(x), 2, 14, 15), 3, 14, 15);
        const std::size_t seen = oracles::n18_seen(3, std::vector<std::size_t>(distances.begin(), distances.end()));
        agree(entry, static_cast<double>(count(tape.gradient(middle, x))), static_cast<double>(seen * seen), "seen");
    }
    CHECK(oracles::n18_seen(3, {1, 2, 5}) == 17); // all of 1 + 2·(1 + 2 + 5)
    CHECK(oracles::n18_seen(3, {2, 4, 6}) == 13); // of 25
}

ORACLE_TEST("N20", "g(G,V,s)_iljk = Σ G_imn V_{l, m s + j, n s + k}")
{
    Draw draw;
    for_each_stride([&](const Sizes& s, int s1, int s2) {
        const ConvolutionOptions options{.stride = {s1, s2}};
        const V v = draw(s.x()), k = draw(s.k());
        Tape tape;
        const V z = correlate2d(v, k, options), g = draw(z.shape());
        const Tensor expected = oracles::n20(tensor(g), tensor(v), static_cast<std::size_t>(s1),
                                             static_cast<std::size_t>(s2), s.height, s.width);
        agree(entry, tape.vector_jacobian_product(z, g, k), expected, "by the tape");
        const Size2d size(static_cast<std::ptrdiff_t>(s.height), static_cast<std::ptrdiff_t>(s.width));
        agree(entry, correlate2d_kernel(v, g, size, options), expected, "by the op");
    });
}

ORACLE_TEST("N21", "h(K,G,s)_ljk = Σ_q Σ_{ms+m'=j} Σ_{ns+n'=k} G_qmn K_qlm'n'")
{
    Draw draw;
    for_each_stride([&](const Sizes& s, int s1, int s2) {
        const ConvolutionOptions options{.stride = {s1, s2}};
        const V v = draw(s.x()), k = draw(s.k());
        Tape tape;
        const V z = correlate2d(v, k, options), g = draw(z.shape());
        const Tensor expected = oracles::n21(tensor(k), tensor(g), static_cast<std::size_t>(s1),
                                             static_cast<std::size_t>(s2), s.rows, s.columns);
        agree(entry, tape.vector_jacobian_product(z, g, v), expected, "by the tape");
        const Size2d size(static_cast<std::ptrdiff_t>(s.rows), static_cast<std::ptrdiff_t>(s.columns));
        agree(entry, correlate2d_input(g, k, size, options), expected, "by the op");
    });
}

ORACLE_TEST("N24", "x * k = IDFT(DFT(x) DFT(k)), full")
{
    Draw draw;
    for (const Pair& p : matrices)
        check(
            entry, {draw(p.x), draw(p.k)},
            [](const auto& v) { return conv2d(v[0], v[1], {.padding = Padding::full, .algorithm = Algorithm::fft}); },
            [](const auto& t, const auto& g) { return oracles::n24(t[0], t[1], g); });
}

ORACLE_TEST("N25", "x ⋆ (k1 ⊗ k2): two convolutions of vectors")
{
    Draw draw;
    for (const Pair& p : matrices)
        check(
            entry, {draw(p.x), draw({p.k[0]}), draw({p.k[1]})},
            [](const auto& v) { return correlate2d(v[0], outer(v[1], v[2]), {.algorithm = Algorithm::separable}); },
            [](const auto& t, const auto& g) { return oracles::n25(t[0], t[1], t[2], g); });
}
