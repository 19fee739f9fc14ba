#include "families.hpp"
#include <xgrad/models/layers/combination.hpp>
#include <xgrad/ops/ops.hpp>

namespace xgrad::test
{

namespace
{

Variable<double> through(Combination<double> layer, Xs x)
{
    layer.kernels = x[1];
    layer.scores = x[2];
    layer.bias = x[3];
    return layer(x[0]);
}

} // namespace

Cases combination_cases()
{
    Random random(1);
    const Combination<double> square(2, 3, 3, random), oblong(3, 2, {1, 2}, random), one(1, 1, 1, random);
    return {
        {"combination",
         "2 to 3 maps, 3x3",
         {point({2, 2, 4, 4}), point({2, 3, 3}, 2), point({2, 3}, 3), point({3}, 4)},
         [square](Xs x) { return through(square, x); }},
        {"combination",
         "3 to 2 maps, 1x2",
         {point({1, 3, 2, 3}), point({3, 1, 2}, 2), point({3, 2}, 3), point({2}, 4)},
         [oblong](Xs x) { return through(oblong, x); }},
        {"combination",
         "1 to 1 map, 1x1",
         {point({1, 1, 2, 2}), point({1, 1, 1}, 2), point({1, 1}, 3), point({1}, 4)},
         [one](Xs x) { return through(one, x); }},
        {"l1_penalty", "of weights", {probabilities({3, 2})}, [](Xs x) { return l1_penalty(x[0]); }},
        {"entropy_penalty", "of weights", {probabilities({3, 2})}, [](Xs x) { return entropy_penalty(x[0]); }},
        {"entropy_penalty", "of scores", {point({3, 2})}, [](Xs x) { return entropy_penalty(softmax(x[0], 0)); }},
        {"power_penalty", "of weights", {probabilities({3, 2})}, [](Xs x) { return power_penalty(x[0]); }},
        {"power_penalty", "of scores", {point({3, 2})}, [](Xs x) { return power_penalty(softmax(x[0], 0), 0.3); }},
    };
}

} // namespace xgrad::test
