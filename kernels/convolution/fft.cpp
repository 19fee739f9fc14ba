#include <xgrad/base/instantiate.hpp>
#include <xgrad/kernels/convolution/fft.hpp>
#include <xgrad/kernels/fourier/fft.hpp>

#include <algorithm>
#include <utility>

namespace xgrad::kernels
{

namespace
{

// The Fourier transform multiplies on a ring of P positions: position P is position 0 again. The image lies on the ring
// at a, the kernel's taps at u·d, the result at i·s − p. x, w and y meet in a product where the image's position is the
// sum of the other two. So each face is a true convolution on the ring, of planes that lie as they are or turned.

/** The places of an axis's elements on its ring. */
struct Places
{
    std::size_t ring, count, first, step;

    std::size_t operator[](std::size_t i) const { return (first + i * step) % ring; }
    /** The places with the opposite sign. */
    Places turned() const { return {ring, count, ring - first, ring - step % ring}; }
};

/** The places of the elements of image, kernel and result. */
struct Ring
{
    Places image, kernel, result;

    /** A ring so long that places which do not meet on a line do not meet on it.
     *  @param multiple  the length is a multiple of this */
    Ring(std::size_t multiple, std::size_t extent, std::size_t taps, std::size_t dilation, std::size_t count,
         std::size_t stride, std::size_t padding)
    {
        const std::size_t reach = (taps - 1) * dilation + 1, full = (count - 1) * stride + 1;
        const std::size_t least = std::max({extent + padding, full + reach - 1 - std::min(padding, reach - 1), reach});
        const std::size_t length = multiple * fft_extent((least + multiple - 1) / multiple);
        image = {length, extent, 0, 1};
        kernel = {length, taps, 0, dilation};
        result = {length, count, length - padding, stride};
    }
};

struct Plane
{
    Places rows, columns;

    std::size_t size() const { return rows.count * columns.count; }
    Plane turned() const { return {rows.turned(), columns.turned()}; }
};

/** Real planes and their transforms. On the ring of the rows these have all frequencies. On the ring of the columns
 *  they have those of one sign, as the others are their conjugates. */
template <class T>
class Transforms
{
  public:
    explicit Transforms(const Window& w)
        : rows_(1, w.height, w.kernel_height, w.dilation_height, w.out_height, w.stride_height, w.pad_top),
          columns_(2, w.width, w.kernel_width, w.dilation_width, w.out_width, w.stride_width, w.pad_left),
          half_(columns_.image.ring / 2),
          along_rows_(rows_.image.ring),
          along_columns_(half_),
          turns_(columns_.image.ring, half_ + 1),
          memory_(6 * size())
    {
        const auto part = [&](std::size_t i) { return memory_.data() + i * size(); };
        work_ = {part(0), part(1)};
        spare_ = {part(2), part(3)};
        sum_ = {part(4), part(5)};
    }

    Plane image() const { return {rows_.image, columns_.image}; }
    Plane kernel() const { return {rows_.kernel, columns_.kernel}; }
    Plane result() const { return {rows_.result, columns_.result}; }

    /** The transforms of `count` planes, each with its real and then its imaginary parts. */
    Buffer<T> of(const Plane& plane, std::size_t count, const T* values)
    {
        Buffer<T> all(2 * size() * count);
        for (std::size_t i = 0; i < count; ++i) {
            transform(plane, values + i * plane.size());
            std::copy_n(work_.re, size(), all.data() + 2 * size() * i);
            std::copy_n(work_.im, size(), all.data() + 2 * size() * i + size());
        }
        return all;
    }

    /** Adds the product of plane i of a and plane j of b to the sum. */
    void add_product(const Buffer<T>& a, std::size_t i, const Buffer<T>& b, std::size_t j)
    {
        const T *a_re = a.data() + 2 * size() * i, *a_im = a_re + size();
        const T *b_re = b.data() + 2 * size() * j, *b_im = b_re + size();
        T *re = sum_.re, *im = sum_.im;
        for (std::size_t k = 0, count = size(); k < count; ++k) {
            re[k] += a_re[k] * b_re[k] - a_im[k] * b_im[k];
            im[k] += a_re[k] * b_im[k] + a_im[k] * b_re[k];
        }
    }

    /** Writes the plane whose transform the sum is, and sets the sum to 0. */
    void take_sum(const Plane& plane, T* values)
    {
        std::swap(work_, sum_);
        invert(plane, values);
        std::fill_n(sum_.re, size(), T{0});
        std::fill_n(sum_.im, size(), T{0});
    }

  private:
    std::size_t width() const { return half_ + 1; }
    std::size_t size() const { return rows_.image.ring * width(); }

    // A row of 2h real numbers is transformed as one of h complex ones, z[j] = x[2j] + i·x[2j+1].

