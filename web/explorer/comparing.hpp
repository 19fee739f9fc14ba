#pragma once
// Gradients held against autodiff: those of a student, and those of the handwritten passes with a mistake in them.

#include "message.hpp"
#include <xgrad/inspect/comparison/compare.hpp>
#include <xgrad/models/data/dataset.hpp>

#include <string>

namespace xgrad::explorer
{

/** A comparison as the page shows it. */
Json json_of(const Comparison& comparison, Answer& answer);

/** The problems: layers whose backward pass somebody has to write. */
Json problems(Answer& answer);

/** A gradient of a problem, held against autodiff. @throws Error if there is no such problem */
Json check(const std::string& problem, const Array<double>& gradient, Answer& answer);

/** The mistakes that can be planted in a model's handwritten pass with its usual options. */
Json mistakes(const std::string& model);

/** The handwritten pass with a mistake, or without one if the name is empty, held against autodiff, as
 *  `xgrad compare MODEL --plant MISTAKE` does. @throws Error if there is no such model or mistake */
Json plant(const std::string& model, const std::string& mistake, const Images& images, std::size_t samples,
           Answer& answer);

} // namespace xgrad::explorer
