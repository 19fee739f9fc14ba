#pragma once
// The reasons for a difference in words: one, or all that fit.

#include <xgrad/inspect/comparison/explanation.hpp>
#include <xgrad/inspect/comparison/search.hpp>

#include <string>
#include <vector>

namespace xgrad::detail
{

/** All reasons that fit, with the trial of the first one if it is a wrong rule. */
struct Reasons
{
    std::string words = {};
    const char* section = "";
    Trial trial = {};
};

class Readings
{
  public:
    Readings(const Trials& trials, const Wording& wording, const Rows& rows, const Taken& taken,
             const CompareOptions& options);

    /** The reasons for some rows that one mistake explains; empty if there is none.
     *  @param findings  mistakes that explain exactly these rows */
    Reasons of(const std::vector<std::size_t>& rows, const std::vector<Finding>& findings) const;
    /** The mistake in a gradient itself. */
    Explanation own(std::size_t row) const;
    /** The same, or that in a part of it which comes from one of several uses of the parameter. */
    Explanation own_or_of_uses(std::size_t row) const;
    /** All that can be said of a row that no mistake explains. */
    Explanation last(std::size_t row) const;

  private:
    struct Common
    {
        double factor = 1;
        bool is_global = false; ///< all gradients that are not 0 have it
    };
    std::optional<Common> common_factor(const std::vector<std::size_t>& rows) const;
    FactorContext context(bool is_global) const;
    bool has_fixed_row() const;

    const Trials& trials_;
    const Wording& wording_;
    const Rows& rows_;
    const Taken& taken_;
    const CompareOptions& options_;
    bool has_squared_error_;
};

} // namespace xgrad::detail
