#include "ops.hpp"
#include <xgrad/ops/einsum.hpp>

#include <map>
#include <string>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** The einsum by one loop over all letters. */
template <class T>
Array<T> loops(const std::vector<std::string>& letters, const std::string& output, const std::vector<Array<T>>& xs)
{
    std::map<char, std::size_t> extents;
    for (std::size_t k = 0; k < xs.size(); ++k)
        for (std::size_t axis = 0; axis < letters[k].size(); ++axis)
            extents[letters[k][axis]] = xs[k].shape()[axis];
    Shape all, result;
    for (const auto& [letter, extent] : extents)
        all.push_back(extent);
    for (const char letter : output)
        result.push_back(extents.at(letter));
    std::vector<double> sums(element_count(result), 0);
    for_each_index(all, [&](const Index& index) {
        const auto index_of = [&](const std::string& of) {
            Index i;
            for (const char letter : of)
                i.push_back(index[static_cast<std::size_t>(std::distance(extents.begin(), extents.find(letter)))]);
            return i;
        };
        double product = 1;
        for (std::size_t k = 0; k < xs.size(); ++k)
            product *= static_cast<double>(at(xs[k], index_of(letters[k])));
        std::size_t place = 0;
        for (std::size_t axis = 0; axis < result.size(); ++axis)
            place = place * result[axis] + index_of(output)[axis];
        sums[place] += product;
    });
    Array<T> y = empty_array<T>(result);
    std::transform(sums.begin(), sums.end(), y.begin(), [](double sum) { return static_cast<T>(sum); });
    return y;
}

} // namespace

TEST_CASE_TEMPLATE("random einsums have the values of loops over all letters", T, float, double)
{
    std::mt19937 engine(1);
    const auto below = [&](std::size_t n) { return engine() % n; };
    for (int round = 0; round < 300; ++round) {
        const std::size_t operands = 1 + below(4);
        const std::size_t extents[] = {2, 3, 1, 4, round % 17 == 0 ? 0u : 2u};
        std::vector<std::string> letters(operands);
        std::string used, output;
        std::vector<Array<T>> xs;
        Variables<T> vs;
        std::string equation;
        for (std::string& of : letters) {
            Shape shape;
            for (std::size_t axis = below(4); axis > 0; --axis) {
                const std::size_t letter = below(5);
                of += static_cast<char>("aBcXz"[letter]);
                shape.push_back(extents[letter]);
                if (used.find(of.back()) == std::string::npos)
                    used += of.back();
            }
            xs.push_back(numbers<T>(shape, -1, 1, static_cast<unsigned>(engine())));
            vs.push_back(constant(Array<T>(xs.back())));
            equation += (xs.size() > 1 ? "," : "") + of;
        }
        std::shuffle(used.begin(), used.end(), engine);
        output = used.substr(0, below(used.size() + 1));
        CAPTURE(equation + "->" + output);
        check_close(einsum(equation + " -> " + output, std::span<const Variable<T>>(vs)).value(),
                    loops(letters, output, xs), 10 * few_roundings<T>);
    }
}

TEST_CASE_TEMPLATE("an einsum without an arrow sorts the letters that occur once", T, float, double)
{
    const Array<T> a = numbers<T>({2, 3}), b = numbers<T>({3, 4}, -1, 1, 2);
    const auto va = constant(Array<T>(a)), vb = constant(Array<T>(b));
    check_close(einsum("zj,jk", va, vb).value(), loops<T>({"zj", "jk"}, "kz", {a, b}));
    check_close(einsum("ba", va).value(), loops<T>({"ba"}, "ab", {a}));
    check_close(einsum("ij,ij", va, va).value(), loops<T>({"ij", "ij"}, "", {a, a}));
}

TEST_CASE_TEMPLATE("the dots of an einsum broadcast", T, float, double)
{
    const Array<T> a = numbers<T>({5, 1, 2, 3}), b = numbers<T>({4, 3, 2}, -1, 1, 2);
    const Array<T> expected = generate<T>({5, 4, 2, 2}, [&](const Index& i) {
        double sum = 0;
        for (std::size_t k = 0; k < 3; ++k)
            sum += static_cast<double>(at(a, {i[0], 0, i[2], k})) * static_cast<double>(at(b, {i[1], k, i[3]}));
        return sum;
    });
    const auto va = constant(Array<T>(a)), vb = constant(Array<T>(b));
    check_close(einsum("...ij,...jk->...ik", va, vb).value(), expected);
    check_close(einsum("...ij,...jk", va, vb).value(), expected);
    const Array<T> turned = generate<T>({2, 4, 3}, [&](const Index& i) { return at(b, {i[1], i[2], i[0]}); });
    check_equal(einsum("i...j->j...i", vb).value(), generate<T>({2, 3, 4}, [&](const Index& i) {
                    return at(b, {i[2], i[1], i[0]});
                }));
    check_equal(einsum("...j->j...", vb).value(), turned);
}

