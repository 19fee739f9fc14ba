#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/manipulation.hpp>

namespace xgrad::test
{

Cases manipulation_cases()
{
    Cases cases;
    const auto add = [&](const char* op, const char* variant, const Shape& shape, auto f) {
        cases.push_back({op, variant, {point(shape)}, [f](Xs x) { return square(f(x[0])); }});
    };
    add("reshape", "(2,3,4) to (2,-1)", {2, 3, 4}, [](const auto& x) { return reshape(x, {2, -1}); });
    add("reshape", "scalar to (-1)", {}, [](const auto& x) { return reshape(x, {-1}); });
    add("ravel", "(2,3)", {2, 3}, [](const auto& x) { return ravel(x); });
    add("atleast_1d", "scalar", {}, [](const auto& x) { return atleast_1d(x); });
    add("atleast_2d", "vector", {3}, [](const auto& x) { return atleast_2d(x); });
    add("atleast_3d", "vector", {3}, [](const auto& x) { return atleast_3d(x); });
    add("atleast_3d", "matrix", {3, 2}, [](const auto& x) { return atleast_3d(x); });
    add("permute", "axes reversed", {2, 3, 4}, [](const auto& x) { return permute(x); });
    add("swapaxes", "(2,3,4), 0 and 2", {2, 3, 4}, [](const auto& x) { return swapaxes(x, 0, -1); });
    add("moveaxis", "(2,3,4), 0 to the end", {2, 3, 4}, [](const auto& x) { return moveaxis(x, 0, -1); });
    add("moveaxis", "(2,3,4), 2 and 0 to 0 and 1", {2, 3, 4}, [](const auto& x) {
        return moveaxis(x, {2, 0}, {0, 1});
    });
    add("flip", "all axes", {2, 3}, [](const auto& x) { return flip(x); });
    add("fliplr", "(2,3)", {2, 3}, [](const auto& x) { return fliplr(x); });
    add("flipud", "vector", {3}, [](const auto& x) { return flipud(x); });
    for (const std::ptrdiff_t k : {-1, 0, 1, 2, 3})
        add("rot90",
            k == -1  ? "-1"
            : k == 0 ? "0"
            : k == 1 ? "1"
            : k == 2 ? "2"
                     : "3",
            {2, 3}, [k](const auto& x) { return rot90(x, k); });
    add("rot90", "from the last axis to the first", {2, 3, 4}, [](const auto& x) { return rot90(x, 1, {-1, 0}); });
    add("roll", "by 2", {5}, [](const auto& x) { return roll(x, 2, 0); });
    add("roll", "by -1 along axis 1", {2, 3, 2}, [](const auto& x) { return roll(x, -1, 1); });
    add("roll", "all elements", {2, 3}, [](const auto& x) { return roll(x, 4); });
    add("split", "in halves", {2, 4}, [](const auto& x) {
        const auto parts = split(x, 2, 1);
        return parts[0] * parts[1];
    });
    add("split", "at points", {5, 2}, [](const auto& x) {
        const auto parts = split(x, {1, 3});
        return parts[0] * parts[1] * parts[2];
    });
    return cases;
}

} // namespace xgrad::test
