#include <xgrad/kernels/fourier/dft.hpp>
#include <xgrad/kernels/fourier/fft.hpp>
#include <xgrad/kernels/pieces.hpp>

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

namespace xgrad::kernels
{

namespace
{

constexpr std::size_t longest_sum = 64; // the sum itself is about as fast as Bluestein's three transforms

/** Complex numbers with memory of their own, to be transformed. */
struct Columns
{
    Buffer<double> memory;
    Split<double> x, spare;

    explicit Columns(std::size_t size) : memory(4 * size)
    {
        double* const at = memory.data();
        x = {at, at + size};
        spare = {at + 2 * size, at + 3 * size};
    }
};

/** x ← w·x of a run of numbers. */
void turn(std::size_t count, double w_re, double w_im, double* re, double* im)
{
    for (std::size_t i = 0; i < count; ++i) {
        const double a = re[i], b = im[i];
        re[i] = w_re * a - w_im * b;
        im[i] = w_re * b + w_im * a;
    }
}

/** The transform of n rows of numbers, each column by itself, of one length n and for many threads. */
class Plan
{
  public:
    explicit Plan(std::size_t n) : n_(n)
    {
        if (fft_extent(n) == n)
            fast_.emplace(n);
        else if (n <= longest_sum)
            roots_.emplace(n, n);
        else
            prepare_chirps();
    }

    /** The rows that the memory needs. */
    std::size_t rows() const { return std::max(n_, ring_); }

    /** Replaces the first n rows of numbers.x by their transform. */
    void transform(std::size_t columns, Columns& numbers) const
    {
        if (ring_ != 0)
            convolve_with_chirps(columns, numbers);
        else if (fast_)
            fast_->transform(columns, numbers.x, numbers.spare);
        else
            add_up(columns, numbers);
    }

  private:
    void add_up(std::size_t columns, Columns& numbers) const
    {
        const auto [x, y] = std::pair(numbers.x, numbers.spare);
        std::fill_n(y.re, n_ * columns, 0.0);
        std::fill_n(y.im, n_ * columns, 0.0);
        for (std::size_t k = 0; k < n_; ++k)
            for (std::size_t j = 0; j < n_; ++j) {
                const double re = roots_->re[j * k % n_], im = roots_->im[j * k % n_];
                for (std::size_t i = 0; i < columns; ++i) {
                    const double a = x.re[j * columns + i], b = x.im[j * columns + i];
                    y.re[k * columns + i] += re * a - im * b;
                    y.im[k * columns + i] += re * b + im * a;
                }
            }
        std::swap(numbers.x, numbers.spare);
    }

    // Bluestein: jk = (j² + k² − (k − j)²)/2, so y[k] = c[k]·Σ_j x[j]·c[j]·c̄[k − j] with c[j] = e^(−πi·j²/n). The sum
    // is a convolution, by the fast transform on a ring.

    void prepare_chirps()
    {
        ring_ = fft_extent(2 * n_ - 1);
        fast_.emplace(ring_);
        const Roots<double> roots(2 * n_, 2 * n_);
        chirp_re_.resize(n_);
        chirp_im_.resize(n_);
        std::size_t square = 0; // j² mod 2n
        for (std::size_t j = 0; j < n_; ++j) {
            chirp_re_[j] = roots.re[square];
            chirp_im_[j] = roots.im[square];
            square = (square + 2 * j + 1) % (2 * n_);
        }
        Columns filter(ring_);
        for (std::size_t j = 0; j < n_; ++j)
            for (const std::size_t place : {j, (ring_ - j) % ring_}) {
                filter.x.re[place] = chirp_re_[j] / static_cast<double>(ring_);
                filter.x.im[place] = -chirp_im_[j] / static_cast<double>(ring_);
            }
        fast_->transform(1, filter.x, filter.spare);
        filter_re_.assign(filter.x.re, filter.x.re + ring_);
        filter_im_.assign(filter.x.im, filter.x.im + ring_);
    }

