#pragma once

#include <xgrad/base/ranks.hpp>
#include <xgrad/models/training/classifier.hpp>

#include <vector>

namespace xgrad
{

/** The results of a classifier on labelled images, or on the windows of a text. */
struct Evaluation
{
    std::vector<std::vector<std::size_t>> confusion; ///< the counts by true and by predicted class
    std::size_t count = 0, wrong = 0;                ///< the numbers of answers: of images, pixels or characters
    double loss = 0; ///< the mean loss; infinite if a label is not one of the network's classes

    /** The fraction of wrong answers. */
    double error() const { return static_cast<double>(wrong) / static_cast<double>(count); }
};

/** The class of each image, in chunks over all threads; nothing is recorded. */
Labels predict(const Classifier& classifier, const Images& images);

/** The results on these images. @param ranks  processes that share them; each gets the results
 *  @throws ShapeError if there are none, or if the classifier does not take their size */
Evaluation evaluate(const Classifier& classifier, const Images& images, Ranks* ranks = nullptr);

} // namespace xgrad
