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

} // namespace xgrad
