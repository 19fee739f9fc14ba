#pragma once

#include <xgrad/graph/parameters.hpp>
#include <xgrad/kernels/update/step.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::optim
{

/** Updates parameters in place from their gradients.
 *
 *  w is a parameter, g its gradient, η the learning rate, λ the weight decay. Where the comment of an optimizer does
 * not say otherwise, λ adds λ·w to g. Weight decay acts on weights (arrays of rank 2 and more), not on biases. */
template <class T>
class Optimizer
{
  public:
    virtual ~Optimizer() = default;
    Optimizer(const Optimizer&) = delete;
    Optimizer& operator=(const Optimizer&) = delete;

    /** One update. @param gradients  one for each parameter, in their order
     *  @throws ShapeError if the number or a shape is another; then nothing has been changed */
    void step(const Variables<T>& gradients);

    T learning_rate() const { return learning_rate_; }
    void set_learning_rate(T learning_rate) { learning_rate_ = learning_rate; }

    /** A learning rate of its own for a layer ("c1") or a parameter ("c1.weight"): `factor` times the others' (B23).
     *  @throws GraphError if there is none of that name; Error if the factor is negative or not finite */
    void scale_rate(std::string_view name, T factor);

    /** A learning rate η_ij of its own for each weight of a parameter: `factors` times the others' (B8).
     *  @throws GraphError if there is no parameter of that name; ShapeError if the factors do not have its shape; Error
     *  if one is negative or not finite */
    void scale_rates(std::string_view name, const Array<T>& factors);

    /** The number of updates so far. */
    std::uint64_t steps() const { return steps_; }

    /** What has accumulated, by name ("velocity.c1.weight"), for a checkpoint. */
    std::map<std::string, Array<T>> state() const;
    /** Goes on from a checkpoint. @throws ShapeError if an array is missing or has another shape */
    void restore(const std::map<std::string, Array<T>>& state, std::uint64_t steps);

  protected:
    /** @param slots  the names of the arrays that are kept for each parameter, zero at the start */
    Optimizer(const Parameters<T>& parameters, T learning_rate, T weight_decay, std::vector<std::string> slots);

    /** Updates elements of one parameter in place. Threads call it at once for other elements of the same one, so it
     * must not depend on how a parameter is cut. */
    virtual void update(const kernels::Step<T>& step) const = 0;

    const Parameters<T>& parameters() const { return parameters_; }
    /** What is kept for parameter `index` in a slot. */
    Array<T>& slot(std::size_t slot, std::size_t index) { return slots_[slot][index]; }

  private:
    void update_in_pieces(const kernels::Step<T>& step) const;
    void update_weights(std::size_t index, const Variable<T>& gradient);
    void check_factor(std::string_view name, T factor) const;

    Parameters<T> parameters_;
    T learning_rate_, weight_decay_;
    std::vector<T> rates_;                              // by parameter
    std::vector<std::optional<Array<T>>> weight_rates_; // by parameter
    std::vector<std::string> slot_names_;
    std::vector<std::vector<Array<T>>> slots_; // by slot, by parameter
    std::uint64_t steps_ = 0;
};

/** w ← w − η·g (B8, H-GD). */
template <class T>
class SGD : public Optimizer<T>
{
  public:
    struct Options
    {
        T learning_rate = T(0.01);
        T weight_decay = 0;
    };
    explicit SGD(const Parameters<T>& parameters, const Options& options = {})
        : Optimizer<T>(parameters, options.learning_rate, options.weight_decay, {})
    {}

  private:
    void update(const kernels::Step<T>& step) const override;
};

/** Heavy ball: v ← μ·v + g, w ← w − η·v. */
template <class T>
class Momentum : public Optimizer<T>
{
  public:
    struct Options
    {
        T learning_rate = T(0.01);
        T momentum = T(0.9);
        T weight_decay = 0;
    };
    explicit Momentum(const Parameters<T>& parameters, const Options& options = {})
        : Optimizer<T>(parameters, options.learning_rate, options.weight_decay, {"velocity"}),
          momentum_(options.momentum)
    {}

  private:
    void update(const kernels::Step<T>& step) const override;
    T momentum_;
};

/** Nesterov's momentum, with the gradient taken where the weights are: v ← μ·v + g, w ← w − η·(g + μ·v). */
template <class T>
class Nesterov : public Optimizer<T>
{
  public:
    using Options = typename Momentum<T>::Options;
    explicit Nesterov(const Parameters<T>& parameters, const Options& options = {})
        : Optimizer<T>(parameters, options.learning_rate, options.weight_decay, {"velocity"}),
          momentum_(options.momentum)
    {}

  private:
    void update(const kernels::Step<T>& step) const override;
    T momentum_;
};

/** Adam (Kingma and Ba 2015): m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − η·m̂/(√v̂ + ε), with the bias-corrected
 *  m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). */
template <class T>
class Adam : public Optimizer<T>
{
  public:
    struct Options
    {
        T learning_rate = T(0.001);
        T beta1 = T(0.9), beta2 = T(0.999);
        T epsilon = T(1e-8);
        T weight_decay = 0;
    };
    explicit Adam(const Parameters<T>& parameters, const Options& options = {}) : Adam(parameters, options, false) {}

  protected:
    Adam(const Parameters<T>& parameters, const Options& options, bool decoupled)
        : Optimizer<T>(parameters, options.learning_rate, options.weight_decay, {"mean", "square"}),
          options_(options),
          decoupled_(decoupled)
    {}

  private:
    void update(const kernels::Step<T>& step) const override;
    Options options_;
    bool decoupled_;
};

/** AdamW (Loshchilov and Hutter 2019): Adam with the decay outside of the gradient, w ← w − η·λ·w before the update. */
template <class T>
class AdamW : public Adam<T>
{
  public:
    using Options = typename Adam<T>::Options;
    explicit AdamW(const Parameters<T>& parameters, const Options& options = {.weight_decay = T(0.01)})
        : Adam<T>(parameters, options, true)
    {}
};

/** RMSProp (Hinton): v ← ρ·v + (1−ρ)g², w ← w − η·g/(√v + ε). */
template <class T>
class RMSProp : public Optimizer<T>
{
  public:
    struct Options
    {
        T learning_rate = T(0.001);
        T decay = T(0.9);
        T epsilon = T(1e-8);
        T weight_decay = 0;
    };
    explicit RMSProp(const Parameters<T>& parameters, const Options& options = {})
        : Optimizer<T>(parameters, options.learning_rate, options.weight_decay, {"square"}), options_(options)
    {}

  private:
    void update(const kernels::Step<T>& step) const override;
    Options options_;
};

/** Adagrad (Duchi, Hazan and Singer 2011): v ← v + g², w ← w − η·g/(√v + ε). */
template <class T>
class Adagrad : public Optimizer<T>
{
  public:
    struct Options
    {
        T learning_rate = T(0.01);
        T epsilon = T(1e-10);
        T weight_decay = 0;
    };
    explicit Adagrad(const Parameters<T>& parameters, const Options& options = {})
        : Optimizer<T>(parameters, options.learning_rate, options.weight_decay, {"square"}), epsilon_(options.epsilon)
    {}

  private:
    void update(const kernels::Step<T>& step) const override;
    T epsilon_;
};

/** Stochastic diagonal Levenberg–Marquardt (B23; LeCun et al. 1998, appendix C): each weight has its own step by the
 *  curvature h along it, w ← w − η/(μ + h)·g. Without any curvature given, h = 0. */
template <class T>
class SDLM : public Optimizer<T>
{
  public:
    struct Options
    {
        T learning_rate = T(5e-4);
        T mu = T(0.02); ///< bounds the step where the loss is flat
        T weight_decay = 0;
    };
    explicit SDLM(const Parameters<T>& parameters, const Options& options = {})
        : Optimizer<T>(parameters, options.learning_rate, options.weight_decay, {"curvature"}), mu_(options.mu)
    {}

    /** From now on. @param h  one array for each parameter, as `gauss_newton_diagonal` gives
     *  @throws ShapeError if the number or a shape is another */
    void set_curvature(const std::vector<Array<T>>& h);
    void set_mu(T mu) { mu_ = mu; }

  private:
    void update(const kernels::Step<T>& step) const override;
    T mu_;
};

/** The names that `make_optimizer` takes. */
std::vector<std::string> optimizer_names();

/** An optimizer by its name in lower case: "sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "adagrad",
 * "sdlm"; its other options are the defaults. @throws Error if there is none of that name */
template <class T>
std::unique_ptr<Optimizer<T>> make_optimizer(std::string_view name, const Parameters<T>& parameters, T learning_rate,
                                             T weight_decay = 0);

} // namespace xgrad::optim
