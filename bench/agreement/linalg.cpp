// Linear systems, decompositions and Fourier transforms. Signs of vectors are free, so results that have them are made
// independent of signs.

#include "family.hpp"
#include <xgrad/ops/decomposition.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/fourier.hpp>
#include <xgrad/ops/linalg.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/norm.hpp>

#include <algorithm>
#include <limits>

namespace agree
{

namespace
{

Shape with_matrix(Shape stack, std::size_t rows, std::size_t columns)
{
    stack.push_back(rows);
    stack.push_back(columns);
    return stack;
}

/** An op of square matrices, alone or in stacks, which are not near to singular. */
template <class F, class G>
Family square(std::string name, F f, G g)
{
    return {std::move(name), [=](Draw& d) {
                const std::size_t n = 1 + d.below(5);
                const Array<double> a = d.well_conditioned(with_matrix(d.shape(0, 2, {.most = 3}), n, n));
                return Configuration(
                    {a}, [=](const Variables& xs) { return f(xs[0]); }, [=](const Tensors& ts) { return g(ts[0]); });
            }};
}

/** An op of matrices of any extents, which are not near to singular. */
template <class F, class G>
Family rectangular(std::string name, F f, G g)
{
    return {std::move(name), [=](Draw& d) {
                const std::size_t m = 1 + d.below(4), n = 1 + d.below(4);
                return Configuration(
                    {d.well_conditioned(with_matrix(d.shape(0, 2, {.most = 3}), m, n))},
                    [=](const Variables& xs) { return f(xs[0]); }, [=](const Tensors& ts) { return g(ts[0]); });
            }};
}

/** A system of equations. @param tall  true for systems that may have more equations than unknowns */
template <class F, class G>
Family system(std::string name, bool tall, F f, G g)
{
    return {std::move(name), [=](Draw& d) {
                const std::size_t n = 1 + d.below(4), m = n + (tall ? d.below(3) : 0);
                const Shape stack = d.shape(0, 1, {.most = 3});
                return Configuration(
                    {d.well_conditioned(with_matrix(stack, m, n)), d.normal(with_matrix(stack, m, 1 + d.below(3)))},
                    [=](const Variables& xs) { return f(xs[0], xs[1]); },
                    [=](const Tensors& ts) { return g(ts[0], ts[1]); });
            }};
}

const char* norm_name(xgrad::FourierNorm norm)
{
    switch (norm) {
    case xgrad::FourierNorm::backward:
        return "backward";
    case xgrad::FourierNorm::ortho:
        return "ortho";
    default:
        return "forward";
    }
}

struct Transform
{
    Shape shape;
    std::int64_t axis;
    std::size_t extent;
    xgrad::FourierNorm norm;
};

Transform drawn_transform(Draw& d)
{
    Transform t{d.shape(1, 3, {.most = 7}), 0, 0, xgrad::FourierNorm::backward};
    t.axis = d.axis(t.shape.size());
    t.extent = t.shape[static_cast<std::size_t>(t.axis < 0 ? t.axis + size(t.shape.size()) : t.axis)];
    t.norm = d.choice<xgrad::FourierNorm>("norm", {{"backward", xgrad::FourierNorm::backward},
                                                   {"ortho", xgrad::FourierNorm::ortho},
                                                   {"forward", xgrad::FourierNorm::forward}});
    return t;
}

Variables parts(const xgrad::Complex<double>& z) { return {z.re, z.im}; }
Tensors parts(const Tensor& z) { return {torch::real(z), torch::imag(z)}; }

Variable symmetric(const Variable& a) { return matmul(a, a, {.b = true}); }
Tensor symmetric(const Tensor& a) { return torch::matmul(a, a.mT()); }

} // namespace

Families linalg_families()
{
    return {
        system(
            "solve", false, [](const Variable& a, const Variable& b) { return solve(a, b); },
            [](const Tensor& a, const Tensor& b) { return torch::linalg_solve(a, b); }),
        system(
            "lstsq", true, [](const Variable& a, const Variable& b) { return lstsq(a, b); },
            [](const Tensor& a, const Tensor& b) { return std::get<0>(torch::linalg_lstsq(a, b)); }),
        {"triangular_solve",
         [](Draw& d) {
             const bool lower = d.flag("lower"), unit = d.flag("unit diagonal"), transposed = d.flag("transposed");
             return system(
                        "", false,
                        [=](const Variable& a, const Variable& b) {
                            return triangular_solve(a, b,
                                                    {.lower = lower, .transposed = transposed, .unit_diagonal = unit});
                        },
                        [=](const Tensor& a, const Tensor& b) {
                            const Tensor triangle = lower ? a.tril() : a.triu();
                            return torch::linalg_solve_triangular(transposed ? triangle.mT() : triangle, b,
                                                                  lower == transposed, true, unit);
                        })
                 .draw(d);
         }},
        square(
            "inv", [](const Variable& a) { return inv(a); }, [](const Tensor& a) { return torch::linalg_inv(a); }),
        square(
            "det", [](const Variable& a) { return det(a); }, [](const Tensor& a) { return torch::linalg_det(a); }),
        square(
            "slogdet",
            [](const Variable& a) {
                const auto [sign, logarithm] = slogdet(a);
                return Variables{sign, logarithm};
            },
            [](const Tensor& a) {
                const auto [sign, logarithm] = torch::linalg_slogdet(a);
                return Tensors{sign, logarithm};
            }),
        square(
            "cholesky", [](const Variable& a) { return cholesky(symmetric(a)); },
            [](const Tensor& a) { return torch::linalg_cholesky(symmetric(a)); }),
        square(
            "eigvalsh", [](const Variable& a) { return eigvalsh(symmetric(a)); },
            [](const Tensor& a) { return torch::linalg_eigvalsh(symmetric(a)); }),
        square(
            "eigh",
            [](const Variable& a) {
                const auto [w, v] = eigh(symmetric(a));
                return Variables{w, square(v)};
            },
            [](const Tensor& a) {
                const auto [w, v] = torch::linalg_eigh(symmetric(a));
                return Tensors{w, v.square()};
            }),
        rectangular(
            "svd",
            [](const Variable& a) {
                const auto [u, s, vt] = svd(a);
                return Variables{square(u), s, square(vt)};
            },
            [](const Tensor& a) {
                const auto [u, s, vt] = torch::linalg_svd(a, false);
                return Tensors{u.square(), s, vt.square()};
            }),
        rectangular(
            "singular_values", [](const Variable& a) { return svd(a).s; },
            [](const Tensor& a) { return torch::linalg_svdvals(a); }),
        rectangular(
            "qr",
            [](const Variable& a) {
                const auto [q, r] = qr(a);
                return Variables{square(q), square(r)};
            },
            [](const Tensor& a) {
                const auto [q, r] = torch::linalg_qr(a);
                return Tensors{q.square(), r.square()};
            }),
        rectangular(
            "pinv", [](const Variable& a) { return pinv(a); }, [](const Tensor& a) { return torch::linalg_pinv(a); }),
        rectangular(
            "matrix_rank", [](const Variable& a) { return numbers(matrix_rank(a)); },
            [](const Tensor& a) { return torch::linalg_matrix_rank(a); }),
        rectangular(
            "cond", [](const Variable& a) { return cond(a); }, [](const Tensor& a) { return torch::linalg_cond(a); }),
        rectangular(
            "norm_induced_l1", [](const Variable& a) { return norm_induced_l1(a); },
            [](const Tensor& a) { return torch::linalg_matrix_norm(a, 1); }),
        rectangular(
            "norm_induced_linf", [](const Variable& a) { return norm_induced_linf(a); },
            [](const Tensor& a) { return torch::linalg_matrix_norm(a, std::numeric_limits<double>::infinity()); }),
        {"matrix_norm",
         [](Draw& d) {
             using xgrad::MatrixNorm;
             const auto kind = d.choice<MatrixNorm>("kind", {{"frobenius", MatrixNorm::frobenius},
                                                             {"nuclear", MatrixNorm::nuclear},
                                                             {"spectral", MatrixNorm::spectral}});
             return rectangular(
                        "", [=](const Variable& a) { return matrix_norm(a, kind); },
                        [=](const Tensor& a) {
                            return kind == MatrixNorm::spectral
                                       ? torch::linalg_matrix_norm(a, 2)
                                       : torch::linalg_matrix_norm(a, kind == MatrixNorm::frobenius ? "fro" : "nuc");
                        })
                 .draw(d);
         }},
        {"fft",
         [](Draw& d) {
             const Transform t = drawn_transform(d);
             const bool inverse = d.flag("inverse");
             return Configuration(
                 {d.normal(t.shape), d.normal(t.shape)},
                 [=](const Variables& xs) {
                     const xgrad::Complex<double> z{xs[0], xs[1]};
                     return parts(inverse ? ifft(z, t.axis, t.norm) : fft(z, t.axis, t.norm));
                 },
                 [=](const Tensors& ts) {
                     const Tensor z = torch::complex(ts[0], ts[1]);
                     return parts(inverse ? torch::fft_ifft(z, c10::nullopt, t.axis, norm_name(t.norm))
                                          : torch::fft_fft(z, c10::nullopt, t.axis, norm_name(t.norm)));
                 });
         }},
        {"rfft",
         [](Draw& d) {
             const Transform t = drawn_transform(d);
             return Configuration(
                 {d.normal(t.shape)}, [=](const Variables& xs) { return parts(rfft(xs[0], t.axis, t.norm)); },
                 [=](const Tensors& ts) {
                     return parts(torch::fft_rfft(ts[0], c10::nullopt, t.axis, norm_name(t.norm)));
                 });
         }},
        {"irfft",
         [](Draw& d) {
             const Transform t = drawn_transform(d);
             const std::size_t n = std::max<std::size_t>(1, 2 * t.extent - 2 + d.below(2));
             const bool fits = n / 2 + 1 == t.extent;
             return Configuration(
                        {d.normal(t.shape), d.normal(t.shape)},
                        [=](const Variables& xs) {
                            return irfft<double>({xs[0], xs[1]}, n, t.axis, t.norm);
                        },
                        [=](const Tensors& ts) {
                            return torch::fft_irfft(torch::complex(ts[0], ts[1]), size(n), t.axis, norm_name(t.norm));
                        })
                 .except("xgrad takes no spectrum of another length than n/2 + 1, libtorch fills up or cuts", !fits);
         }},
    };
}

} // namespace agree
