#pragma once

#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/layers/layers.hpp>

#include <cstdint>
#include <vector>

namespace xgrad
{

/** What a pixel labeller leaves open. */
struct PixelLabellerOptions
{
    std::size_t maps = 24;       ///< of H
    std::size_t steps = 3;       ///< t = 1 … steps; 2 or more, as W has no part in the first
    Size2d u = 11, w = 3, v = 7; ///< the kernels' extents
    std::ptrdiff_t dilation = 2; ///< the distance of the kernels' taps (N18): an 11×11 kernel spans 21×21 pixels
    Activation activation = Activation::relu; ///< f
    std::size_t classes = 11;                 ///< ten digits and the background
};

/** Labels each pixel of images of any size by a recurrent convolution (N22): it guesses, and revises the guess in view
 *  of the image and of what it guessed nearby.
 *
 *      H^(t) = f(U ⋆ X + W ⋆ softmax(Ŷ^(t−1)) + b),   Ŷ^(t) = V ⋆ H^(t) + c
 *
 *  The kernels U, V, W are the same for all t and have `same` padding; W ⋆ … is absent at t = 1. Ŷ are logits. Fed back
 *  are the probabilities of the classes: a labelling, of the same scale at each t, whatever that of the logits. */
template <class T>
struct PixelLabeller
{
    PixelLabellerOptions options;
    Convolution<T> u;
    Variable<T> w; ///< (maps, classes, K, K); its bias would be u's
    Convolution<T> v;

    /** @throws ShapeError if there are no maps or classes, fewer than 2 steps, or a kernel without extent */
    explicit PixelLabeller(std::uint64_t seed, const PixelLabellerOptions& options = {});

    /** @param images  (N, 1, H, W)   @return  logits (N, classes, H, W) of the last step */
    Variable<T> operator()(const Variable<T>& images) const;

    /** Named "u.weight", "u.bias" (b), "w.weight", "v.weight", "v.bias" (c). */
    Parameters<T> parameters() const;
    /** @param image  height and width; connections and products are those of all steps */
    std::vector<LayerSummary> summary(Size2d image = 28) const;

  private:
    PixelLabeller(Random random, const PixelLabellerOptions& options);
    ConvolutionOptions sliding() const;
};

/** The class of a scene's pixels that are not ink. */
constexpr std::int32_t background_class = 10;

/** Scenes to be labelled pixel by pixel: one to three digits in a row, at random heights, now apart, now overlapping.
 *
 *  How many, and the size of the scenes, is drawn anew for each batch. Each digit is in one scene; the first ones again
 *  in the last scene, if some are lacking there. Where digits overlap, a pixel is the darker one's.
 *
 *  @param digits  images (n, 1, 28, 28) with the default background and foreground of Preparation; labels (n), 0 to 9
 *  @return  images (scenes, 1, H, W), H from 28 to 32 and W from 28 to 80, and labels (scenes, H, W): the digit's class
 *           where its ink is above the middle of background and foreground, else background_class
 *  @throws ShapeError for other digits, or none */
Batch compose_scene(const Batch& digits, Random& random);

} // namespace xgrad
