#pragma once

#include <xgrad/models/training/classifier.hpp>

#include <vector>

namespace xgrad
{

/** How a classifier does on labelled images. */
struct Evaluation
{
    std::vector<std::vector<std::size_t>> confusion; ///< counts, by true and by predicted class
    std::size_t count = 0, wrong = 0;

    /** The fraction that is wrong. */
    double error() const { return static_cast<double>(wrong) / static_cast<double>(count); }
};

/** The class of each image, in chunks over all threads; nothing is recorded. */
Labels predict(const Classifier& classifier, const Images& images);

/** @throws ShapeError if there are no images, or they are of a size that the classifier does not take */
Evaluation evaluate(const Classifier& classifier, const Images& images);

} // namespace xgrad
