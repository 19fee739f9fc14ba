// interim
namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{
template <class T, class F>
void each_window(const Window& w, F f)
{
    std::size_t out = 0;
    for (std::size_t plane = 0; plane < w.batch * w.channels; ++plane)
        for (std::size_t i = 0; i < w.out_height; ++i)
            for (std::size_t j = 0; j < w.out_width; ++j, ++out)
                for (std::size_t u = 0; u < w.kernel_height; ++u)
                    for (std::size_t v = 0; v < w.kernel_width; ++v) {
                        const std::size_t r = i * w.stride_height + u * w.dilation_height - w.pad_top;
                        const std::size_t c = j * w.stride_width + v * w.dilation_width - w.pad_left;
                        const bool in = r < w.height && c < w.width;
                        f(plane, out, r * w.width + c, in, u == 0 && v == 0);
                    }
}
template <class T>
void max_pool2d(const Window& w, const T* x, T* y, std::int32_t* winner)
{
    const std::size_t size = w.height * w.width;
    for (std::size_t k = 0; k < w.batch * w.channels * w.out_height * w.out_width; ++k)
        winner[k] = -1;
    each_window<T>(w, [&](std::size_t plane, std::size_t out, std::size_t at, bool in, bool) {
        if (!in)
            return;
        const T value = x[plane * size + at];
        if (winner[out] < 0 || value > y[out] || (value != value && y[out] == y[out])) {
            y[out] = value;
            winner[out] = static_cast<std::int32_t>(at);
        }
    });
}
template <class T>
void scatter_planes(const Window& w, const T* g, const std::int32_t* winner, T* x)
{
    const std::size_t size = w.height * w.width, outs = w.out_height * w.out_width;
    for (std::size_t k = 0; k < w.batch * w.channels * size; ++k)
        x[k] = 0;
    for (std::size_t plane = 0; plane < w.batch * w.channels; ++plane)
        for (std::size_t o = 0; o < outs; ++o)
            x[plane * size + static_cast<std::size_t>(winner[plane * outs + o])] += g[plane * outs + o];
}
template <class T>
void gather_planes(const Window& w, const T* x, const std::int32_t* winner, T* y)
{
    const std::size_t size = w.height * w.width, outs = w.out_height * w.out_width;
    for (std::size_t plane = 0; plane < w.batch * w.channels; ++plane)
        for (std::size_t o = 0; o < outs; ++o)
            y[plane * outs + o] = x[plane * size + static_cast<std::size_t>(winner[plane * outs + o])];
}
template <class T>
std::size_t inside_count(const Window& w, std::size_t out)
{
    std::size_t n = 0;
    const std::size_t i = out / w.out_width % w.out_height, j = out % w.out_width;
    for (std::size_t u = 0; u < w.kernel_height; ++u)
        for (std::size_t v = 0; v < w.kernel_width; ++v)
            n += i * w.stride_height + u * w.dilation_height - w.pad_top < w.height &&
                 j * w.stride_width + v * w.dilation_width - w.pad_left < w.width;
    return n;
}
template <class T>
void mean_pool2d(const Window& w, bool count_padding, const T* x, T* y)
{
    const std::size_t size = w.height * w.width;
    const std::size_t total = w.batch * w.channels * w.out_height * w.out_width;
    for (std::size_t k = 0; k < total; ++k)
        y[k] = 0;
    each_window<T>(w, [&](std::size_t plane, std::size_t out, std::size_t at, bool in, bool) {
        if (in)
            y[out] += x[plane * size + at];
    });
    for (std::size_t k = 0; k < total; ++k)
        y[k] /= static_cast<T>(count_padding ? w.kernel_height * w.kernel_width : inside_count<T>(w, k));
}
template <class T>
void mean_pool2d_input(const Window& w, bool count_padding, const T* g, T* x)
{
    const std::size_t size = w.height * w.width;
    for (std::size_t k = 0; k < w.batch * w.channels * size; ++k)
        x[k] = 0;
    each_window<T>(w, [&](std::size_t plane, std::size_t out, std::size_t at, bool in, bool) {
        if (in)
            x[plane * size + at] += g[out] / static_cast<T>(count_padding ? w.kernel_height * w.kernel_width : inside_count<T>(w, out));
    });
}
} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
