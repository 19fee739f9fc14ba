#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/reduction.hpp>

namespace xgrad::test
{

namespace
{

Labels of_shape(const Shape& shape, std::initializer_list<std::int32_t> values)
{
    Labels result = labels(values);
    result.reshape(shape);
    return result;
}

} // namespace

Cases indexing_cases()
{
    const Array<double> vector = point({5}), matrix = point({3, 4}), cube = point({2, 3, 4});
    return {
        {"gather",
         "vector",
         {vector},
         [](Xs x) {
             return gather(x[0], labels({3, 0}));
         }},
        {"gather",
         "repeats",
         {vector},
         [](Xs x) {
             return gather(x[0], labels({4, 1, 4, 4}));
         }},
        {"gather",
         "first axis",
         {cube},
         [](Xs x) {
             return gather(x[0], labels({1, 1, 0}));
         }},
        {"gather",
         "middle axis",
         {cube},
         [](Xs x) {
             return gather(x[0], labels({2, 0, 2, 1}), 1);
         }},
        {"gather",
         "last axis",
         {cube},
         [](Xs x) {
             return gather(x[0], labels({3, 3}), -1);
         }},
        {"gather",
         "squared",
         {matrix},
         [](Xs x) {
             return gather(x[0], labels({2, 2})) * gather(x[0], labels({2, 0}));
         }},
        {"gather",
         "rows of 17",
         {point({4, 17})},
         [](Xs x) {
             return gather(x[0], labels({3, 0, 3}));
         }},
        {"gather",
         "extent 1",
         {point({1, 3})},
         [](Xs x) {
             return gather(x[0], labels({0, 0}));
         }},
        {"gather",
         "again and again",
         {matrix},
         [](Xs x) {
             return gather(x[0], labels({1, 1})) * gather(x[0], labels({0, 2})) + sum(gather(x[0], labels({2})));
         }},
        {"index_add",
         "rows, one twice",
         {matrix, point({3, 4}, 2)},
         [](Xs x) {
             return index_add(x[0], x[1], labels({2, 0, 2}));
         }},
        {"index_add",
         "columns of a temporary, squared",
         {matrix, point({3, 1}, 2)},
         [](Xs x) { return square(index_add(2 * x[0], x[1], labels({3}), 1)); }},
        {"scatter_add",
         "vector",
         {vector},
         [](Xs x) {
             return scatter_add(x[0], labels({6, 0, 3, 1, 5}), 7);
         }},
        {"scatter_add",
         "repeats",
         {vector},
         [](Xs x) {
             return scatter_add(x[0], labels({1, 0, 1, 1, 0}), 3);
         }},
        {"scatter_add",
         "first axis",
         {cube},
         [](Xs x) {
             return scatter_add(x[0], labels({2, 2}), 4);
         }},
        {"scatter_add",
         "middle axis",
         {cube},
         [](Xs x) {
             return scatter_add(x[0], labels({1, 0, 1}), 2, 1);
         }},
        {"scatter_add",
         "last axis",
         {cube},
         [](Xs x) {
             return scatter_add(x[0], labels({0, 4, 2, 0}), 5, -1);
         }},
        {"scatter_add",
         "rows of 17",
         {point({3, 17})},
         [](Xs x) {
             return scatter_add(x[0], labels({1, 0, 1}), 2);
         }},
        {"take_last",
         "(3,4)",
         {matrix},
         [](Xs x) {
             return take_last(x[0], labels({3, 0, 3}));
         }},
        {"take_last",
         "(2,3,4)",
         {cube},
         [](Xs x) {
             return take_last(x[0], of_shape({2, 3}, {3, 0, 2, 1, 1, 0}));
         }},
        {"take_last", "vector", {vector}, [](Xs x) { return take_last(x[0], of_shape({}, {2})); }},
        {"take_last",
         "one class",
         {point({3, 1})},
         [](Xs x) {
             return take_last(x[0], labels({0, 0, 0}));
         }},
        {"take_last",
         "a square",
         {matrix},
         [](Xs x) {
             return take_last(x[0] * x[0], labels({1, 2, 0}));
         }},
        {"place_last",
         "vector",
         {point({3})},
         [](Xs x) {
             return place_last(x[0], labels({3, 0, 3}), 4);
         }},
        {"place_last",
         "(2,3)",
         {point({2, 3})},
         [](Xs x) {
             return place_last(x[0], of_shape({2, 3}, {1, 0, 1, 1, 1, 0}), 2);
         }},
        {"gather",
         "indices of two axes",
         {cube},
         [](Xs x) {
             return square(gather(x[0], of_shape({2, 2}, {2, 0, 2, 1}), 1));
         }},
        {"gather", "one index", {matrix}, [](Xs x) { return square(gather(x[0], of_shape({}, {1}), 1)); }},
        {"scatter_add",
         "indices of two axes",
         {cube},
         [](Xs x) {
             return square(scatter_add(x[0], of_shape({3, 4}, {2, 0, 2, 1, 4, 4, 0, 1, 2, 3, 4, 0}), 5, 1));
         }},
        {"index_add",
         "indices of two axes",
         {matrix, point({3, 2, 1}, 2)},
         [](Xs x) {
             return square(index_add(x[0], x[1], of_shape({2, 1}, {3, 3}), 1));
         }},
        {"take_along_axis",
         "last axis",
         {matrix},
         [](Xs x) {
             return square(take_along_axis(x[0], of_shape({3, 2}, {3, 3, 0, 1, 2, 0})));
         }},
        {"take_along_axis",
         "first axis",
         {matrix},
         [](Xs x) {
             return square(take_along_axis(x[0], of_shape({2, 4}, {2, 0, 1, 1, 0, 0, 2, 1}), 0));
         }},
        {"add_along_axis",
         "repeats",
         {matrix, point({3, 2}, 2)},
         [](Xs x) {
             return square(add_along_axis(x[0], x[1], of_shape({3, 2}, {3, 3, 0, 1, 2, 0})));
         }},
        {"put_along_axis",
         "repeats",
         {matrix, point({2, 4}, 2)},
         [](Xs x) {
             return square(put_along_axis(x[0], of_shape({2, 4}, {2, 0, 1, 1, 0, 0, 2, 1}), x[1], 0));
         }},
        {"filter", "where positive", {matrix}, [](Xs x) { return square(filter(x[0], x[0] > 0)); }},
        {"place",
         "in every second place",
         {vector, point({3}, 2)},
         [](Xs x) {
             return square(place(x[0], Mask{true, false, true, false, true}, x[1]));
         }},
        {"place_last", "scalar", {point({})}, [](Xs x) { return place_last(x[0], of_shape({}, {1}), 3); }},
    };
}

} // namespace xgrad::test
