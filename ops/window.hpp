#pragma once

#include <xgrad/graph/variable.hpp>
#include <xgrad/kernels/geometry.hpp>

#include <cstddef>

namespace xgrad
{

// Windows
//
// Kernels, patches and pooling windows slide over images in the same way. A window of K elements at distance d, the
// dilation, moves by the stride s over H elements with p zeros before and after. It has
//
//     H' = ⌊(H + 2p − d(K − 1) − 1)/s⌋ + 1        (G6)
//
// places, and W' likewise. The formulas of convolution, patches and pooling use these letters.

/** The height and the width of something: `{3, 5}`, or one number for both. They are signed, so that a negative one can
 *  be refused. */
struct Size2d
{
    std::ptrdiff_t height = 1, width = 1;

    constexpr Size2d(std::ptrdiff_t both) : height(both), width(both) {}
    constexpr Size2d(std::ptrdiff_t h, std::ptrdiff_t w) : height(h), width(w) {}
    friend bool operator==(const Size2d&, const Size2d&) = default;
};

/** The depth, the height and the width of something: `{2, 3, 5}`, or one number for all. */
struct Size3d
{
    std::ptrdiff_t depth = 1, height = 1, width = 1;

    constexpr Size3d(std::ptrdiff_t all) : depth(all), height(all), width(all) {}
    constexpr Size3d(std::ptrdiff_t d, std::ptrdiff_t h, std::ptrdiff_t w) : depth(d), height(h), width(w) {}
    friend bool operator==(const Size3d&, const Size3d&) = default;
};

/** The zeros around an image before a window slides over it: a number for all sides, `{above, below, left, right}`, or
 *  `{front, back, above, below, left, right}` in three dimensions. In one dimension only left and right count. Three
 *  paddings have a name.
 *
 *  Source: N7, G6. */
class Padding
{
  public:
    static const Padding valid; ///< no zeros: the window stays inside
    static const Padding same;  ///< zeros for a result of ⌈H/s⌉ rows, with an odd zero below or to the right
    static const Padding full;  ///< zeros for every overlap to count: the result has H + d(K − 1) rows at stride 1

    /** The same number on all sides. */
    constexpr Padding(std::ptrdiff_t all) : Padding(all, all, all, all, all, all) {}
    /** The numbers of rows above and below, and of columns to the left and to the right. */
    constexpr Padding(std::ptrdiff_t above, std::ptrdiff_t below, std::ptrdiff_t left, std::ptrdiff_t right)
        : Padding(0, 0, above, below, left, right)
    {}
    /** The numbers of planes in front and at the back, too. */
    constexpr Padding(std::ptrdiff_t front, std::ptrdiff_t back, std::ptrdiff_t above, std::ptrdiff_t below,
                      std::ptrdiff_t left, std::ptrdiff_t right)
        : above_(above), below_(below), left_(left), right_(right), front_(front), back_(back)
    {}

    /** The padding of one row: to the left and to the right only. */
    constexpr Padding of_row() const { return Padding(kind_, 0, 0, left_, right_); }
    /** The padding in front and at the back, as that of a column above and below. */
    constexpr Padding of_depth() const { return Padding(kind_, front_, back_, 0, 0); }

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
    constexpr Padding(Kind kind, std::ptrdiff_t above, std::ptrdiff_t below, std::ptrdiff_t left, std::ptrdiff_t right)
        : kind_(kind), above_(above), below_(below), left_(left), right_(right)
    {}

    Kind kind_ = Kind::explicit_;
    std::ptrdiff_t above_ = 0, below_ = 0, left_ = 0, right_ = 0, front_ = 0, back_ = 0;
};

inline constexpr Padding Padding::valid{Kind::valid};
inline constexpr Padding Padding::same{Kind::same};
inline constexpr Padding Padding::full{Kind::full};

/** The way in which the sums of a convolution are computed. The results are the same to rounding. */
enum class Algorithm : unsigned char
{
    direct,   ///< sums term by term, the fastest for the small kernels of most networks
    fft,      ///< products of Fourier transforms, whose cost hardly depends on the kernel's extents (N24)
    separable ///< sums along the columns, then along the rows, for kernels of rank 1 (N25)
};

/** The way in which a kernel slides: `{.padding = Padding::same, .stride = 2, .dilation = {1, 2}, .groups = 4}`. The
 *  fifth option is `.algorithm`. By default there is no padding, all numbers are 1, and the algorithm is direct. */
struct ConvolutionOptions
{
    Padding padding = Padding::valid;
    Size2d stride = 1;
    Size2d dilation = 1;
    std::ptrdiff_t groups = 1;
    Algorithm algorithm = Algorithm::direct;
};

/** The way in which a kernel slides along sequences: `{.padding = Padding::same, .stride = 2}`. */
struct Convolution1dOptions
{
    Padding padding = Padding::valid;
    std::ptrdiff_t stride = 1;
    std::ptrdiff_t dilation = 1;
    std::ptrdiff_t groups = 1;
};

/** The way in which a kernel slides through volumes: `{.padding = Padding::same, .stride = {1, 2, 2}}`. */
struct Convolution3dOptions
{
    Padding padding = Padding::valid;
    Size3d stride = 1;
    Size3d dilation = 1;
    std::ptrdiff_t groups = 1;
};

/** The way in which a pooling window slides: `{.size = 3, .stride = 2, .padding = 1, .dilation = 1}`. By default
 *  windows are 2×2 and lie side by side, without padding. */
struct PoolingOptions
{
    Size2d size = 2;
    Size2d stride = 0; ///< 0 stands for the size, so that windows do not overlap
    Padding padding = Padding::valid;
    Size2d dilation = 1;
};

} // namespace xgrad
