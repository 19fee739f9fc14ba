#pragma once
// Trials of wrong rules on the tape of a loss: the gradients that a mistake at some op would give.

#include <xgrad/graph/tape.hpp>
#include <xgrad/inspect/comparison/mistakes.hpp>
#include <xgrad/inspect/layers.hpp>

#include <functional>
#include <string>
#include <vector>

namespace xgrad::detail
{

/** A place where a rule runs: an input of an op. */
struct Place
{
    std::size_t op;
    std::uint32_t input;

    friend bool operator==(const Place&, const Place&) = default;
};

/** A wrong rule, and the places where it replaces the right one. */
struct Trial
{
    std::function<std::string()> words;
    const char* section;
    bool general;
    std::vector<Place> places;
    std::function<std::optional<Array<double>>(const Step&)> wrong;
};

/** The tape of a loss, kept for any number of sweeps. */
class Trials
{
  public:
    Trials(const std::function<Variable<double>()>& loss, const Parameters<double>& parameters);

    /** Every usual mistake at every op where it makes a difference, and at all ops of a name at once. */
    std::vector<Trial> usual() const;
    /** A trial with this gradient as the sensitivity of the value to which the parameter is added. It has no places if
     *  the parameter is added to nothing. */
    Trial with_sensitivity(std::size_t parameter, const Array<double>& gradient) const;

    /** The place on the tape of the first op that reads a parameter. */
    std::size_t reader_of(std::size_t parameter) const;

    /** The gradients of all parameters with these wrong rules. */
    std::vector<Array<double>> gradients(const std::vector<const Trial*>& trials) const;

  private:
    std::string description(const Place& place) const;
    void find_layers();
    bool is_in_layer(std::size_t op, std::size_t layer) const;
    std::string in_layer(const std::string& name, std::size_t op) const;
    std::string expression(const Variable<double>& value, int depth) const;
    bool is_recorded(const Variable<double>& value) const;
    Variables<double> sweep() const;

    PauseRecording independent_of_outer_tapes_;
    Parameters<double> parameters_;
    std::vector<KeptOp> ops_;
    std::vector<PassValue> pass_;     // with the leaves and constants that the ops read
    std::vector<std::size_t> places_; // of the ops in it
    Layers layers_;
    mutable Tape tape_;
    Variable<double> loss_;
};

} // namespace xgrad::detail
