#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
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
    }
    return cases;
}

} // namespace xgrad::test
