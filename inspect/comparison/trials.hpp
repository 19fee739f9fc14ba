#pragma once
// Trials of wrong rules on the tape of a loss: the gradients that a mistake at some op would give.

#include <xgrad/graph/tape.hpp>
#include <xgrad/inspect/comparison/mistakes.hpp>

#include <functional>
#include <string>
#include <vector>

namespace xgrad::detail
{

/** A place where a rule runs: an input of an op. */
struct Place
{
    std::size_t op = 0;
    std::uint32_t input = 0;

    friend auto operator<=>(const Place&, const Place&) = default;
};

/** A wrong rule, and the places where it replaces the right one. */
struct Trial
{
    std::vector<Place> places = {};
    std::function<std::optional<Array<double>>(const Step&)> rule = {};
};
using Taken = std::vector<Trial>;

/** The tape of a loss, kept for any number of sweeps. Nothing that a wrong rule does reaches the caller: one that
 *  throws, or that gives another shape, is not applied. */
class Trials
{
  public:
    using Gradients = std::vector<Array<double>>; ///< one for each parameter

    Trials(const std::function<Variable<double>()>& loss, const Parameters<double>& parameters);

    const std::vector<KeptOp>& ops() const { return ops_; }
    const Parameters<double>& parameters() const { return parameters_; }
    bool is_recorded(const Variable<double>& value) const;
    bool is_parameter(const Variable<double>& value, std::size_t parameter) const;

    /** The places whose rules lead from the loss to a parameter, in the order of the sweep. */
    const std::vector<Place>& places() const { return places_; }
    /** The parameters behind a place: those that a change of its rule may change. */
    const std::vector<bool>& behind(const Place& place) const;

    /** The gradients with these wrong rules. */
    Gradients gradients(const Taken& wrong = {}) const;
    /** The change of all gradients if the gradient of a value changes by `by`. */
    Gradients change(const Variable<double>& value, const Array<double>& by, const Taken& wrong = {}) const;
    /** Calls f for the rules at some places, which are sorted. */
    void visit(const std::vector<Place>& places, const Taken& wrong, const std::function<void(const Step&)>& f) const;

    /** A trial with this gradient as the sensitivity of the value to which the parameter is added. It has no places if
     *  the parameter is added to nothing. */
    Trial with_sensitivity(std::size_t parameter, const Array<double>& gradient) const;

    /** The sizes of what is added up to each gradient: a gradient is 0 but for rounding if it is less than some 1e-11
     *  of its size. */
    std::vector<double> sizes() const;
    /** The numbers of rules after which the sweep has completed each gradient. */
    std::vector<std::size_t> turns() const;

  private:
    void find_places();
    Variables<double> sweep() const;

    PauseRecording independent_of_outer_tapes_;
    Parameters<double> parameters_;
    std::vector<KeptOp> ops_;
    std::vector<std::size_t> owners_; // the place of the first result of the op that gives a value
    std::vector<Place> places_;
    std::vector<std::vector<bool>> behind_values_; // the parameters behind the input of each of places_
    mutable Tape tape_;
    Variable<double> loss_;
};

} // namespace xgrad::detail
