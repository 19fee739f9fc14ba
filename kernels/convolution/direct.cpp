#include <xgrad/kernels/convolution/direct.hpp>
#include <xgrad/kernels/pieces.hpp>
#include <xgrad/kernels/table.hpp>

namespace xgrad::kernels
{
namespace
{

/** The multiply-adds of one image. */
std::size_t work(const Window& w)
{
    return w.maps * (w.channels / w.groups) * w.kernel_height * w.kernel_width * w.out_height * w.out_width;
}

/** The multiply-adds from which an image is cut into rows. */
constexpr std::size_t large = std::size_t{1} << 21;

/** Calls face(window, offset of its images, offset of its outputs) for pieces of the batch, or of each image's `rows`.
 */
template <class Face>
void cut_batch(const Window& w, std::size_t rows, Face face)
{
    // The kernels take small images in chunks of 16.
    constexpr std::size_t chunk = 16, fewest_rows = 4;
    const std::size_t an_image = work(w), image = w.channels * w.height * w.width;
    const std::size_t output = w.maps * w.out_height * w.out_width;
    const std::size_t image_pieces = pieces_for(an_image * w.batch, w.batch, an_image < large ? chunk : 1);
    const std::size_t most_rows = std::min({rows, w.out_height, fewest_rows * most_pieces / image_pieces});
    const std::size_t row_pieces = image_pieces < w.batch ? 1 : pieces_for(an_image, most_rows, fewest_rows);
    detail::parallel_for(image_pieces * row_pieces, [&](std::size_t i) {
        const Range batch = piece(i / row_pieces, image_pieces, w.batch);
        Window some = w;
        some.batch = batch.size();
        if (row_pieces > 1)
            some.piece = piece(i % row_pieces, row_pieces, rows);
        face(some, batch.begin * image, batch.begin * output);
    });
}

} // namespace

template <class T>
void correlate2d_direct(const Window& window, const T* x, const T* w, T* y)
{
    cut_batch(window, window.out_height, [&](const Window& some, std::size_t image, std::size_t output) {
        table<T>().correlate2d(some, x + image, w, y + output);
    });
}

template <class T>
void correlate2d_input_direct(const Window& window, const T* g, const T* w, T* x)
{
    cut_batch(window, window.height, [&](const Window& some, std::size_t image, std::size_t output) {
        table<T>().correlate2d_input(some, g + output, w, x + image);
    });
}

template <class T>
void correlate2d_kernel_direct(const Window& window, const T* x, const T* g, T* w)
{
    constexpr std::size_t fewest_maps = 8;
    const std::size_t pieces = pieces_for(work(window) * window.batch, window.maps, fewest_maps);
    detail::parallel_for(pieces, [&](std::size_t i) {
        Window some = window;
        if (pieces > 1)
            some.piece = piece(i, pieces, window.maps);
        table<T>().correlate2d_kernel(some, x, g, w);
    });
}

bool halves_in_one_pass(const Window& window) { return work(window) < large; }

template <class T>
void convolution_layer_direct(const Window& window, const Finish<T>& end, const T* x, const T* w)
{
    const std::size_t plane = window.out_height * window.out_width;
    cut_batch(
        window, end.halves() ? 1 : window.out_height, [&](const Window& some, std::size_t image, std::size_t output) {
            Finish<T> part = end;
            if (end.halves()) {
                output = output / std::max<std::size_t>(plane, 1) * (window.out_height / 2) * (window.out_width / 2);
                part.winner += output;
            }
            part.y += output;
            table<T>().convolution_layer(some, part, x + image, w);
        });
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template void correlate2d_direct(const Window&, const T*, const T*, T*);                                           \
    template void correlate2d_input_direct(const Window&, const T*, const T*, T*);                                     \
    template void correlate2d_kernel_direct(const Window&, const T*, const T*, T*);                                    \
    template void convolution_layer_direct(const Window&, const Finish<T>&, const T*, const T*);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::kernels
