#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/memory.hpp>
#include <xgrad/kernels/convolution/separable.hpp>
#include <xgrad/kernels/table.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace xgrad::kernels
{

namespace
{

template <class T>
using Buffer = std::vector<T, PooledAllocator<T>>;

/** Splits a kernel into the column and the row of its largest element: K[u,v] = column[u]·row[v].
 *  @return true if that holds to rounding */
template <class T>
bool separate(const Window& w, const T* kernel, T* column, T* row)
{
    const std::size_t height = w.kernel_height, width = w.kernel_width;
    const auto place = static_cast<std::size_t>(
        std::max_element(kernel, kernel + height * width, [](T a, T b) { return std::abs(a) < std::abs(b); }) - kernel);
    const T largest = kernel[place];
    for (std::size_t u = 0; u < height; ++u)
        column[u] = kernel[u * width + place % width];
    for (std::size_t v = 0; v < width; ++v)
        row[v] = largest == 0 ? T{0} : kernel[place / width * width + v] / largest;
    const T tolerance = 32 * std::numeric_limits<T>::epsilon() * std::abs(largest);
    bool agrees = true; // NaN agrees with nothing
    for (std::size_t u = 0; u < height; ++u)
        for (std::size_t v = 0; v < width; ++v)
            agrees = agrees && std::abs(kernel[u * width + v] - column[u] * row[v]) <= tolerance;
    return agrees;
}

/** The two correlations that make a map of an image: along the columns of each channel by itself, then along the rows
 *  and over the channels. */
template <class T>
struct Passes
{
    Window along_columns, along_rows;
    Buffer<T> columns, rows; // of the kernels, (O·C/groups, K_h) and (O·C/groups, K_w)
    Buffer<T> between;       // the result of the first pass, (C/groups, H', W)

    Passes(const Window& w, const T* kernels) : along_columns(w), along_rows(w)
    {
        const std::size_t depth = w.channels / w.groups;
        along_columns.batch = along_rows.batch = 1;
        along_columns.channels = along_columns.maps = along_columns.groups = along_rows.channels = depth;
        along_columns.kernel_width = along_columns.stride_width = 1;
        along_columns.out_width = w.width;
        along_columns.pad_left = 0;
        along_rows.maps = along_rows.groups = 1;
        along_rows.height = w.out_height;
        along_rows.kernel_height = along_rows.stride_height = 1;
        along_rows.pad_top = 0;
        columns.resize(w.maps * depth * w.kernel_height);
        rows.resize(w.maps * depth * w.kernel_width);
        for (std::size_t k = 0; k < w.maps * depth; ++k)
            separate(w, kernels + k * w.kernel_height * w.kernel_width, columns.data() + k * w.kernel_height,
                     rows.data() + k * w.kernel_width);
        between.resize(depth * w.out_height * w.width);
    }

    const T* columns_of(std::size_t map) const
    {
        return columns.data() + map * along_rows.channels * along_columns.kernel_height;
    }
    const T* rows_of(std::size_t map) const
    {
        return rows.data() + map * along_rows.channels * along_rows.kernel_width;
    }
};

} // namespace

template <class T>
std::size_t first_inseparable(const Window& window, const T* w)
{
    Buffer<T> column(window.kernel_height), row(window.kernel_width);
    const std::size_t count = window.maps * (window.channels / window.groups);
    std::size_t k = 0;
    while (k < count && separate(window, w + k * column.size() * row.size(), column.data(), row.data()))
        ++k;
    return k;
}

template <class T>
void correlate2d_separable(const Window& window, const T* x, const T* w, T* y)
{
    Passes<T> passes(window, w);
    const std::size_t image = window.height * window.width, result = window.out_height * window.out_width;
    for (std::size_t n = 0; n < window.batch; ++n)
        for (std::size_t o = 0; o < window.maps; ++o) {
            const std::size_t first_channel = o / (window.maps / window.groups) * (window.channels / window.groups);
            table<T>().correlate2d(passes.along_columns, x + (n * window.channels + first_channel) * image,
                                   passes.columns_of(o), passes.between.data());
            table<T>().correlate2d(passes.along_rows, passes.between.data(), passes.rows_of(o),
                                   y + (n * window.maps + o) * result);
        }
}

template <class T>
void correlate2d_input_separable(const Window& window, const T* g, const T* w, T* x)
{
    Passes<T> passes(window, w);
    const std::size_t result = window.out_height * window.out_width, maps = window.maps / window.groups;
    const std::size_t seen = window.channels / window.groups * window.height * window.width;
    Buffer<T> share(seen);
    for (std::size_t n = 0; n < window.batch; ++n)
        for (std::size_t o = 0; o < window.maps; ++o) {
            T* const sum = x + (n * window.groups + o / maps) * seen;
            table<T>().correlate2d_input(passes.along_rows, g + (n * window.maps + o) * result, passes.rows_of(o),
                                         passes.between.data());
            table<T>().correlate2d_input(passes.along_columns, passes.between.data(), passes.columns_of(o),
                                         o % maps == 0 ? sum : share.data());
            if (o % maps != 0)
                table<T>().binary(Binary::add, Operands::vector_vector, sum, share.data(), sum, seen);
        }
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template std::size_t first_inseparable(const Window&, const T*);                                                   \
    template void correlate2d_separable(const Window&, const T*, const T*, T*);                                        \
    template void correlate2d_input_separable(const Window&, const T*, const T*, T*);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::kernels
