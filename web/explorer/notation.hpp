#pragma once
// Formulas in the notation of the papers, computed: "rot180(conv2(x, rot180(δ), 'valid'))".

#include <xgrad/base/array.hpp>
#include <xgrad/base/error.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::explorer
{

/** A formula that cannot be read or computed, and where. */
class NotationError : public Error
{
  public:
    NotationError(const std::string& what, std::size_t place) : Error(what), place_(place) {}
    /** The number of characters before the place. */
    std::size_t place() const { return place_; }

  private:
    std::size_t place_;
};

/** Computes a formula of matrices, as MATLAB writes them.
 *
 *  Names are those of the arrays; delta, alpha and beta may stand for δ, α and β. Operators, from the loosest:
 *  == (1 where equal, else 0); + −; * (the product of matrices, or with a number) / .* ./ ∘; the sign −; ^ and .^ (of
 *  each element); the transpose '. Arrays of different sizes are broadcast. Functions: notation_functions().
 *
 *  @param given  arrays of up to two axes; an array of one axis is a column
 *  @return  an array of two axes, or a number
 *  @throws NotationError if it cannot be read, or sizes do not fit */
Array<double> evaluate(std::string_view formula, const std::map<std::string, Array<double>>& given);

/** A function of the notation: "conv2(a, b, 'valid')". */
struct NotationFunction
{
    const char *sample, *meaning;
};

const std::vector<NotationFunction>& notation_functions();

} // namespace xgrad::explorer
