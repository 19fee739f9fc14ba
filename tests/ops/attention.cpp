#include "ops.hpp"
#include <xgrad/ops/attention.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** softmax(q·kᵀ/√d + mask) of (B, L, d) and (B, S, d) by plain loops. */
template <class T>
Array<T> weights_of(const Array<T>& q, const Array<T>& k, const Array<T>& mask, bool causal)
{
    const std::size_t d = q.shape()[2], keys = k.shape()[1];
    Array<T> weights = empty_array<T>({q.shape()[0], q.shape()[1], keys});
    for (std::size_t b = 0; b < q.shape()[0]; ++b)
        for (std::size_t i = 0; i < q.shape()[1]; ++i) {
            std::vector<double> e;
            double total = 0;
            for (std::size_t j = 0; j < keys; ++j) {
                double score = causal && j > i ? -infinity : static_cast<double>(mask(i, j));
                for (std::size_t c = 0; c < d; ++c)
                    score += static_cast<double>(q(b, i, c)) * static_cast<double>(k(b, j, c)) /
                             std::sqrt(static_cast<double>(d));
                e.push_back(std::exp(score));
                total += e.back();
            }
            for (std::size_t j = 0; j < keys; ++j)
                weights(b, i, j) = static_cast<T>(e[j] / total);
        }
    return weights;
}

} // namespace

TEST_CASE_TEMPLATE("attention has the values of plain loops", T, float, double)
{
    for (const auto& size :
         std::vector<std::array<std::size_t, 5>>{{1, 1, 1, 1, 1}, {2, 3, 5, 4, 2}, {3, 4, 4, 8, 8}, {2, 5, 3, 1, 3}})
        for (const bool causal : {false, true}) {
            const auto batch = size[0], queries = size[1], keys = size[2], d = size[3], e = size[4];
            CAPTURE(to_string(Shape{batch, queries, keys, d, e}));
            const Array<T> q = numbers<T>({batch, queries, d}), k = numbers<T>({batch, keys, d}, -2, 2, 2);
            const Array<T> v = numbers<T>({batch, keys, e}, -2, 2, 3);
            Array<T> mask = numbers<T>({queries, keys}, -1, 1, 4);
            if (keys > 2)
                mask(0, 1) = -std::numeric_limits<T>::infinity();
            const AttentionOptions<T> options{.mask = constant(Array<T>(mask)), .causal = causal};
            const Array<T> weights = weights_of(q, k, mask, causal);
            const auto x = [](const Array<T>& array) { return constant(Array<T>(array)); };
            check_close(attention_weights(x(q), x(k), options).value(), weights);
            const Array<T> expected = generate<T>({batch, queries, e}, [&](const Index& i) {
                double sum = 0;
                for (std::size_t j = 0; j < keys; ++j)
                    sum += static_cast<double>(weights(i[0], i[1], j)) * static_cast<double>(v(i[0], j, i[2]));
                return sum;
            });
            check_close(scaled_dot_product_attention(x(q), x(k), x(v), options).value(), expected);
        }
}

TEST_CASE("attention of nothing, and of queries from which all keys are hidden")
{
    const auto zeros = [](const Shape& shape) { return constant(Array<double>(shape, 0.0)); };
    CHECK(scaled_dot_product_attention(zeros({0, 2, 3}), zeros({0, 4, 3}), zeros({0, 4, 2})).shape() == Shape{0, 2, 2});
    CHECK(scaled_dot_product_attention(zeros({2, 0, 3}), zeros({2, 4, 3}), zeros({2, 4, 2})).shape() == Shape{2, 0, 2});
    const AttentionOptions<double> hidden{.mask = constant<double>(-infinity)};
    CHECK(std::isnan(attention_weights(zeros({1, 2}), zeros({1, 2}), hidden).item()));
}

TEST_CASE("attention that cannot be")
{
    const auto x = [](const Shape& shape) { return leaf<double>(shape); };
    const std::string op = "[scaled_dot_product_attention]";
    check_shape_error([&] { scaled_dot_product_attention(x({2, 3}), x({2, 4}), x({2, 3})); }, {op, "(2,3)", "(2,4)"});
    check_shape_error([&] { scaled_dot_product_attention(x({3}), x({2, 3}), x({2, 3})); }, {op, "(3)"});
    check_shape_error([&] { scaled_dot_product_attention(x({2, 3}), x({2, 3}), x({3, 3})); }, {op, "values", "(3,3)"});
    check_shape_error([&] { scaled_dot_product_attention(x({2, 2, 3}), x({3, 2, 3}), x({2, 3})); }, {op});
    const AttentionOptions<double> wide{.mask = constant(Array<double>(Shape{2, 2, 2}, 0.0))};
    check_shape_error(
        [&] {
            attention_weights(x({2, 3}), x({2, 3}), wide);
        },
        {"[attention_weights]", "mask", "(2,2,2)"});
    check_shape_error([&] { attention_weights(x({2, 3}), x({2, 3}), {.dropout = 0.5}); }, {"random"});
    check_shape_error([&] { attention_weights(x({2, 3}), x({2, 3}), {.dropout = 1.5}); }, {"1.5"});
}
