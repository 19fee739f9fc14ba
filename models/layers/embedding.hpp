#pragma once

#include <xgrad/models/layers/layers.hpp>

namespace xgrad
{

/** A table of vectors, one for each word of a vocabulary: y[…, :] = weight[words[…], :]. Words are (…), from 0 on, and
 * y is (…, width). The weight (words, width) starts normal with variance 1, as in PyTorch. */
template <class T>
struct Embedding
{
    Variable<T> weight;

    /** @throws ShapeError if there are no words */
    Embedding(std::size_t words, std::size_t width, Random& random);
    /** @throws ShapeError if a word is not one of the table */
    Variable<T> operator()(const Labels& words) const;
    Parameters<T> parameters() const { return {{"weight", weight}}; }
};

/** @param output  of one sample: (…, width) */
template <class T>
LayerSummary summarize(std::string name, const Embedding<T>& layer, const Shape& output);

/** The places of a sequence as vectors, to be added to those of its words (Vaswani et al. 2017): a constant
 *  y[t, 2i] = sin(t·10000^{−2i/D}), y[t, 2i + 1] = cos(t·10000^{−2i/D}). A step to another place is a rotation of y,
 *  so a layer soon learns to look at the places just before. @return  (length, width), D = width */
template <class T>
Variable<T> sinusoidal_places(std::size_t length, std::size_t width);

} // namespace xgrad
