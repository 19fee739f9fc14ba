// Whatever xtensor does with an xarray it does with the value of a variable: its function lists, one after the other.

#include <xgrad/base/xtensor.hpp>
#include <xgrad/graph/variable.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <vector>

using namespace xgrad;

namespace
{

/** The shape and the elements of an expression, which no xtensor function is asked for. */
template <class Expression>
std::vector<double> numbers_of(const Expression& expression)
{
    std::vector<double> numbers;
    for (const auto extent : expression.shape())
        numbers.push_back(static_cast<double>(extent));
    for (const auto element : expression)
        numbers.push_back(static_cast<double>(element));
    return numbers;
}

/** The same numbers as the value of a variable and as an xarray of xtensor's own. */
struct Both
{
    Variable<double> x = constant<double>({{3, 1, 2}, {6, 5, 4}});
    xt::xarray<double> plain = {{3, 1, 2}, {6, 5, 4}};

    /** Checks that f of both has the same shape and the same elements. */
    template <class F>
    void same(const std::string& name, F f) const
    {
        CHECK_MESSAGE(numbers_of(f(x.value())) == numbers_of(f(plain)), name);
    }
};

} // namespace

#define SAME(expression) both.same(#expression, [](const auto& a) { return expression; })

TEST_CASE("xtensor's functions of the elements of a value")
{
    const Both both;
    SAME(xt::abs(a));
    SAME(xt::fabs(a));
    SAME(xt::fmod(a, 2.0));
    SAME(xt::remainder(a, 2.0));
    SAME(xt::fma(a, a, a));
    SAME(xt::maximum(a, 2.0));
    SAME(xt::minimum(a, 2.0));
    SAME(xt::fmax(a, 2.0));
    SAME(xt::fmin(a, 2.0));
    SAME(xt::fdim(a, 2.0));
    SAME(xt::clip(a, 2.0, 4.0));
    SAME(xt::sign(a));
    SAME(xt::exp(a));
    SAME(xt::exp2(a));
    SAME(xt::expm1(a));
    SAME(xt::log(a));
    SAME(xt::log2(a));
    SAME(xt::log10(a));
    SAME(xt::log1p(a));
    SAME(xt::pow(a, 2.0));
    SAME(xt::square(a));
    SAME(xt::cube(a));
    SAME(xt::sqrt(a));
    SAME(xt::cbrt(a));
    SAME(xt::hypot(a, 2.0));
    SAME(xt::sin(a));
    SAME(xt::cos(a));
    SAME(xt::tan(a));
    SAME(xt::asin(a / 7.0));
    SAME(xt::acos(a / 7.0));
    SAME(xt::atan(a));
    SAME(xt::atan2(a, 2.0));
    SAME(xt::sinh(a));
    SAME(xt::cosh(a));
    SAME(xt::tanh(a));
    SAME(xt::asinh(a));
    SAME(xt::acosh(a));
    SAME(xt::atanh(a / 7.0));
    SAME(xt::erf(a));
    SAME(xt::erfc(a));
    SAME(xt::tgamma(a));
    SAME(xt::lgamma(a));
    SAME(xt::ceil(a));
    SAME(xt::floor(a));
    SAME(xt::trunc(a));
    SAME(xt::round(a));
    SAME(xt::nearbyint(a));
    SAME(xt::rint(a));
    SAME(xt::deg2rad(a));
    SAME(xt::rad2deg(a));
    SAME(xt::nan_to_num(a));
    SAME(xt::isfinite(a));
    SAME(xt::isinf(a));
    SAME(xt::isnan(a));
    SAME(xt::isclose(a, a));
    SAME(xt::where(a > 2.0, a, 0.0));
    SAME(xt::equal(a, 2.0));
    SAME(xt::not_equal(a, 2.0));
    SAME(xt::cast<int>(a));
    SAME(xt::real(a));
    SAME(xt::imag(a));
    SAME(xt::arg(a));
    SAME(xt::norm(a));
    SAME(xt::real(xt::conj(a)));
    SAME(xt::vectorize([](double x, double y) { return x - 2 * y; })(a, a));
    SAME(a + a);
    SAME(a - 1.0);
    SAME(-a);
    SAME(a * a);
    SAME(a / a);
    SAME(a > 2.0 && a < 5.0);
    SAME(!(a > 2.0));
}

