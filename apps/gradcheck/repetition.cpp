#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/repetition.hpp>

namespace xgrad::test
{

Cases repetition_cases()
{
    Cases cases;
    const auto add = [&](const char* op, const std::string& variant, const Shape& shape, auto f) {
        cases.push_back({op, variant, {point(shape)}, [f](Xs x) { return square(f(x[0])); }});
    };
    add("tile", "(2,3) by (2,2)", {2, 3}, [](const auto& x) { return tile(x, {2, 2}); });
    add("tile", "(3) by (2,1,2)", {3}, [](const auto& x) { return tile(x, {2, 1, 2}); });
    add("tile", "(2,3) by (2)", {2, 3}, [](const auto& x) { return tile(x, {2}); });
    add("repeat", "each element", {2, 2}, [](const auto& x) { return repeat(x, 3); });
    add("repeat", "along axis 0", {2, 3}, [](const auto& x) { return repeat(x, 2, 0); });
    add("repeat", "along the last axis", {2, 3}, [](const auto& x) { return repeat(x, 2, -1); });
    add("repeat", "counts", {3, 2}, [](const auto& x) { return repeat(x, {2, 0, 3}, 0); });
    const struct
    {
        const char* name;
        PadMode mode;
    } modes[] = {{"constant", PadMode::constant},
                 {"edge", PadMode::edge},
                 {"reflect", PadMode::reflect},
                 {"symmetric", PadMode::symmetric},
                 {"wrap", PadMode::wrap}};
    for (const auto& [name, mode] : modes) {
        add("pad", name, {2, 3}, [mode = mode](const auto& x) { return pad(x, {{1, 0}, {1, 2}}, mode, 0.5); });
        add("pad", std::string(name) + ", a long border", {2}, [mode = mode](const auto& x) {
            return pad(x, {{4, 3}}, mode);
        });
    }
    for (const auto indexing : {MeshIndexing::xy, MeshIndexing::ij})
        cases.push_back({"meshgrid",
                         indexing == MeshIndexing::xy ? "xy" : "ij",
                         {point({2}), point({3}, 2), point({2}, 3)},
                         [indexing](Xs x) {
                             const auto mesh = meshgrid(x, indexing);
                             return mesh[0] * mesh[1] * square(mesh[2]);
                         }});
    return cases;
}

} // namespace xgrad::test
