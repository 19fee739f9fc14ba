#pragma once

#include <xgrad/graph/variable.hpp>
#include <xgrad/kernels/geometry.hpp>

#include <cstddef>

namespace xgrad
{

/** A height and a width; one number stands for both. Signed, so that a negative one can be refused. */
struct Size2d
{
    std::ptrdiff_t height = 1, width = 1;

    constexpr Size2d(std::ptrdiff_t both) : height(both), width(both) {}
    constexpr Size2d(std::ptrdiff_t h, std::ptrdiff_t w) : height(h), width(w) {}
    friend bool operator==(const Size2d&, const Size2d&) = default;
};

/** How many zeros surround an image before a kernel slides over it (N7, G6). */
class Padding
{
  public:
    static const Padding valid; ///< none: the kernel stays inside
    static const Padding same;  ///< ⌈H/stride⌉ rows come out; an odd zero goes below and to the right
    static const Padding full;  ///< every overlap counts: H + d(K−1) rows come out at stride 1

    /** The same number on all sides. */
    constexpr Padding(std::ptrdiff_t all) : Padding(all, all, all, all) {}
    /** Rows above and below, columns to the left and to the right. */
    constexpr Padding(std::ptrdiff_t above, std::ptrdiff_t below, std::ptrdiff_t left, std::ptrdiff_t right)
        : above_(above), below_(below), left_(left), right_(right)
    {}

    /** The geometry of a window of the given extents over an image.
     *  @param op  the name in error messages  @throws ShapeError if the kernel does not fit or a number is out of range
     */
    static kernels::Window window(const char* op, const Padding& padding, Size2d image, Size2d kernel, Size2d stride,
                                  Size2d dilation);

  private:
    enum class Kind : unsigned char
    {
        explicit_,
        valid,
        same,
        full
    };
    constexpr explicit Padding(Kind kind) : kind_(kind) {}

    Kind kind_ = Kind::explicit_;
    std::ptrdiff_t above_ = 0, below_ = 0, left_ = 0, right_ = 0;
};

inline constexpr Padding Padding::valid{Kind::valid};
inline constexpr Padding Padding::same{Kind::same};
inline constexpr Padding Padding::full{Kind::full};

/** How the sums of a convolution are computed. The results are the same to rounding. */
enum class Algorithm : unsigned char
{
    direct,   ///< term by term: the fastest for the small kernels of most networks
    fft,      ///< as products of Fourier transforms, whose cost hardly depends on the kernel's extents (N24)
    separable ///< along the columns, then along the rows; each kernel must be of rank 1 (N25)
};

/** How a kernel slides: `{.padding = Padding::same, .stride = 2, .dilation = {1, 2}, .groups = 4}`. */
struct ConvolutionOptions
{
    Padding padding = Padding::valid;
    Size2d stride = 1;
    Size2d dilation = 1;
    std::ptrdiff_t groups = 1;
    Algorithm algorithm = Algorithm::direct;
};

/** How a pooling window slides. */
struct PoolingOptions
{
    Size2d size = 2;
    Size2d stride = 0; ///< 0: the size, so that windows do not overlap
    Padding padding = Padding::valid;
    Size2d dilation = 1;
};

} // namespace xgrad
