#pragma once
// A training that somebody watches, step by step.

#include "message.hpp"
#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/training/training.hpp>

#include <string_view>

namespace xgrad::explorer
{

/** The digits of two pairs of IDX files, as MNIST's. @throws DataError if a file is damaged */
Dataset read_digits(std::string_view train_images, std::string_view train_labels, std::string_view test_images,
                    std::string_view test_labels);

/** The training that a request begins: as `xgrad train MODEL` with these options. It refers to the data. */
Training begun(const Request& request, const Dataset& data);

/** Some steps more; at the end of an epoch nothing but its evaluation. */
Json taken_steps(Training& training, std::size_t steps);

/** A histogram of the gradient of each parameter, over the first images that are learned from. */
Json histograms(const Training& training);

} // namespace xgrad::explorer
