#pragma once
// The arguments of ops: arrays, extents and options as a program may give them, also those that no array can have.

#include "input.hpp"
#include <xgrad/graph/variable.hpp>
#include <xgrad/ops/ops.hpp>

#include <limits>
#include <vector>

namespace xgrad::fuzz
{

using X = Variable<float>;

// Extents small enough that no result is large, and sizes that must be refused or cannot make a result larger.
constexpr std::size_t small_extents[] = {1, 2, 3, 4, 0, 5, 1, 2};
constexpr std::size_t extremes[] = {std::size_t{1} << 32,       (std::size_t{1} << 62) + 1, std::size_t(-3),
                                    std::size_t{1} << 63,       (std::size_t{1} << 40) + 1, std::size_t(-1),
                                    (std::size_t{1} << 31) - 1, std::size_t{1} << 40};
// These make a result larger than all memory. So they are refused, where 2^32 would be granted.
constexpr std::size_t growing_extremes[] = {(std::size_t{1} << 62) + 1, std::size_t(-3), std::size_t{1} << 63,
                                            (std::size_t{1} << 40) + 1, std::size_t(-1), std::size_t{1} << 41};

inline std::size_t extent(Input& in)
{
    const std::uint8_t byte = in.byte();
    return byte < 0xe0 ? small_extents[byte % 8] : growing_extremes[byte % 6];
}

/** A size that does not make the result larger. */
inline std::size_t any_size(Input& in)
{
    const std::uint8_t byte = in.byte();
    return byte < 0xe0 ? small_extents[byte % 8] : extremes[byte % 8];
}

inline std::ptrdiff_t length(Input& in) { return static_cast<std::ptrdiff_t>(extent(in)); }
inline Size2d size(Input& in) { return {length(in), length(in)}; }
inline Size2d any_size2d(Input& in)
{
    return {static_cast<std::ptrdiff_t>(any_size(in)), static_cast<std::ptrdiff_t>(any_size(in))};
}

inline Shape shape(Input& in, std::size_t most_axes)
{
    Shape extents(in.byte() % (most_axes + 1));
    for (std::size_t& each : extents)
        each = extent(in);
    return extents;
}

inline Array<float> array(Input& in)
{
    constexpr std::size_t most_elements = 64; // patches of such an image have 100,000
    Shape extents = shape(in, 4);
    std::size_t count = 1;
    for (std::size_t& each : extents) {
        each = each > 5 || count * each > most_elements ? 1 : each; // only options are extreme
        count *= each;
    }
    if (extents.size() > 1 && in.byte() == 0xff) { // no array has this shape, though it would have no elements
        extents.front() = 0;
        extents.back() = in.one_of(growing_extremes);
    }
    Array<float> values = empty_array<float>(extents);
    const float first = static_cast<float>(in.byte()) / 16 - 8;
    for (std::size_t i = 0; i < values.size(); ++i)
        values.data()[i] = first + static_cast<float>(i % 7);
    return values;
}

inline X x(Input& in) { return variable(array(in)); }

inline Labels labels(Input& in)
{
    constexpr std::int32_t values[] = {
        0, 1, 2, 3, 5, -1, std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()};
    Labels all = empty_array<std::int32_t>(shape(in, 2));
    if (all.size() > 64)
        return Labels(Shape{1}, 0);
    for (std::int32_t& each : all)
        each = in.one_of(values);
    return all;
}

inline float number(Input& in)
{
    constexpr float values[] = {0,
                                1,
                                -1,
                                0.5f,
                                3,
                                1e30f,
                                -1e-30f,
                                std::numeric_limits<float>::infinity(),
                                -std::numeric_limits<float>::infinity(),
                                std::numeric_limits<float>::quiet_NaN()};
    return in.one_of(values);
}

inline Axis axis(Input& in)
{
    constexpr Axis values[] = {
        0, 1, 2, 3, -1, -2, -5, 9, std::numeric_limits<Axis>::max(), std::numeric_limits<Axis>::min()};
    return in.one_of(values);
}

inline Axes axes(Input& in)
{
    Axes all = {};
    for (std::size_t count = in.byte() % 5; count > 0; --count)
        all.push_back(axis(in));
    return all;
}

inline Padding padding(Input& in)
{
    switch (in.byte() % 5) {
    case 0:
        return Padding::same;
    case 1:
        return Padding::full;
    case 2:
        return {length(in), length(in), length(in), length(in)};
    default:
        return Padding::valid;
    }
}

inline ConvolutionOptions convolution(Input& in)
{
    constexpr Algorithm algorithms[] = {Algorithm::direct, Algorithm::fft, Algorithm::separable};
    return {padding(in), any_size2d(in), size(in), length(in), in.one_of(algorithms)};
}

inline Convolution1dOptions sequence(Input& in)
{
    return {padding(in), static_cast<std::ptrdiff_t>(any_size(in)), length(in), length(in)};
}

inline Convolution3dOptions volume(Input& in)
{
    const auto any = [&] { return static_cast<std::ptrdiff_t>(any_size(in)); };
    return {padding(in), {any(), any(), any()}, {length(in), length(in), length(in)}, length(in)};
}

constexpr Activation layer_activations[] = {Activation::identity, Activation::tanh, Activation::leaky_relu,
                                            Activation::gelu};
constexpr ConvolveMode convolve_modes[] = {ConvolveMode::full, ConvolveMode::same, ConvolveMode::valid};
constexpr Interpolation interpolations[] = {Interpolation::nearest, Interpolation::bilinear,
                                            Interpolation::bilinear_corners};
constexpr const char* equations[] = {"ij,jk->ik", "i,i", "ii", "ij->ji",   "...i,...i->...", "bij,bjk", "ijk,k->",
                                     "ii,i->i",   "a,b", "",   "ij,j->kk", "i.j,j->i",       "iij->j",  "...,..."};

// A window of full padding makes the result as much larger as it is itself.
inline PatchOptions patch(Input& in) { return {padding(in), any_size2d(in), size(in)}; }
inline PoolingOptions pooling(Input& in) { return {size(in), any_size2d(in), padding(in), size(in)}; }

inline Reduction reduction(Input& in)
{
    constexpr Reduction all[] = {Reduction::mean, Reduction::sum, Reduction::none};
    return in.one_of(all);
}

inline LabelOptions<float> label_options(Input& in, const X& weights)
{
    return {in.flag() ? weights : X(), in.flag() ? std::optional<std::int32_t>(3) : std::nullopt, number(in),
            reduction(in)};
}

/** Calls f with generators for some samples. */
template <class F>
inline X with_generators(Input& in, F f)
{
    Generators all = sample_generators(1, 2, 3, any_size(in) % 8);
    return f(SampleRandom(all));
}

inline Ranges ranges(Input& in)
{
    Ranges all(in.byte() % 5);
    for (Range& each : all)
        each = {any_size(in), any_size(in), any_size(in)};
    return all;
}

inline Borders borders(Input& in)
{
    Borders all(in.byte() % 5);
    for (Border& each : all)
        each = {extent(in), extent(in)};
    return all;
}

constexpr MatrixNorm matrix_norms[] = {MatrixNorm::frobenius, MatrixNorm::nuclear, MatrixNorm::spectral};
constexpr FourierNorm fourier_norms[] = {FourierNorm::backward, FourierNorm::ortho, FourierNorm::forward};
inline std::vector<std::size_t> sizes(Input& in)
{
    std::vector<std::size_t> all(in.byte() % 4);
    for (std::size_t& each : all)
        each = extent(in);
    return all;
}

inline AxisIndex::Position position(Input& in)
{
    if (in.flag())
        return {};
    return axis(in);
}

inline std::vector<AxisIndex> places(Input& in)
{
    std::vector<AxisIndex> all;
    for (std::size_t count = in.byte() % 6; count > 0; --count)
        switch (in.byte() % 4) {
        case 0:
            all.push_back(axis(in));
            break;
        case 1:
            all.push_back(newaxis());
            break;
        case 2:
            all.push_back(ellipsis());
            break;
        default:
            all.push_back(range(position(in), position(in), axis(in)));
        }
    return all;
}

inline Mask mask(Input& in, const Shape& shape)
{
    Mask all = empty_array<bool>(shape);
    for (bool& each : all)
        each = in.flag();
    return all;
}

inline PadMode pad_mode(Input& in) { return static_cast<PadMode>(in.byte() % 5); }

inline X first_of(Variables<float> all) { return all.empty() ? constant<float>(0) : all.front(); }

inline X sum_of(const Labels& all) { return constant(Array<float>(xt::cast<float>(all))); }

} // namespace xgrad::fuzz