TEST_CASE_TEMPLATE("tensordot, dot, vdot and cross have the values of loops", T, float, double)
{
    const Array<T> cube = numbers<T>({2, 3, 4}), other = numbers<T>({4, 2, 3}, -1, 1, 2), v = numbers<T>({4}, -1, 1, 3);
    const auto x = constant(Array<T>(cube)), y = constant(Array<T>(other)), z = constant(Array<T>(v));
    check_close(tensordot(x, y, 1).value(), loops<T>({"abc", "cde"}, "abde", {cube, other}));
    check_close(tensordot(x, y, {0, -1}, {1, 0}).value().shape() == Shape{3, 3} ? list<T>({1}) : list<T>({0}),
                list<T>({1}));
    check_close(tensordot(x, y, {1, 0}, {2, 1}).value(), loops<T>({"bac", "dba"}, "cd", {cube, other}));
    check_close(tensordot(x, z, 0).value(), loops<T>({"abc", "d"}, "abcd", {cube, v}));
    check_close(dot(x, z).value(), loops<T>({"abc", "c"}, "ab", {cube, v}));
    check_close(dot(x, constant(numbers<T>({5, 4, 2}, -1, 1, 4))).value(),
                loops<T>({"abc", "dce"}, "abde", {cube, numbers<T>({5, 4, 2}, -1, 1, 4)}));
    check_close(dot(z, z).value(), loops<T>({"a", "a"}, "", {v, v}));
    Array<T> flat = cube;
    flat.reshape({24});
    check_close(vdot(x, constant(numbers<T>({24}, -1, 1, 5))).value(),
                loops<T>({"a", "a"}, "", {flat, numbers<T>({24}, -1, 1, 5)}), 10 * few_roundings<T>);
    check_close(cross(constant(list<T>({1, 2, 3})), constant(list<T>({4, 5, 7}))).value(), list<T>({-1, 5, -3}));
    check_close(cross(constant(list<T>({1, 2})), constant(list<T>({3, 5}))).value(), Array<T>(Shape{}, T(-1)));
}

TEST_CASE_TEMPLATE("an einsum that cannot be read names the letter and the operand", T, float, double)
{
    const auto a = leaf<T>({2, 3}), b = leaf<T>({4, 5});
    check_shape_error([&] { einsum("ij,jk->ik", a, b); },
                      {"[einsum]", "letter j", "extent 4", "operand 1", "(4,5)", "3"});
    check_shape_error([&] { einsum("ii", a); }, {"letter i", "extent 3", "operand 0"});
    check_shape_error([&] { einsum("ij", a, b); }, {"1 operands", "2 are given"});
    check_shape_error([&] { einsum("ijk", a); }, {"operand 0", "(2,3)", "3 axes"});
    check_shape_error([&] { einsum("ij->ik", a); }, {"letter k", "in no operand"});
    check_shape_error([&] { einsum("ij->ii", a); }, {"letter i", "twice"});
    check_shape_error([&] { einsum("i1", a); }, {"'1'"});
    check_shape_error([&] { einsum("i.j", a); }, {"'.'"});
    check_shape_error([&] { einsum("ij->i->j", a); }, {"'-'"});
    check_shape_error([&] { einsum("...i...", a); }, {"twice"});
    check_shape_error([&] { einsum("...ijk", a); }, {"operand 0", "3 axes"});
    check_shape_error([&] { einsum("...i->i", a); }, {"no dots"});
    check_shape_error([&] { einsum("...,...", a, b); }, {"dots", "extent 4", "operand 1"});
    check_shape_error([&] { tensordot(a, b, 1); }, {"[tensordot]", "(2,3)", "(4,5)"});
    check_shape_error([&] { tensordot(a, b, 3); }, {"[tensordot]", "3"});
    check_shape_error([&] { tensordot(a, a, {0, 0}, {0, 1}); }, {"[tensordot]", "twice"});
    check_shape_error([&] { tensordot(a, a, {0, 1}, {0}); }, {"[tensordot]", "2", "1"});
    check_shape_error([&] { vdot(a, b); }, {"[vdot]", "(2,3)", "(4,5)"});
    check_shape_error([&] { cross(a, b); }, {"[cross]", "(2,3)", "(4,5)"});
    check_shape_error([&] { cross(leaf<T>({4}), leaf<T>({4})); }, {"[cross]", "(4)"});
}
