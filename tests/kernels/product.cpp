#include "kernels.hpp"
#include <xgrad/kernels/product/product.hpp>
#include <xgrad/kernels/table.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace xgrad::kernels;
using xgrad::test::on_every_architecture;
using xgrad::test::uniform;

namespace
{

/** A product whose matrices have rows that are `wider` than needed. */
Product shape(std::size_t m, std::size_t n, std::size_t k, bool transpose_a, bool transpose_b, std::size_t wider = 0,
              bool accumulate = false)
{
    return {
        m,         n,         k, transpose_a, transpose_b, (transpose_a ? m : k) + wider, (transpose_b ? k : n) + wider,
        n + wider, accumulate};
}

template <class T>
struct Matrices
{
    explicit Matrices(const Product& s)
        : a(uniform<T>((s.transpose_a ? s.k : s.m) * s.lda, 1)),
          b(uniform<T>((s.transpose_b ? s.n : s.k) * s.ldb, 2)),
          c(uniform<T>(s.m * s.ldc, 3))
    {}
    std::vector<T> a, b, c;
};

/** The largest error of c in multiples of ε·(1 + Σ|a·b|). It is infinite if the product is NaN or wrote outside of C.
 */
template <class T>
double error(const Product& s, const Matrices<T>& before, const std::vector<T>& c)
{
    double largest = 0;
    for (std::size_t i = 0; i < s.m; ++i)
        for (std::size_t j = 0; j < s.ldc; ++j) {
            const T old = before.c[i * s.ldc + j], value = c[i * s.ldc + j];
            if (j >= s.n) {
                if (std::memcmp(&old, &value, sizeof(T)) != 0)
                    return std::numeric_limits<double>::infinity();
                continue;
            }
            double exact = s.accumulate ? static_cast<double>(old) : 0, size = 1;
            for (std::size_t p = 0; p < s.k; ++p) {
                const double term = static_cast<double>(before.a[s.transpose_a ? p * s.lda + i : i * s.lda + p]) *
                                    static_cast<double>(before.b[s.transpose_b ? j * s.ldb + p : p * s.ldb + j]);
                exact += term;
                size += std::abs(term);
            }
            const double difference = std::abs(static_cast<double>(value) - exact);
            if (!(difference <= std::numeric_limits<double>::max()))
                return std::numeric_limits<double>::infinity();
            largest = std::max(largest, difference / (size * static_cast<double>(std::numeric_limits<T>::epsilon())));
        }
    return largest;
}

template <class T>
void check_product(const Product& s)
{
    const Matrices<T> before(s);
    std::vector<T> c = before.c;
    table<T>().product(s, before.a.data(), before.b.data(), c.data());
    const double off = error(s, before, c);
    if (!(off < 4))
        FAIL_CHECK("m " << s.m << " n " << s.n << " k " << s.k << " transposed " << s.transpose_a << s.transpose_b
                        << " ldc " << s.ldc << " accumulate " << s.accumulate << ": error " << off);
}

void check_both(const Product& s)
{
    check_product<float>(s);
    check_product<double>(s);
}

/** Calls f(transpose_a, transpose_b) for all four combinations. */
template <class F>
void for_every_transposition(F f)
{
    for (const bool a : {false, true})
        for (const bool b : {false, true})
            f(a, b);
}

} // namespace

TEST_CASE("product: sizes 1 to 40 in every transposition")
{
    on_every_architecture([] {
        for_every_transposition([](bool a, bool b) {
            for (std::size_t m = 1; m <= 40; m += m < 18 ? 1 : 3)
                for (std::size_t n = 1; n <= 40; n += n < 18 ? 1 : 3)
                    for (const std::size_t k : {1U, 2U, 7U, 16U, 40U})
                        check_both(shape(m, n, k, a, b));
        });
    });
    CHECK(available_architectures().size() > 0);
}

TEST_CASE("product: rows wider than the matrix are left alone")
{
    on_every_architecture([] {
        for_every_transposition([](bool a, bool b) {
            for (const std::size_t m : {1U, 5U, 16U, 31U})
                for (const std::size_t n : {1U, 3U, 17U, 33U})
                    for (const std::size_t wider : {1U, 5U, 16U})
                        check_both(shape(m, n, 13, a, b, wider));
        });
    });
}

TEST_CASE("product: accumulates")
{
    on_every_architecture([] {
        for_every_transposition([](bool a, bool b) {
            for (const std::size_t m : {1U, 2U, 7U, 16U, 30U})
                for (const std::size_t n : {1U, 4U, 10U, 40U, 100U})
                    for (const std::size_t k : {0U, 1U, 30U, 300U})
                        check_both(shape(m, n, k, a, b, m % 2, true));
        });
    });
}

