#pragma once
// The networks whose gradients people derived by hand: the library's network and the handwritten backward pass.

#include "oracles/planted.hpp"
#include <xgrad/graph/parameters.hpp>
#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/networks/architecture.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace xgrad::command
{

/** The values of a forward pass, under the names of the handwritten passes. A value may have a probe, a leaf of zeros
 *  that is added to it: the probe's gradient is the value's. */
class Values
{
  public:
    explicit Values(const Parameters<double>& probes = {});

    /** Notes a value. @return  the value with its probe added */
    Variable<double> operator()(const std::string& name, Variable<double> value);
    const std::map<std::string, Variable<double>>& all() const { return values_; }

  private:
    std::map<std::string, Variable<double>> probes_, values_;
};

/** A network in double, and its backward pass by hand. */
struct Handwritten
{
    Parameters<double> parameters;
    Preparation preparation; ///< the preparation of the images
    std::function<Variable<double>(Values&, const Array<double>& images, const Labels&)> loss; ///< notes all values
    std::function<void(oracles::Tensors&, std::size_t label)> add_target; ///< adds the target to the values of a sample
    oracles::Steps steps;
    oracles::Mistakes mistakes;                        ///< the mistakes that can be planted
    std::string note = {};                             ///< a remark on rows that look odd
    std::size_t channels = 1, height = 28, width = 28; ///< the images, before their preparation; 0: any size
    std::size_t classes = 10;

    bool has(const std::string& parameter) const;
};

struct HandwrittenModel
{
    std::string name;
    std::vector<ModelOption> options; ///< the options that the handwritten pass has, too
    Handwritten (*make)(std::uint64_t seed, const Choices& choices);
};

const std::vector<HandwrittenModel>& handwritten_models();

/** Makes the network of a model. @throws Error for an unknown model, option or value; the message lists the known ones
 */
Handwritten make_handwritten(const std::string& model, std::uint64_t seed, const Choices& given);

/** The values of the library's forward pass for a batch. */
Values values_of(const Handwritten& network, const Array<double>& images, const Labels& labels);

/** The gradients of a handwritten pass, and the time of each of its steps. */
struct FoundByHand
{
    std::map<std::string, Array<double>> gradients;
    std::map<std::string, double> seconds;
};

/** Runs the steps over a batch, one sample at a time, with the values of the library's forward pass. */
FoundByHand run_by_hand(const Handwritten& network, const Array<double>& images, const Labels& labels);

} // namespace xgrad::command