TEST_CASE("xtensor's reductions of a value")
{
    const Both both;
    SAME(xt::sum(a));
    SAME(xt::sum(a, {1}));
    SAME(xt::sum(a, 1, xt::keep_dims));
    SAME(xt::sum(a, {0, 1}, xt::evaluation_strategy::immediate));
    SAME(xt::prod(a, {0}));
    SAME(xt::mean(a, {1}));
    SAME(xt::average(a, a));
    SAME(xt::variance(a, {1}));
    SAME(xt::stddev(a, {1}));
    SAME(xt::amax(a, {1}));
    SAME(xt::amin(a, {1}));
    SAME(xt::diff(a, 1, 1));
    SAME(xt::trapz(a, 1.0, 1));
    SAME(xt::norm_l0(a, {1}));
    SAME(xt::norm_l1(a, {1}));
    SAME(xt::norm_sq(a, {1}));
    SAME(xt::norm_l2(a, {1}));
    SAME(xt::norm_linf(a, {1}));
    SAME(xt::norm_lp(a, 3, {1}));
    SAME(xt::norm_induced_l1(a));
    SAME(xt::norm_induced_linf(a));
    SAME(xt::cumsum(a));
    SAME(xt::cumsum(a, 1));
    SAME(xt::cumprod(a, 1));
    SAME(xt::nansum(a, {1}));
    SAME(xt::nanprod(a, {1}));
    SAME(xt::nanmean(a, {1}));
    SAME(xt::nanmin(a, {1}));
    SAME(xt::nanmax(a, {1}));
    SAME(xt::nanvar(a, {1}));
    SAME(xt::nanstd(a, {1}));
    SAME(xt::nancumsum(a, 1));
    SAME(xt::nancumprod(a, 1));
    SAME(xt::cov(xt::view(a, 0), xt::view(a, 1)));
    SAME(xt::convolve(xt::view(a, 0), xt::view(a, 1), xt::convolve_mode::full()));
    SAME(xt::interp(xt::view(a, 0), xt::sort(xt::view(a, 0)), xt::view(a, 1)));
    SAME(xt::reduce([](double x, double y) { return x + y; }, a, {1}));
    SAME(xt::count_nonzero(a, {1}));
    SAME(xt::count_nonnan(a, {1}));
    SAME(double(xt::minmax(a)()[0]) + a);
    SAME(xt::all(a) ? a : a);
    SAME(xt::any(a) ? a : a);
    SAME(xt::allclose(a, a) ? a : a);
}

TEST_CASE("xtensor's manipulations of a value")
{
    const Both both;
    SAME(xt::transpose(a));
    SAME(xt::transpose(a, {1, 0}));
    SAME(xt::ravel(a));
    SAME(xt::ravel<xt::layout_type::column_major>(a));
    SAME(xt::flatten(a));
    SAME(double(xt::flatnonzero<xt::layout_type::row_major>(a)[1]) + a);
    SAME(xt::trim_zeros(xt::view(a, 0)));
    SAME(xt::squeeze(a));
    SAME(xt::expand_dims(a, 1));
    SAME(xt::atleast_1d(a));
    SAME(xt::atleast_2d(a));
    SAME(xt::atleast_3d(a));
    SAME(xt::atleast_Nd<4>(a));
    SAME(xt::split(a, 3, 1)[1]);
    SAME(xt::hsplit(a, 3)[1]);
    SAME(xt::vsplit(a, 2)[1]);
    SAME(xt::flip(a, 1));
    SAME(xt::rot90(a));
    SAME(xt::rot90<-1>(a));
    SAME(xt::roll(a, 1));
    SAME(xt::roll(a, 1, 1));
    SAME(xt::repeat(a, 2, 1));
    SAME(xt::repeat(a, {1, 2}, 0));
    SAME(xt::tile(a, {2, 1}));
    SAME(xt::pad(a, 1));
    SAME(xt::pad(a, 1, xt::pad_mode::symmetric));
    SAME(xt::concatenate(xt::xtuple(a, a), 1));
    SAME(std::get<0>(xt::meshgrid(xt::view(a, 0), xt::view(a, 1))));
    SAME(xt::stack(xt::xtuple(a, a), 0));
    SAME(xt::hstack(xt::xtuple(a, a)));
    SAME(xt::vstack(xt::xtuple(a, a)));
    SAME(xt::broadcast(a, {2, 2, 3}));
    SAME(xt::reshape_view(a, {3, 2}));
    SAME(xt::diagonal(a));
    SAME(xt::tril(a));
    SAME(xt::triu(a));
    SAME(xt::diag(xt::diagonal(a)));
}

