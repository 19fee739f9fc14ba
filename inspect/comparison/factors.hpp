#pragma once
// Factors in words.

#include <cstddef>
#include <string>

namespace xgrad::detail
{

/** Facts about a comparison that decide which reasons a factor can have. */
struct FactorContext
{
    std::size_t samples = 0;        ///< N, or 0
    bool has_squared_error = false; ///< true if the ½ or the 2 of a squared error can be meant
};

/** Returns whether a factor is −1, 0, ½ or 2. */
bool is_simple(double factor);

/** The factor as a well-known number, "ln 2" or "1/√3"; empty if it is none. */
std::string known_number(double factor);

/** A factor as a number of times: "twice", "half", "−1 times", "ln 2 times". */
std::string times_in_words(double factor);

/** A factor with its reason, or with all reasons that fit. */
struct FactorReading
{
    std::string words = {};
    bool is_known = false; ///< true if it is more than some number
};

/** The reading of a factor between gradients of some elements. It is empty if the factor is 1, or if it is unknown and
 *  the elements are fewer than 3: one number is a multiple of any other. */
FactorReading read_factor(double factor, std::size_t elements, const FactorContext& context);

} // namespace xgrad::detail
