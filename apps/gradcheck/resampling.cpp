#include "families.hpp"
#include <xgrad/ops/resampling.hpp>

namespace xgrad::test
{

Cases resampling_cases()
{
    return {
        {"block_sum", "2x2", {point({2, 3, 4, 6})}, [](Xs x) { return block_sum(x[0], 2); }},
        {"block_sum",
         "(3,2) of a matrix",
         {point({6, 4})},
         [](Xs x) {
             return block_sum(x[0], {3, 2});
         }},
        {"block_sum", "1x1", {point({1, 2, 3})}, [](Xs x) { return block_sum(x[0], 1); }},
        {"block_sum",
         "the whole plane",
         {point({2, 3, 5})},
         [](Xs x) {
             return block_sum(x[0], {3, 5});
         }},
        {"upsample", "2x2", {point({2, 3, 2, 3})}, [](Xs x) { return upsample(x[0], 2); }},
        {"upsample",
         "(3,2) of a matrix",
         {point({2, 2})},
         [](Xs x) {
             return upsample(x[0], {3, 2});
         }},
        {"upsample", "1x1", {point({1, 2, 3})}, [](Xs x) { return upsample(x[0], 1); }},
        {"upsample",
         "one pixel",
         {point({2, 1, 1})},
         [](Xs x) {
             return upsample(x[0], {2, 5});
         }},
    };
}

} // namespace xgrad::test
