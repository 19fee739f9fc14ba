#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/pooling.hpp>

namespace xgrad::test
{

namespace
{

struct Geometry
{
    std::string name;
    Shape x;
    PoolingOptions options = {};
};

std::vector<Geometry> geometries()
{
    return {
        {"2x2", {2, 3, 4, 6}},
        {"2x2, a rest", {1, 2, 5, 7}},
        {"3x3", {1, 1, 6, 6}, {.size = 3}},
        {"(1,3)", {2, 1, 2, 6}, {.size = {1, 3}}},
        {"1x1", {1, 2, 2, 3}, {.size = 1}},
        {"the whole image", {2, 2, 3, 4}, {.size = {3, 4}}},
        {"one pixel", {1, 1, 1, 1}, {.size = 1}},
        {"overlapping 3x3, stride 2", {1, 2, 7, 5}, {.size = 3, .stride = 2}},
        {"overlapping 2x2, stride 1", {2, 1, 3, 4}, {.size = 2, .stride = 1}},
        {"gaps: 2x2, stride 3", {1, 1, 8, 5}, {.size = 2, .stride = 3}},
        {"stride (1,2)", {1, 1, 4, 6}, {.size = 2, .stride = {1, 2}}},
        {"padding 1", {1, 2, 4, 5}, {.size = 3, .stride = 2, .padding = 1}},
        {"same", {1, 1, 5, 4}, {.size = 3, .stride = 2, .padding = Padding::same}},
        {"same, stride 1", {1, 1, 4, 3}, {.size = 2, .stride = 1, .padding = Padding::same}},
        {"full", {1, 1, 3, 3}, {.size = 2, .stride = 1, .padding = Padding::full}},
        {"padding (1,0,0,1)", {1, 2, 3, 3}, {.size = 2, .stride = 1, .padding = {1, 0, 0, 1}}},
        {"dilation 2", {1, 1, 6, 5}, {.size = 2, .stride = 1, .dilation = 2}},
        {"dilation (1,2), padding 1, stride 2",
         {1, 1, 5, 6},
         {.size = 2, .stride = 2, .padding = 1, .dilation = {1, 2}}},
    };
}

} // namespace

Cases pooling_cases()
{
    Cases cases;
    for (const Geometry& geometry : geometries()) {
        const PoolingOptions options = geometry.options;
        const std::string& name = geometry.name;
        const Array<double> x = distinct(geometry.x);
        cases.push_back({"max_pool2d", name, {x}, [options](Xs v) { return max_pool2d(v[0], options); }});
        cases.push_back({"max_pool2d", name + ", of a square", {distinct(geometry.x, 2, 0.05)}, [options](Xs v) {
                             return max_pool2d(v[0] * v[0], options);
                         }});
        cases.push_back({"mean_pool2d", name, {x}, [options](Xs v) { return mean_pool2d(v[0], options); }});
        cases.push_back({"mean_pool2d", name + ", padding counted", {x}, [options](Xs v) {
                             return mean_pool2d(v[0], options, true);
                         }});
        cases.push_back({"mean_pool2d", name + ", of a square", {x}, [options](Xs v) {
                             return mean_pool2d(v[0] * v[0], options);
                         }});
        const Array<double> activations = positive(geometry.x);
        const Array<double> weights =
            positive({static_cast<std::size_t>(options.size.height), static_cast<std::size_t>(options.size.width)}, 2);
        cases.push_back({"square_pool2d", name, {x}, [options](Xs v) { return square_pool2d(v[0], options); }});
        cases.push_back({"l2_pool2d", name, {activations}, [options](Xs v) { return l2_pool2d(v[0], options); }});
        cases.push_back(
            {"weighted_pool2d", name, {x, weights}, [options](Xs v) { return weighted_pool2d(v[0], v[1], options); }});
        cases.push_back({"distance_weights", name, {x}, [options](Xs v) {
                             return weighted_pool2d(v[0], distance_weights<double>(options.size, 0.8), options);
                         }});
        cases.push_back({"stochastic_pool2d", name, {activations}, [options](Xs v) {
                             Random random(4);
                             return stochastic_pool2d(square(v[0]), options, random);
                         }});
        cases.push_back(
            {"probability_pool2d", name, {activations}, [options](Xs v) { return probability_pool2d(v[0], options); }});
    }
    for (const Shape& shape : {Shape{2, 3, 4, 5}, Shape{1, 2, 7, 3}, Shape{1, 1, 1, 1}}) {
        const std::string name = to_string(shape);
        const Array<double> x = distinct(shape), other = distinct(shape, 2, 0.05);
        cases.push_back({"global_mean_pool2d", name, {x}, [](Xs v) { return global_mean_pool2d(square(v[0])); }});
        cases.push_back({"global_max_pool2d", name, {other}, [](Xs v) { return global_max_pool2d(square(v[0])); }});
    }
    struct Resized
    {
        Shape from;
        Size2d size;
    };
    for (const Resized& one : std::vector<Resized>{
             {{2, 2, 4, 6}, {2, 3}}, {{1, 2, 5, 7}, 3}, {{1, 1, 3, 4}, {3, 4}}, {{2, 1, 6, 5}, {1, 4}}})
    {
        const std::string name =
            to_string(one.from) + " to " + std::to_string(one.size.height) + "x" + std::to_string(one.size.width);
        cases.push_back({"adaptive_mean_pool2d", name, {distinct(one.from)}, [size = one.size](Xs v) {
                             return adaptive_mean_pool2d(square(v[0]), size);
                         }});
        cases.push_back({"adaptive_max_pool2d", name, {distinct(one.from, 2, 0.05)}, [size = one.size](Xs v) {
                             return adaptive_max_pool2d(square(v[0]), size);
                         }});
    }
    for (const std::size_t pieces : {1u, 2u, 3u, 6u})
        for (const Shape& shape : {Shape{2, 6, 2, 3}, Shape{3, 6}})
            cases.push_back({"maxout",
                             std::to_string(pieces) + " pieces of " + to_string(shape),
                             {distinct(shape, 2, 0.05)},
                             [pieces](Xs v) { return maxout(square(v[0]), pieces); }});
    cases.push_back(
        {"maxout", "the last axis", {distinct({2, 8}, 2, 0.05)}, [](Xs v) { return maxout(square(v[0]), 4, -1); }});
    return cases;
}

} // namespace xgrad::test
