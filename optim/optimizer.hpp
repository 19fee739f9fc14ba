#pragma once

#include <xgrad/graph/parameters.hpp>
#include <xgrad/kernels/update/rules.hpp>
#include <xgrad/kernels/update/step.hpp>

#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::optim
{

/** An optimizer, which updates parameters in place from their gradients. The formulas are in kernels/update/rules.hpp.
 *
 *  Weight decay acts on weights (arrays of rank 2 and more), not on biases. */
template <class T>
class Optimizer
{
  public:
    virtual ~Optimizer() = default;
    Optimizer(const Optimizer&) = delete;
    Optimizer& operator=(const Optimizer&) = delete;

    /** Does one update. @param gradients  one for each parameter, in their order
     *  @throws ShapeError if the number or a shape is another, std::bad_alloc if there is not enough memory; then
     *  nothing has been changed */
    void step(const Variables<T>& gradients);

    T learning_rate() const { return learning_rate_; }
    /** @throws Error if it is negative or not finite */
    void set_learning_rate(T learning_rate);

    /** Gives a layer ("c1") or a parameter ("c1.weight") a learning rate of its own, `factor` times the common one
     *  (B23).
     *  @throws GraphError if there is none of that name; Error if the factor is negative or not finite */
    void scale_rate(std::string_view name, T factor);

    /** Gives each weight of a parameter a learning rate η_ij of its own, `factors` times the parameter's (B8).
     *  @throws GraphError if there is no parameter of that name; ShapeError if the factors do not have its shape; Error
     *  if one is negative or not finite */
    void scale_rates(std::string_view name, const Array<T>& factors);

    /** The number of updates so far. */
    std::uint64_t steps() const { return steps_; }

    /** The arrays that have accumulated, by name ("velocity.c1.weight"), for a checkpoint. */
    std::map<std::string, Array<T>> state() const;
    /** Restores the state of a checkpoint. @throws ShapeError if an array is missing or has another shape */
    void restore(const std::map<std::string, Array<T>>& state, std::uint64_t steps);

  protected:
    /** An optimizer of these parameters.
     *  @param slots  the names of the arrays that are kept for each parameter, zero at the start */
    Optimizer(const Parameters<T>& parameters, T learning_rate, T weight_decay, std::vector<std::string> slots);

    /** Updates elements of one parameter in place. Threads call it at once for other elements of the same parameter, so
     *  it must not depend on how a parameter is cut. It should not throw, as others have been updated. */
    virtual void update(const kernels::Step<T>& step) const = 0;

    const Parameters<T>& parameters() const { return parameters_; }
    /** The array that a slot keeps for parameter `index`. */
    Array<T>& slot(std::size_t slot, std::size_t index) { return slots_[slot][index]; }

  private:
    void update_weights(std::size_t index, const Variable<T>& gradient);
    void check_factor(std::string_view name, T factor) const;
    void check_options() const;

    Parameters<T> parameters_;
    T learning_rate_, weight_decay_;
    std::vector<Shape> shapes_;                         // of the parameters, and of their slots
    std::vector<T> rates_;                              // by parameter
    std::vector<std::optional<Array<T>>> weight_rates_; // by parameter
    std::vector<std::string> slot_names_;
    std::vector<std::vector<Array<T>>> slots_; // by slot, by parameter
    std::uint64_t steps_ = 0;
};

/** The optimizer of an update rule: `SGD`, `Momentum` and so on, each by the name of its rule. */
template <class T, template <class> class Rule>
class RuleOptimizer : public Optimizer<T>
{
  public:
    using Options = typename Rule<T>::Options;
    template <class Given = Options>
    explicit RuleOptimizer(const Parameters<T>& parameters, const Given& options = {})
        : Optimizer<T>(parameters, named(options).learning_rate, named(options).weight_decay,
                       {Rule<T>::kept.begin(), Rule<T>::kept.end()}),
          options_(named(options))
    {}

    /** Sets the curvature of SDLM for the next steps. @param h  one array for each parameter, as
     *  `gauss_newton_diagonal` gives
     *  @throws ShapeError if the number or a shape is another */
    void set_curvature(const std::vector<Array<T>>& h) requires std::same_as<Rule<T>, update_rules::SDLM<T>>;
    void set_mu(T mu) requires std::same_as<Rule<T>, update_rules::SDLM<T>> { options_.mu = mu; }

  private:
    template <class Given>
    static const Options& named(const Given& options)
    {
        if constexpr (std::is_same_v<Given, Options>) {
            return options;
        } else {
            static_assert(std::is_same_v<Given, Options>,
                          "options have names: Adam(parameters, {.learning_rate = 0.01})");
            static const Options none{};
            return none;
        }
    }
    void update(const kernels::Step<T>& step) const override;

    Options options_;
};

#define XGRAD_CLASS(Rule)                                                                                              \
    template <class T>                                                                                                 \
    using Rule = RuleOptimizer<T, update_rules::Rule>;
XGRAD_UPDATE_RULES(XGRAD_CLASS)
#undef XGRAD_CLASS

/** The names that `make_optimizer` takes. */
std::vector<std::string> optimizer_names();

/** The weight decay that a rule has by itself: 0.01 for "adamw", 0 for the others and for unknown names. */
double usual_weight_decay(std::string_view name);

/** An optimizer by its name in lower case, such as "sgd"; its other options are the defaults, also the weight decay if
 *  none is given.
 *  @throws Error if there is none of that name */
template <class T>
std::unique_ptr<Optimizer<T>> make_optimizer(std::string_view name, const Parameters<T>& parameters, T learning_rate,
                                             std::optional<std::type_identity_t<T>> weight_decay = {});

} // namespace xgrad::optim