    void transform(const Plane& plane, const T* values)
    {
        const std::size_t rows = plane.rows.count;
        std::fill_n(work_.re, half_ * rows, T{0});
        std::fill_n(work_.im, half_ * rows, T{0});
        for (std::size_t j = 0; j < plane.columns.count; ++j) {
            const std::size_t at = plane.columns[j];
            T* column = (at % 2 == 0 ? work_.re : work_.im) + at / 2 * rows;
            for (std::size_t i = 0; i < rows; ++i)
                column[i] = values[i * plane.columns.count + j];
        }
        along_columns_.transform(rows, work_, spare_);
        std::fill_n(spare_.re, size(), T{0});
        std::fill_n(spare_.im, size(), T{0});
        for (std::size_t i = 0; i < rows; ++i) {
            T *re = spare_.re + plane.rows[i] * width(), *im = spare_.im + plane.rows[i] * width();
            for (std::size_t k = 0; k <= half_; ++k) {
                const std::size_t a = (k < half_ ? k : 0) * rows + i, b = (k > 0 ? half_ - k : 0) * rows + i;
                const T even_re = work_.re[a] + work_.re[b], even_im = work_.im[a] - work_.im[b];
                const T odd_re = work_.im[a] + work_.im[b], odd_im = work_.re[b] - work_.re[a];
                re[k] = T(0.5) * (even_re + turns_.re[k] * odd_re - turns_.im[k] * odd_im);
                im[k] = T(0.5) * (even_im + turns_.re[k] * odd_im + turns_.im[k] * odd_re);
            }
        }
        std::swap(work_, spare_);
        along_rows_.transform(width(), work_, spare_);
    }

    void invert(const Plane& plane, T* values)
    {
        const std::size_t rows = plane.rows.count;
        along_rows_.invert(width(), work_, spare_);
        for (std::size_t i = 0; i < rows; ++i) {
            const T *re = work_.re + plane.rows[i] * width(), *im = work_.im + plane.rows[i] * width();
            for (std::size_t k = 0; k < half_; ++k) {
                const std::size_t b = half_ - k;
                const T difference_re = re[k] - re[b], difference_im = im[k] + im[b];
                const T odd_re = turns_.re[k] * difference_re + turns_.im[k] * difference_im;
                const T odd_im = turns_.re[k] * difference_im - turns_.im[k] * difference_re;
                spare_.re[k * rows + i] = re[k] + re[b] - odd_im;
                spare_.im[k * rows + i] = im[k] - im[b] + odd_re;
            }
        }
        std::swap(work_, spare_);
        along_columns_.invert(rows, work_, spare_);
        const T scale = T(1) / static_cast<T>(2 * half_ * plane.rows.ring);
        for (std::size_t j = 0; j < plane.columns.count; ++j) {
            const std::size_t at = plane.columns[j];
            const T* column = (at % 2 == 0 ? work_.re : work_.im) + at / 2 * rows;
            for (std::size_t i = 0; i < rows; ++i)
                values[i * plane.columns.count + j] = scale * column[i];
        }
    }

    Ring rows_, columns_;
    std::size_t half_;
    Fourier<T> along_rows_, along_columns_;
    Roots<T> turns_;
    Buffer<T> memory_;
    Split<T> work_, spare_, sum_;
};

/** The channel that kernel (o, c) reads. */
std::size_t channel_of(const Window& w, std::size_t o, std::size_t c)
{
    return o / (w.maps / w.groups) * (w.channels / w.groups) + c;
}

} // namespace

template <class T>
void correlate2d_fft(const Window& window, const T* x, const T* w, T* y)
{
    Transforms<T> transforms(window);
    const std::size_t depth = window.channels / window.groups;
    const Plane result = transforms.result();
    const Buffer<T> images = transforms.of(transforms.image(), window.batch * window.channels, x);
    const Buffer<T> kernels = transforms.of(transforms.kernel().turned(), window.maps * depth, w);
    for (std::size_t n = 0; n < window.batch; ++n)
        for (std::size_t o = 0; o < window.maps; ++o) {
            for (std::size_t c = 0; c < depth; ++c)
                transforms.add_product(images, n * window.channels + channel_of(window, o, c), kernels, o * depth + c);
            transforms.take_sum(result, y + (n * window.maps + o) * result.size());
        }
}

template <class T>
void correlate2d_input_fft(const Window& window, const T* g, const T* w, T* x)
{
    Transforms<T> transforms(window);
    const std::size_t depth = window.channels / window.groups, maps = window.maps / window.groups;
    const Plane image = transforms.image();
    const Buffer<T> upstream = transforms.of(transforms.result(), window.batch * window.maps, g);
    const Buffer<T> kernels = transforms.of(transforms.kernel(), window.maps * depth, w);
    for (std::size_t n = 0; n < window.batch; ++n)
        for (std::size_t channel = 0; channel < window.channels; ++channel) {
            const std::size_t first = channel / depth * maps;
            for (std::size_t o = first; o < first + maps; ++o)
                transforms.add_product(upstream, n * window.maps + o, kernels, o * depth + channel % depth);
            transforms.take_sum(image, x + (n * window.channels + channel) * image.size());
        }
}

template <class T>
void correlate2d_kernel_fft(const Window& window, const T* x, const T* g, T* w)
{
    Transforms<T> transforms(window);
    const std::size_t depth = window.channels / window.groups;
    const Plane kernel = transforms.kernel();
    const Buffer<T> images = transforms.of(transforms.image(), window.batch * window.channels, x);
    const Buffer<T> upstream = transforms.of(transforms.result().turned(), window.batch * window.maps, g);
    for (std::size_t o = 0; o < window.maps; ++o)
        for (std::size_t c = 0; c < depth; ++c) {
            for (std::size_t n = 0; n < window.batch; ++n)
                transforms.add_product(images, n * window.channels + channel_of(window, o, c), upstream,
                                       n * window.maps + o);
            transforms.take_sum(kernel, w + (o * depth + c) * kernel.size());
        }
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template void correlate2d_fft(const Window&, const T*, const T*, T*);                                              \
    template void correlate2d_input_fft(const Window&, const T*, const T*, T*);                                        \
    template void correlate2d_kernel_fft(const Window&, const T*, const T*, T*);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::kernels