TEST_CASE("xtensor's views of a value, searching and sorting")
{
    const Both both;
    SAME(xt::view(a, 1, xt::all()));
    SAME(xt::view(a, xt::all(), xt::range(0, 3, 2)));
    SAME(xt::view(a, xt::newaxis(), xt::all(), xt::keep(0, 2)));
    SAME(xt::view(a, xt::all(), xt::drop(1)));
    SAME(xt::row(a, 1));
    SAME(xt::col(a, 1));
    SAME(xt::strided_view(a, {xt::ellipsis(), 1}));
    SAME(xt::index_view(a, std::vector<std::array<std::size_t, 2>>{{0, 1}, {1, 2}}));
    SAME(xt::dynamic_view(a, {0, xt::range(0, 2)}));
    SAME(double(xt::argwhere(a > 2.0)[1][0]) + a);
    SAME(double(xt::nonzero(a)[1][2]) + a);
    SAME(xt::filter(a, a > 2.0));
    SAME(xt::sort(a));
    SAME(xt::sort(a, 0));
    SAME(xt::argsort(a, 1));
    SAME(xt::argmin(a, 1));
    SAME(xt::argmax(a, 1));
    SAME(xt::argmax(a));
    SAME(xt::unique(a));
    SAME(xt::partition(a, 1));
    SAME(xt::argpartition(a, 1));
    SAME(xt::median(a, 1));
#if XTENSOR_VERSION_MINOR > 24 // new there
    SAME(xt::quantile(a, {0.5}, 1));
    SAME(xt::swapaxes(a, 0, 1));
    SAME(xt::moveaxis(a, 0, 1));
#endif
    SAME(xt::isin(a, xt::xarray<double>{1.0, 2.0}));
    SAME(xt::in1d(a, xt::xarray<double>{1.0, 2.0}));
    SAME(xt::digitize(a, xt::xarray<double>{1.5, 3.5}));
    SAME(xt::setdiff1d(a, xt::view(a, 0)));
    SAME(xt::searchsorted(xt::sort(xt::view(a, 0)), xt::view(a, 1)));
    SAME(xt::histogram(a, std::size_t(3)));
    SAME(xt::bincount(xt::cast<int>(xt::flatten(a))));
    SAME(xt::eval(a));
    SAME(xt::full_like(a, 2.0));
    SAME(xt::zeros_like(a));
    SAME(xt::ones_like(a));
    SAME(xt::adapt(a.data(), a.size(), xt::no_ownership(), std::vector<std::size_t>{3, 2}));
}

TEST_CASE("a value's shape, iterators and elements are those of an xarray")
{
    const Both both;
    const auto& a = both.x.value();
    const auto& plain = both.plain;
    CHECK(a.shape() == plain.shape());
    CHECK(plain.shape() == a.shape());
    CHECK(a.shape() == std::vector<std::size_t>{2, 3});
    CHECK(std::array<std::size_t, 2>{2, 3} == a.shape());
    CHECK(a.shape() != std::vector<std::size_t>{3, 2});
    CHECK(a == plain);
    CHECK(plain == a);
    CHECK(std::equal(a.shape().crbegin(), a.shape().crend(), plain.shape().crbegin()));
    CHECK(std::equal(a.crbegin(), a.crend(), plain.crbegin()));
    CHECK(std::equal(a.begin<xt::layout_type::column_major>(), a.end<xt::layout_type::column_major>(),
                     plain.begin<xt::layout_type::column_major>()));
    CHECK(a(1, 2) == 4);
    CHECK(a.at(1, 2) == 4);
    CHECK(a.periodic(-1, -1) == 4);
    CHECK(a.flat(5) == 4);
    CHECK(a[std::vector<std::size_t>{1, 2}] == 4);
    CHECK(a.element(a.shape().begin(), a.shape().begin()) == a(0, 0));
    CHECK(a.in_bounds(1, 2));
    CHECK(a.front() == 3);
    CHECK(a.back() == 4);
    CHECK(a.dimension() == 2);
    CHECK(a.strides() == plain.strides());
    CHECK(xt::has_shape(a, {2, 3}));
    CHECK(xt::same_shape(a.shape(), plain.shape()));
    std::ostringstream of_value, of_plain;
    of_value << a;
    of_plain << plain;
    CHECK(of_value.str() == of_plain.str());
    const xt::xtensor<double, 2> fixed = a;
    CHECK(fixed == plain);
    Array<double> copy = a;
    copy.reshape({3, 2});
    copy.resize({2, 2});
    copy.fill(1.0);
    copy = xt::xarray<double>(plain);
    copy += plain;
    xt::view(copy, 0) = 0;
    xt::masked_view(copy, copy > 5.0) = 0;
    std::swap(copy, copy);
    CHECK(copy.shape() == plain.shape());
}
