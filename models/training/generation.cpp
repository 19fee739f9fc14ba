#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/models/data/text.hpp>
#include <xgrad/models/training/generation.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace xgrad
{

namespace
{

/** The logits of the character after a text. */
std::vector<double> next_logits(const CharacterModel& model, std::string_view text)
{
    Array<float> seen = empty_array<float>({1, text.size()});
    std::transform(text.begin(), text.end(), seen.data(),
                   [](char each) { return static_cast<float>(static_cast<unsigned char>(each)); });
    const Variable<float> all = model(constant(std::move(seen)));
    if (all.shape() != Shape{1, character_classes, text.size()})
        throw ShapeError(fmt::format("[continue_text] the model returned {}: logits {} are needed",
                                     to_string(all.shape()), to_string(Shape{1, character_classes, text.size()})));
    std::vector<double> last(character_classes);
    for (std::size_t k = 0; k < last.size(); ++k)
        last[k] = static_cast<double>(all.data()[(k + 1) * text.size() - 1]);
    return last;
}

/** A class k, drawn with probability softmax(logits / temperature)_k. */
std::size_t drawn(std::vector<double> logits, double temperature, Random& random)
{
    const double largest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (double& each : logits)
        sum += each = std::exp((each - largest) / temperature);
    double left = random.uniform() * sum;
    std::size_t k = 0;
    while (k + 1 < logits.size() && (left -= logits[k]) >= 0)
        ++k;
    return k;
}

} // namespace

std::string continue_text(const CharacterModel& model, const std::string& text, std::size_t count, double temperature,
                          Random& random)
{
    if (text.empty())
        throw ShapeError("[continue_text] there is no text to continue: give one character or more");
    if (!(temperature > 0))
        throw Error(fmt::format("[continue_text] a temperature of {}: it has to be positive", temperature));
    const PauseRecording pause;
    std::string whole = text;
    for (std::size_t k = 0; k < count; ++k) {
        const std::size_t begin = whole.size() - std::min(whole.size(), text_context);
        whole +=
            static_cast<char>(drawn(next_logits(model, std::string_view(whole).substr(begin)), temperature, random));
    }
    return whole.substr(text.size());
}

} // namespace xgrad
