#pragma once
// The gradients that a search for mistakes explains, and the time that it takes.

#include <xgrad/inspect/comparison/trials.hpp>

#include <chrono>
#include <vector>

namespace xgrad::detail
{

/** The gradients of a comparison, as far as a search needs them. */
struct Rows
{
    enum State : unsigned char
    {
        open,   ///< it differs and is not explained yet
        fixed,  ///< it agrees, or is explained: an explanation must not change it
        ignored ///< it could not be compared
    };
    Trials::Gradients right; ///< the gradients with the mistakes that are taken
    Trials::Gradients by_hand;
    std::vector<double> allowed; ///< the largest difference between equal elements
    std::vector<State> states;

    std::vector<std::size_t> all_open() const;
    bool are_equal(std::size_t row, const Array<double>& a, const Array<double>& b) const;
};

/** Returns whether two changes of the gradients are equal. */
bool has_same_effect(const Rows& rows, const Trials::Gradients& a, const Trials::Gradients& b);

/** The time for trials: 3 seconds or 300 sweeps, whichever is more. */
class Budget
{
  public:
    bool spend();
    bool is_spent() const { return spent_; }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::size_t sweeps_ = 0;
    bool spent_ = false;
};

} // namespace xgrad::detail
