#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/einsum.hpp>

namespace xgrad::test
{

Cases einsum_cases()
{
    const Array<double> a23 = point({2, 3}), b34 = point({3, 4}, 2), c42 = point({4, 2}, 3), square = point({3, 3}, 4);
    const Array<double> v3 = point({3}, 5), w3 = point({3}, 6), cube = point({2, 3, 4}, 7), stack = point({2, 4, 2}, 8);
    Cases cases = {
        {"tensordot", "2 axes", {cube, point({3, 4, 2}, 9)}, [](Xs x) { return tensordot(x[0], x[1]); }},
        {"tensordot", "0 axes", {a23, v3}, [](Xs x) { return tensordot(x[0], x[1], 0); }},
        {"tensordot",
         "named axes",
         {cube, stack},
         [](Xs x) {
             return tensordot(x[0], x[1], {2, 0}, {1, -1});
         }},
        {"tensordot", "of itself", {square}, [](Xs x) { return tensordot(x[0], x[0], 1); }},
        {"dot", "vectors", {v3, w3}, [](Xs x) { return dot(x[0], x[1]); }},
        {"dot", "matrix and vector", {a23, v3}, [](Xs x) { return dot(x[0], x[1]); }},
        {"dot", "matrices", {a23, b34}, [](Xs x) { return dot(x[0], x[1]); }},
        {"dot", "cube and cube", {cube, stack}, [](Xs x) { return dot(x[0], x[1]); }},
        {"dot", "scalar", {point({}), a23}, [](Xs x) { return dot(x[0], x[1]); }},
        {"vdot", "cube and vector", {cube, point({24}, 9)}, [](Xs x) { return vdot(x[0], x[1]); }},
        {"cross", "3", {point({2, 3}), point({3}, 2)}, [](Xs x) { return cross(x[0], x[1]); }},
        {"cross", "2", {point({2, 2}), point({2, 2}, 2)}, [](Xs x) { return cross(x[0], x[1]); }},
        {"cross", "with its own square", {point({4, 3})}, [](Xs x) { return cross(x[0], x[0] * x[0]); }},
        {"einsum", "chain of three", {a23, b34, c42}, [](Xs x) { return einsum("ij,jk,kl->il", x[0], x[1], x[2]); }},
        {"einsum",
         "four, a trace",
         {a23, b34, c42, a23},
         [](Xs x) {
             return einsum("ij,jk,ki,in", {x[0], x[1], x[2], x[3]});
         }},
    };
    const auto one = [&](const char* equation, const Array<double>& a) {
        cases.push_back({"einsum", equation, {a}, [equation](Xs x) { return einsum(equation, x[0]); }});
    };
    const auto two = [&](const char* equation, const Array<double>& a, const Array<double>& b) {
        cases.push_back({"einsum", equation, {a, b}, [equation](Xs x) { return einsum(equation, x[0], x[1]); }});
    };
    one("ij->ji", a23);
    one("ij->", a23);
    one("ij->j", a23);
    one("ii", square);
    one("ii->i", square);
    one("iij->ji", point({3, 3, 2}));
    one("iii->i", point({2, 2, 2}));
    one("...ij->...ji", cube);
    one("", point({}));
    two("ij,jk->ik", a23, b34);
    two("ij,jk", a23, b34);
    two("i,i->i", v3, w3);
    two("i,j->ij", v3, w3);
    two("ij,j->", a23, v3);
    two("bij,bjk->bik", cube, stack);
    two("bij,bjk->kbi", cube, stack);
    two("ij,ij->ij", a23, point({2, 3}, 9));
    two("...ij,...jk->...ik", cube, point({4, 2}, 9));
    two("...i,...i", point({2, 1, 3}), point({4, 3}, 9));
    two("ii,i->", square, v3);
    two("ij,->ij", a23, point({}));
    two("no,ok->nk", point({0, 3}), b34);
    two("ij,jk->ik ", point({2, 0}), point({0, 2}));
    return cases;
}

} // namespace xgrad::test
