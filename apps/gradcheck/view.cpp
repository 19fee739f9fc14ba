#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/view.hpp>

namespace xgrad::test
{

Cases view_cases()
{
    const Array<double> vector = point({5}), cube = point({2, 3, 4});
    return {
        {"view", "an index", {vector}, [](Xs x) { return square(view(x[0], -2)); }},
        {"view", "a range", {vector}, [](Xs x) { return square(view(x[0], range(1, 4))); }},
        {"view", "backwards", {vector}, [](Xs x) { return square(view(x[0], range(-1, {}, -2))); }},
        {"view",
         "of each axis",
         {cube},
         [](Xs x) { return square(view(x[0], range({}, {}, -1), 1, range(3, 0, -2))); }},
        {"view", "new axes", {cube}, [](Xs x) { return square(view(x[0], newaxis(), ellipsis(), 2, newaxis())); }},
        {"view", "all of it", {cube}, [](Xs x) { return square(view(x[0], all(), all())); }},
        {"view",
         "overlapping parts",
         {vector},
         [](Xs x) { return view(x[0], range(0, 3)) * view(x[0], range({}, 1, -1)); }},
        {"view",
         "several parts of a sum",
         {cube},
         [](Xs x) { return view(x[0], 0) * view(x[0], 1) + sum(square(view(x[0], -1, 0))); }},
    };
}

} // namespace xgrad::test