TEST_CASE("product: blocks of large and odd matrices")
{
    on_every_architecture([] {
        for_every_transposition([](bool a, bool b) {
            check_both(shape(67, 130, 701, a, b));
            check_both(shape(257, 65, 33, a, b, 3));
            check_both(shape(5, 1100, 350, a, b, 1, true));
            check_both(shape(130, 1, 333, a, b, 2));
            check_both(shape(1, 515, 645, a, b));
        });
    });
}

TEST_CASE("product: an empty inner dimension gives zeros")
{
    on_every_architecture([] {
        std::vector<float> c(12, 7.0f);
        table<float>().product(Product{2, 5, 0, false, false, 1, 5, 6, false}, c.data(), c.data(), c.data());
        CHECK(c == std::vector<float>{0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 7});
        table<float>().product(Product{0, 5, 3, false, false, 3, 5, 5, false}, c.data(), c.data(), c.data());
        CHECK(c[5] == 7.0f);
    });
}

TEST_CASE("product: overwrites what was there, NaN as well")
{
    on_every_architecture([] {
        for_every_transposition([](bool a, bool b) {
            const Product s = shape(9, 20, 12, a, b);
            const Matrices<float> before(s);
            std::vector<float> c(before.c.size(), std::numeric_limits<float>::quiet_NaN());
            table<float>().product(s, before.a.data(), before.b.data(), c.data());
            CHECK(error(s, before, c) < 4);
        });
    });
}

TEST_CASE("product: reads nothing beyond its operands")
{
    // Behind the matrices there is NaN, which would show even when multiplied by 0.
    on_every_architecture([] {
        for_every_transposition([](bool a, bool b) {
            for (const std::size_t n : {1U, 3U, 15U, 17U, 34U}) {
                const Product s = shape(7, n, 11, a, b);
                Matrices<double> before(s);
                before.a.resize(before.a.size() + 64, std::numeric_limits<double>::quiet_NaN());
                before.b.resize(before.b.size() + 64, std::numeric_limits<double>::quiet_NaN());
                std::vector<double> c = before.c;
                table<double>().product(s, before.a.data(), before.b.data(), c.data());
                CHECK(error(s, before, c) < 4);
            }
        });
    });
}

TEST_CASE("product: the same bits again, at any alignment, on any thread")
{
    on_every_architecture([] {
        for_every_transposition([](bool a, bool b) {
            for (const Product& s : {shape(6, 100, 25, a, b), shape(16, 120, 400, a, b), shape(1, 84, 120, a, b),
                                     shape(70, 90, 400, a, b), shape(6, 25, 784, a, b)})
            {
                const Matrices<float> at(s);
                std::vector<float> first(at.c.size()), shifted(at.c.size() + 16), threaded(at.c.size());
                table<float>().product(s, at.a.data(), at.b.data(), first.data());
                for (const std::size_t shift : {1U, 3U, 8U}) {
                    std::vector<float> a2(at.a.size() + shift), b2(at.b.size() + shift);
                    std::copy(at.a.begin(), at.a.end(), a2.begin() + static_cast<std::ptrdiff_t>(shift));
                    std::copy(at.b.begin(), at.b.end(), b2.begin() + static_cast<std::ptrdiff_t>(shift));
                    table<float>().product(s, a2.data() + shift, b2.data() + shift, shifted.data() + shift);
                    CHECK(std::memcmp(first.data(), shifted.data() + shift, first.size() * sizeof(float)) == 0);
                }
                std::thread([&] { table<float>().product(s, at.a.data(), at.b.data(), threaded.data()); }).join();
                CHECK(std::memcmp(first.data(), threaded.data(), first.size() * sizeof(float)) == 0);
            }
        });
    });
}

TEST_CASE("matrix_product: the backend for each size, of large ones in pieces for the threads, gives the product")
{
    for_every_transposition([](bool a, bool b) {
        for (const Product& s : {shape(16, 10, 84, a, b, 2, true), shape(260, 262, 270, a, b, 3, true),
                                 shape(600, 150, 200, a, b, 1, false)})
        {
            const Matrices<float> floats(s);
            std::vector<float> c = floats.c;
            matrix_product(s, floats.a.data(), floats.b.data(), c.data());
            CHECK(error(s, floats, c) < 4);
            const Matrices<double> doubles(s);
            std::vector<double> d = doubles.c;
            matrix_product(s, doubles.a.data(), doubles.b.data(), d.data());
            CHECK(error(s, doubles, d) < 4);
        }
    });
}
