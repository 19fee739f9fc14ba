#pragma once
// The search for wrong rules, and for missing paths, that explain how gradients differ.

#include <xgrad/inspect/comparison/trials.hpp>
#include <xgrad/inspect/comparison/wording.hpp>

#include <chrono>
#include <string>
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
    Trials::Gradients right;           ///< with the mistakes that are taken
    Trials::Gradients by_hand;
    std::vector<double> allowed;       ///< the largest difference between equal elements
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

/** A mistake that explains some of the rows that are open, and contradicts none that is fixed. */
struct Finding
{
    Trial trial = {};
    std::string words = {};
    const char* section = "";
    std::string what = {};  ///< which of several similar mistakes it is
    std::size_t rank = 0;   ///< its place in the table of usual mistakes
    bool general = false;
    std::vector<std::size_t> explained = {};
    bool touches = false;     ///< it changes rows that are open, but does not explain them
    std::size_t evidence = 0; ///< the number of elements that differ and are explained
    bool is_path = false;     ///< a path counts `factor` times
    double factor = 0;
    bool is_whole = false; ///< the whole gradients of the rows that it explains come along the path
};

/** The mistakes that explain all open rows, if there are any; else those that explain some. */
std::vector<Finding> find_mistakes(const Trials& trials, const Wording& wording, const Rows& rows, const Taken& taken,
                                   Budget& budget);

/** The first two paths that explain all open rows if both are missing. */
std::vector<Finding> find_two_paths(const Trials& trials, const Wording& wording, const Rows& rows, const Taken& taken,
                                    Budget& budget);

/** Paths in words: those that are parts of one chain become one. */
std::vector<Finding> as_chains(std::vector<Finding> paths, const Trials& trials, const Wording& wording);

} // namespace xgrad::detail
