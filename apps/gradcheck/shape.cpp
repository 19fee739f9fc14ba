#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/shape.hpp>

namespace xgrad::test
{

namespace
{

using List = std::vector<Variable<double>>;

} // namespace

Cases shape_cases()
{
    const Array<double> scalar = point({}), vector = point({5}), matrix = point({3, 4}), one = point({1, 1});
    const Array<double> cube = point({2, 3, 4}), thin = point({2, 1, 3}), images = point({2, 2, 3, 2});
    return {
        {"reshape",
         "(2,3,4) to (4,6)",
         {cube},
         [](Xs x) {
             return reshape(x[0], {4, 6});
         }},
        {"reshape", "a temporary", {cube}, [](Xs x) { return reshape(x[0] * x[0], {24}); }},
        {"reshape",
         "to its own shape",
         {matrix},
         [](Xs x) {
             return reshape(x[0], {3, 4});
         }},
        {"reshape",
         "scalar to (1,1)",
         {scalar},
         [](Xs x) {
             return reshape(x[0], {1, 1});
         }},
        {"reshape", "(1,1) to scalar", {one}, [](Xs x) { return reshape(x[0], {}); }},
        {"flatten", "(2,3,4)", {cube}, [](Xs x) { return flatten(x[0]); }},
        {"flatten", "(2,2,3,2) from axis 1", {images}, [](Xs x) { return flatten(x[0], 1); }},
        {"flatten", "after the last axis", {matrix}, [](Xs x) { return flatten(x[0], 2); }},
        {"flatten", "scalar", {scalar}, [](Xs x) { return flatten(x[0]); }},
        {"expand_dims", "in front", {matrix}, [](Xs x) { return expand_dims(x[0], 0); }},
        {"expand_dims", "in the middle", {matrix}, [](Xs x) { return expand_dims(x[0], 1); }},
        {"expand_dims", "at the end", {matrix}, [](Xs x) { return expand_dims(x[0], -1); }},
        {"expand_dims", "scalar", {scalar}, [](Xs x) { return expand_dims(x[0], 0); }},
        {"squeeze", "in the middle", {thin}, [](Xs x) { return squeeze(x[0], 1); }},
        {"squeeze", "from the end", {thin}, [](Xs x) { return squeeze(x[0], -2); }},
        {"squeeze", "(1,1)", {one}, [](Xs x) { return squeeze(x[0], 0); }},
        {"permute",
         "(1,0)",
         {matrix},
         [](Xs x) {
             return permute(x[0], {1, 0});
         }},
        {"permute",
         "(0,1)",
         {matrix},
         [](Xs x) {
             return permute(x[0], {0, 1});
         }},
        {"permute",
         "(1,2,0), not its own inverse",
         {cube},
         [](Xs x) {
             return permute(x[0], {1, 2, 0});
         }},
        {"permute",
         "(2,0,1)",
         {cube},
         [](Xs x) {
             return permute(x[0], {2, 0, 1});
         }},
        {"permute",
         "(-1,0,-2)",
         {cube},
         [](Xs x) {
             return permute(x[0], {-1, 0, -2});
         }},
        {"permute",
         "NCHW to NHWC",
         {images},
         [](Xs x) {
             return permute(x[0], {0, 2, 3, 1});
         }},
        {"permute", "scalar", {scalar}, [](Xs x) { return permute(x[0], Axes{}); }},
        {"transpose", "(3,4)", {matrix}, [](Xs x) { return transpose(x[0]); }},
        {"transpose", "(2,3,4)", {cube}, [](Xs x) { return transpose(x[0]); }},
        {"transpose", "(2,1,3)", {thin}, [](Xs x) { return transpose(x[0]); }},
        {"transpose", "x + its own", {point({3, 3})}, [](Xs x) { return x[0] * transpose(x[0]); }},
        {"flip", "vector", {vector}, [](Xs x) { return flip(x[0], 0); }},
        {"flip", "first axis", {cube}, [](Xs x) { return flip(x[0], 0); }},
        {"flip", "middle axis", {cube}, [](Xs x) { return flip(x[0], 1); }},
        {"flip", "last axis", {cube}, [](Xs x) { return flip(x[0], -1); }},
        {"flip",
         "two axes",
         {cube},
         [](Xs x) {
             return flip(x[0], {0, -1});
         }},
        {"flip", "no axis", {cube}, [](Xs x) { return flip(x[0], Axes{}); }},
        {"flip",
         "extent 1",
         {thin},
         [](Xs x) {
             return flip(x[0], {1, 2});
         }},
        {"rot180", "(3,4)", {matrix}, [](Xs x) { return rot180(x[0]); }},
        {"rot180", "(2,2,3,2)", {images}, [](Xs x) { return rot180(x[0]); }},
        {"rot180", "(1,1)", {one}, [](Xs x) { return rot180(x[0]); }},
        {"slice",
         "every row of it, and all of it",
         {matrix},
         [](Xs x) {
             return concatenate(List{slice(x[0], 0, 2, 3), slice(x[0], 0, 0, 1), x[0], slice(x[0], 0, 0, 2)});
         }},
        {"add_part",
         "rows in steps of 2",
         {cube, point({1, 2, 4}, 2)},
         [](Xs x) {
             return add_part(x[0], x[1], {{1, 1}, {0, 2, 2}, {0, 4}});
         }},
        {"add_part",
         "squared",
         {matrix, point({2, 2}, 2)},
         [](Xs x) {
             return square(add_part(2 * x[0], x[1], {{1, 2}, {1, 2}}));
         }},
        {"unstack",
         "rows",
         {matrix},
         [](Xs x) {
             const Variables<double> rows = unstack(x[0]);
             return rows[0] * rows[2] + sum(rows[1]);
         }},
        {"unstack",
         "the last axis, not all used",
         {cube},
         [](Xs x) {
             const Variables<double> parts = unstack(x[0], -1);
             return parts[3] * parts[1];
         }},
        {"slice", "vector", {vector}, [](Xs x) { return slice(x[0], 0, 1, 4); }},
        {"slice", "step 2", {vector}, [](Xs x) { return slice(x[0], 0, 0, 5, 2); }},
        {"slice", "step 2 from 1", {vector}, [](Xs x) { return slice(x[0], 0, 1, 5, 2); }},
        {"slice", "step beyond the end", {vector}, [](Xs x) { return slice(x[0], 0, 3, 5, 7); }},
        {"slice", "first axis", {cube}, [](Xs x) { return slice(x[0], 0, 1, 2); }},
        {"slice", "last axis, step 3", {cube}, [](Xs x) { return slice(x[0], -1, 0, 4, 3); }},
        {"slice", "all of it", {matrix}, [](Xs x) { return slice(x[0], 1, 0, 4); }},
        {"slice",
         "nothing of it, added to",
         {matrix},
         [](Xs x) {
             return concatenate(List{slice(x[0], 0, 2, 2), x[0]});
         }},
        {"slice",
         "ranges",
         {cube},
         [](Xs x) {
             return slice(x[0], Ranges{{1, 1, 1}, {0, 2, 2}, {1, 2, 2}});
         }},
        {"slice", "overlapping twice", {vector}, [](Xs x) { return slice(x[0], 0, 0, 4) * slice(x[0], 0, 1, 5); }},
        {"embed",
         "vector",
         {vector},
         [](Xs x) {
             return embed(x[0], {9}, Ranges{{2, 5, 1}});
         }},
        {"embed",
         "step 2",
         {vector},
         [](Xs x) {
             return embed(x[0], {11}, Ranges{{1, 5, 2}});
         }},
        {"embed",
         "ranges",
         {cube},
         [](Xs x) {
             return embed(x[0], {3, 7, 8}, Ranges{{1, 2, 1}, {0, 3, 3}, {1, 4, 2}});
         }},
        {"embed",
         "whole",
         {matrix},
         [](Xs x) {
             return embed(x[0], {3, 4}, Ranges{{0, 3, 1}, {0, 4, 1}});
         }},
        {"pad",
         "vector",
         {vector},
         [](Xs x) {
             return pad(x[0], Borders{{2, 1}});
         }},
        {"pad",
         "with a value",
         {matrix},
         [](Xs x) {
             return pad(x[0], Borders{{1, 0}, {0, 2}}, 3.5);
         }},
        {"pad",
         "nothing",
         {matrix},
         [](Xs x) {
             return pad(x[0], Borders{{0, 0}, {0, 0}});
         }},
        {"pad",
         "images",
         {images},
         [](Xs x) {
             return pad(x[0], Borders{{0, 0}, {0, 0}, {2, 1}, {0, 3}});
         }},
        {"pad",
         "squared",
         {matrix},
         [](Xs x) {
             return pad(x[0] * x[0], Borders{{1, 1}, {1, 1}}, -1);
         }},
        {"concatenate",
         "vectors",
         {vector, point({2}, 2)},
         [](Xs x) {
             return concatenate(List{x[0], x[1]});
         }},
        {"concatenate",
         "first axis",
         {cube, point({1, 3, 4}, 2)},
         [](Xs x) {
             return concatenate({x[0], x[1]}, 0);
         }},
        {"concatenate", "middle axis", {cube, point({2, 2, 4}, 2)}, [](Xs x) { return concatenate(x, 1); }},
        {"concatenate",
         "last axis",
         {cube, point({2, 3, 1}, 2)},
         [](Xs x) {
             return concatenate(List{x[0], x[1]}, -1);
         }},
        {"concatenate",
         "three",
         {matrix, point({1, 4}, 2), point({2, 4}, 3)},
         [](Xs x) {
             return concatenate(List{x[1], x[0], x[2]});
         }},
        {"concatenate", "one", {matrix}, [](Xs x) { return concatenate(List{x[0]}); }},
        {"concatenate",
         "x and x",
         {matrix},
         [](Xs x) {
             return concatenate(List{x[0], x[0]}, 1);
         }},
        {"concatenate",
         "a constant between",
         {matrix, point({3, 4}, 2)},
         [c = constant(point({3, 2}, 3))](Xs x) {
             return concatenate(List{x[0], c, x[1]}, 1);
         }},
        {"concatenate",
         "an empty one",
         {matrix, point({3, 0})},
         [](Xs x) {
             return concatenate(List{x[0], x[1]}, 1);
         }},
        {"stack",
         "scalars",
         {scalar, point({}, 2)},
         [](Xs x) {
             return stack({x[0], x[1]});
         }},
        {"stack",
         "in front",
         {matrix, point({3, 4}, 2)},
         [](Xs x) {
             return stack(List{x[0], x[1]});
         }},
        {"stack",
         "in the middle",
         {matrix, point({3, 4}, 2)},
         [](Xs x) {
             return stack(List{x[0], x[1]}, 1);
         }},
        {"stack",
         "at the end",
         {matrix, point({3, 4}, 2)},
         [](Xs x) {
             return stack(List{x[0], x[1]}, -1);
         }},
        {"stack",
         "x and x",
         {vector},
         [](Xs x) {
             return stack(List{x[0], x[0], x[0]}, 1);
         }},
        {"stack",
         "with a constant",
         {vector},
         [c = constant(point({5}, 2))](Xs x) {
             return stack(List{c, x[0]});
         }},
        {"cast", "double to double", {matrix}, [](Xs x) { return cast<double>(x[0] * x[0]); }},
        {"cast", "scalar", {scalar}, [](Xs x) { return cast<double>(x[0]); }},
    };
}

} // namespace xgrad::test
