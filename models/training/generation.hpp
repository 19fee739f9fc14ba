#pragma once

#include <xgrad/base/random.hpp>
#include <xgrad/graph/variable.hpp>

#include <cstddef>
#include <functional>
#include <string>

namespace xgrad
{

/** A model of text: maps characters (N, L) to the logits (N, 256, L) of the character after each. */
using CharacterModel = std::function<Variable<float>(const Variable<float>& text)>;

/** Continues a text by drawing one character after the other from the probabilities softmax(logits / temperature).
 *
 *  @param text         the beginning: one character or more
 *  @param count        the number of characters that are added
 *  @param temperature  1 for the model's own probabilities; near 0, the likeliest character is always taken
 *  @return             the added characters. The model sees the last text_context ones at each step.
 *  @throws ShapeError if there is no beginning, or the model returns another shape
 *  @throws Error if the temperature is not positive */
std::string continue_text(const CharacterModel& model, const std::string& text, std::size_t count, double temperature,
                          Random& random);

} // namespace xgrad
