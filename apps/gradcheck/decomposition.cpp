#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/decomposition.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/shape.hpp>

namespace xgrad::test
{

// The signs of vectors are free, so functions are checked that do not depend on them.

Cases decomposition_cases()
{
    Cases cases;
    for (const Shape& shape : {Shape{3, 3}, Shape{4, 2}, Shape{2, 4}, Shape{1, 1}, Shape{3, 1}, Shape{1, 3},
                               Shape{2, 3, 2}, Shape{2, 1, 2, 3}})
    {
        const std::string name = to_string(shape);
        const Array<double> x = point(shape, 3);
        cases.push_back({"qr", name + ", q", {x}, [](Xs v) { return square(qr(v[0]).q); }});
        cases.push_back({"qr", name + ", r", {x}, [](Xs v) { return square(qr(v[0]).r); }});
        cases.push_back({"qr", name + ", q and r", {x}, [](Xs v) {
                             const auto [q, r] = qr(v[0]);
                             return sum(matmul(q * q, r * r)) + sum(q * matmul(q, matmul(r, r, {.b = true})));
                         }});
        cases.push_back({"svd", name + ", s", {x}, [](Xs v) { return square(svd(v[0]).s); }});
        cases.push_back({"svd", name + ", u", {x}, [](Xs v) { return square(svd(v[0]).u); }});
        cases.push_back({"svd", name + ", vt", {x}, [](Xs v) { return square(svd(v[0]).vt); }});
        cases.push_back({"svd", name + ", all", {x}, [](Xs v) {
                             const auto [u, s, vt] = svd(v[0]);
                             return matmul(u * expand_dims(exp(s), -2), vt);
                         }});
        cases.push_back({"pinv", name, {x}, [](Xs v) { return pinv(v[0]); }});
        cases.push_back({"matrix_norm", name + ", frobenius", {x}, [](Xs v) { return matrix_norm(v[0]); }});
        cases.push_back(
            {"matrix_norm", name + ", nuclear", {x}, [](Xs v) { return matrix_norm(v[0], MatrixNorm::nuclear); }});
        cases.push_back(
            {"matrix_norm", name + ", spectral", {x}, [](Xs v) { return matrix_norm(v[0], MatrixNorm::spectral); }});
        cases.push_back({"cond", name, {x}, [](Xs v) { return cond(v[0]); }});
    }
    for (const Shape& shape : {Shape{3, 3}, Shape{1, 1}, Shape{2, 2}, Shape{2, 1, 3, 3}}) {
        const std::string name = to_string(shape);
        const Array<double> x = point(shape, 3);
        cases.push_back({"eigvalsh", name, {x}, [](Xs v) { return square(eigvalsh(v[0])); }});
        cases.push_back({"eigh", name + ", values", {x}, [](Xs v) { return eigh(v[0]).eigenvalues; }});
        cases.push_back({"eigh", name + ", vectors", {x}, [](Xs v) { return square(eigh(v[0]).eigenvectors); }});
        cases.push_back({"eigh", name + ", a function of the matrix", {x}, [](Xs v) {
                             const auto [w, vectors] = eigh(v[0]);
                             return matmul(vectors * expand_dims(exp(w), -2), vectors, {.b = true});
                         }});
    }
    struct System
    {
        Shape a, b;
    };
    for (const System& s : std::vector<System>{{{4, 2}, {4, 2}}, {{3, 3}, {3}}, {{2, 3, 2}, {3}}, {{3, 2}, {2, 3, 1}}})
        cases.push_back({"lstsq", to_string(s.a) + " and " + to_string(s.b), {point(s.a, 3), point(s.b, 2)}, [](Xs x) {
                             return lstsq(x[0], x[1]);
                         }});
    cases.push_back(
        {"pinv", "of rank 1", {point({3, 1}), point({1, 3}, 2)}, [](Xs x) { return pinv(matmul(x[0], x[1])); }});
    return cases;
}

} // namespace xgrad::test