    void convolve_with_chirps(std::size_t columns, Columns& numbers) const
    {
        const auto turn_rows = [&](std::size_t rows, const Buffer<double>& re, const Buffer<double>& im) {
            for (std::size_t j = 0; j < rows; ++j)
                turn(columns, re[j], im[j], numbers.x.re + j * columns, numbers.x.im + j * columns);
        };
        turn_rows(n_, chirp_re_, chirp_im_);
        std::fill_n(numbers.x.re + n_ * columns, (ring_ - n_) * columns, 0.0);
        std::fill_n(numbers.x.im + n_ * columns, (ring_ - n_) * columns, 0.0);
        fast_->transform(columns, numbers.x, numbers.spare);
        turn_rows(ring_, filter_re_, filter_im_);
        fast_->invert(columns, numbers.x, numbers.spare);
        turn_rows(n_, chirp_re_, chirp_im_);
    }

    std::size_t n_, ring_ = 0;
    std::optional<Fourier<double>> fast_;
    std::optional<Roots<double>> roots_;
    Buffer<double> chirp_re_, chirp_im_, filter_re_, filter_im_;
};

/** Calls f(column in the memory, offset of its first element) for the columns of an array (outer, extent, inner). */
template <class F>
void for_columns(const DiscreteFourier& s, std::size_t extent, Range columns, F f)
{
    for (std::size_t c = columns.begin; c < columns.end; ++c)
        f(c - columns.begin, c / s.inner * extent * s.inner + c % s.inner);
}

template <class T>
void transform_columns(const DiscreteFourier& s, const Plan& plan, Range columns, const T* x_re, const T* x_im, T* y_re,
                       T* y_im, Columns& numbers)
{
    const std::size_t width = columns.size();
    // The inverse transform is that of the conjugates, conjugated.
    const double sign = s.inverse ? -1 : 1;
    for_columns(s, s.given(), columns, [&](std::size_t column, std::size_t from) {
        for (std::size_t j = 0; j < s.n; ++j) {
            const bool is_given = j < s.given();
            const std::size_t at = from + (is_given ? j : s.n - j) * s.inner;
            const bool is_real = x_im == nullptr || (s.half_given && (j == 0 || 2 * j == s.n));
            const double im = is_real ? 0 : static_cast<double>(x_im[at]);
            numbers.x.re[j * width + column] = static_cast<double>(x_re[at]);
            numbers.x.im[j * width + column] = sign * (is_given ? im : -im);
        }
    });
    plan.transform(width, numbers);
    for_columns(s, s.wanted(), columns, [&](std::size_t column, std::size_t to) {
        for (std::size_t k = 0; k < s.wanted(); ++k) {
            const std::size_t at = to + k * s.inner;
            const bool is_real = x_im == nullptr && (k == 0 || 2 * k == s.n);
            y_re[at] = static_cast<T>(s.scale * numbers.x.re[k * width + column]);
            if (y_im != nullptr)
                y_im[at] = is_real ? T{0} : static_cast<T>(sign * s.scale * numbers.x.im[k * width + column]);
        }
    });
}

} // namespace

template <class T>
void transform(const DiscreteFourier& shape, const T* x_re, const T* x_im, T* y_re, T* y_im)
{
    const Plan plan(shape.n);
    const std::size_t columns = shape.outer * shape.inner;
    const std::size_t width = std::clamp((std::size_t{1} << 15) / plan.rows(), std::size_t{4}, std::size_t{32});
    const std::size_t pieces = pieces_for(columns * plan.rows() * 4 * std::bit_width(plan.rows()), columns, width);
    detail::parallel_for(pieces, [&](std::size_t i) {
        const Range all = piece(i, pieces, columns);
        Columns numbers(plan.rows() * std::min(width, all.size()));
        for (std::size_t begin = all.begin; begin < all.end; begin += width)
            transform_columns(shape, plan, {begin, std::min(begin + width, all.end)}, x_re, x_im, y_re, y_im, numbers);
    });
}

template void transform(const DiscreteFourier&, const float*, const float*, float*, float*);
template void transform(const DiscreteFourier&, const double*, const double*, double*, double*);

} // namespace xgrad::kernels
