#pragma once
// The networks that people derived by hand: the library's, and the steps of the handwritten backward pass beside it.

#include "oracles/planted.hpp"
#include <xgrad/graph/parameters.hpp>
#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/networks/architecture.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace xgrad::command
{

/** The values of a forward pass, under the names that the handwritten passes give them. To a value that has a probe, a
 *  leaf of zeros, the probe is added: its gradient is the value's. */
class Values
{
  public:
    explicit Values(const Parameters<double>& probes = {});

    /** Notes a value. @return  it, with its probe */
    Variable<double> operator()(const std::string& name, Variable<double> value);
    const std::map<std::string, Variable<double>>& all() const { return values_; }

  private:
    std::map<std::string, Variable<double>> probes_, values_;
};

/** A network in double, and its backward pass by hand. */
struct Handwritten
{
    Parameters<double> parameters;
    Preparation preparation;                                                                   ///< of the images
    std::function<Variable<double>(Values&, const Array<double>& images, const Labels&)> loss; ///< notes all values
    std::function<void(oracles::Tensors&, std::size_t label)> add_target; ///< to the values of a sample
    oracles::Steps steps;
    oracles::Mistakes mistakes; ///< that can be planted
    std::string note = {};      ///< on rows that look odd
};

struct HandwrittenModel
{
    std::string name;
    std::vector<ModelOption> options; ///< that the handwritten pass has too
    Handwritten (*make)(std::uint64_t seed, const Choices& choices);
};

const std::vector<HandwrittenModel>& handwritten_models();

/** @throws Error for a model, an option or a value that there is not, with those that there are */
Handwritten make_handwritten(const std::string& model, std::uint64_t seed, const Choices& given);

/** What a handwritten pass found, and how long each of its steps took. */
struct FoundByHand
{
    std::map<std::string, Array<double>> gradients;
    std::map<std::string, double> seconds;
};

/** Runs the steps over a batch, one sample at a time, from the values that the library's forward pass had. */
FoundByHand run_by_hand(const Handwritten& network, const Array<double>& images, const Labels& labels);

} // namespace xgrad::command
