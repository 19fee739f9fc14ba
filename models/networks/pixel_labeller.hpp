#pragma once

#include <xgrad/base/sample_random.hpp>
#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/layers/layers.hpp>

#include <cstdint>
#include <vector>

namespace xgrad
{

/** The options of a pixel labeller. */
struct PixelLabellerOptions
{
    std::size_t maps = 24;       ///< the number of maps of H
    std::size_t steps = 3;       ///< t = 1 … steps; 2 or more, as the first step does not use W
    Size2d u = 11, w = 3, v = 7; ///< the kernels' extents
    std::ptrdiff_t dilation = 2; ///< the distance of the kernels' taps (N18): an 11×11 kernel spans 21×21 pixels
    Activation activation = Activation::relu; ///< f
    std::size_t classes = 11;                 ///< the ten digits and the background
};

/** Labels each pixel of images of any size by a recurrent convolution (N22). It guesses, and then revises the guess by
 *  the image and by its own guesses nearby.
 *
 *      H^(t) = f(U ⋆ X + W ⋆ softmax(Ŷ^(t−1)) + b),   Ŷ^(t) = V ⋆ H^(t) + c
 *
 *  The kernels U, V, W are the same for all t and have `same` padding; W ⋆ … is absent at t = 1. Ŷ are logits. The
 *  probabilities of the classes are fed back: they have the same scale at each t, whatever the scale of the logits is.
 */
template <class T>
struct PixelLabeller
{
    PixelLabellerOptions options;
    Convolution<T> u;
    Variable<T> w; ///< (maps, classes, K, K); it needs no bias, as u has one
    Convolution<T> v;

    /** @throws ShapeError if there are no maps or classes, fewer than 2 steps, or a kernel without extent */
    explicit PixelLabeller(std::uint64_t seed, const PixelLabellerOptions& options = {});

    /** @param images  (N, 1, H, W)   @return  logits (N, classes, H, W) of the last step */
    Variable<T> operator()(const Variable<T>& images) const;

    /** The parameters "u.weight", "u.bias" (b), "w.weight", "v.weight", "v.bias" (c). */
    Parameters<T> parameters() const;
    /** @param image  height and width; connections and multiply-adds are those of all steps */
    std::vector<LayerSummary> summary(Size2d image = 28) const;

  private:
    PixelLabeller(Random random, const PixelLabellerOptions& options);
    ConvolutionOptions sliding() const;
};

/** The class of a scene's pixels that are not ink. */
constexpr std::int32_t background_class = 10;

/** Composes scenes to be labelled pixel by pixel: one to three digits in a row, at random heights, which may overlap.
 *
 *  The number of digits and the size of the scenes are drawn anew for each batch. Each digit is in one scene. If the
 *  last scene lacks digits, the first ones fill it. Where digits overlap, a pixel belongs to the darker one.
 *
 *  @param digits  images (n, 1, 28, 28) with the default background and foreground of Preparation; labels (n), 0 to 9
 *  @return  images (scenes, 1, H, W), H from 28 to 32 and W from 28 to 80, and labels (scenes, H, W): the digit's class
 *           where its ink is above the middle of background and foreground, else background_class
 *  @throws ShapeError for other digits, or if there are none */
Batch compose_scene(const Batch& digits, SampleRandom random);

} // namespace xgrad
