#include <xgrad/base/shape.hpp>
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/trials.hpp>
#include <xgrad/inspect/op_name.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace xgrad::detail
{

namespace
{

std::size_t place_of(const AnyVariable& x) { return detail::origin_of(x).index; }

/** Keeps every op that is recorded, at its place on the tape. */
class Keeper final : public Observer
{
  public:
    Keeper(std::vector<KeptOp>& ops, std::vector<std::size_t>& owners) : ops_(ops), owners_(owners) {}

    bool wants_parts() const override { return true; }

    void op(OpCall& call) override
    {
        std::vector<AnyVariable> inputs; // kept alive, so that no op writes over them
        for (std::size_t i = 0; i < call.inputs(); ++i)
            inputs.push_back(call.input(i));
        call.run();
        if (call.results() == 0 || !call.result().requires_gradient())
            return;
        const std::size_t place = place_of(call.result()), end = place + call.results();
        ops_.resize(std::max(ops_.size(), end));
        owners_.resize(ops_.size());
        std::fill(owners_.begin() + static_cast<std::ptrdiff_t>(place), owners_.end(), place);
        const auto is_double = [](const AnyVariable& x) { return x.holds<double>(); };
        if (!is_double(call.result()) || !std::all_of(inputs.begin(), inputs.end(), is_double))
            return;
        KeptOp& kept = ops_[place];
        kept = {op_name(call), Variable<double>(call.result()), {}, call.attributes(), call.results() == 1};
        for (const AnyVariable& input : inputs)
            kept.inputs.emplace_back(input);
    }

  private:
    std::vector<KeptOp>& ops_;
    std::vector<std::size_t>& owners_;
};

/** Calls a function for each rule of a sweep on this thread; it returns the gradient. */
class Interceptor final : public Observer
{
  public:
    using Function = std::function<AnyVariable(RuleCall&)>;

    explicit Interceptor(Function f) : f_(std::move(f)), observing_(*this) {}
    AnyVariable rule(RuleCall& call) override { return f_(call); }

  private:
    Function f_;
    Observing observing_;
};

/** The gradient of a wrong rule; nothing if it throws or has another shape. */
std::optional<Array<double>> checked(const Trial& trial, const Step& step)
{
    try {
        auto gradient = trial.rule(step);
        return gradient && gradient->shape() == step.input().shape() ? std::move(gradient) : std::nullopt;
    } catch (...) {
        return std::nullopt;
    }
}

bool has(const std::vector<Place>& sorted, const Place& place)
{
    return std::binary_search(sorted.begin(), sorted.end(), place);
}

/** A number from 0.5 to 1 with either sign, another one at each call. */
double jitter(std::uint64_t& state)
{
    state = state * 6364136223846793005U + 1442695040888963407U;
    const double size = 0.5 + 0.5 * static_cast<double>(state >> 33) / 2147483648.0;
    return state >> 32 & 1 ? size : -size;
}

} // namespace

Trials::Trials(const std::function<Variable<double>()>& loss, const Parameters<double>& parameters)
    : parameters_(parameters)
{
    {
        Keeper keeper(ops_, owners_);
        const Observing observing(keeper);
        loss_ = loss();
    }
    find_places();
}

void Trials::find_places()
{
    std::map<std::uint64_t, std::vector<bool>> leaves;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        std::vector<bool>& bits = leaves[place_of(parameters_[i])];
        bits.resize(parameters_.size());
        bits[i] = true;
    }
    std::vector<Origin> inputs;
    {
        const Interceptor collector([&](RuleCall& call) {
            places_.push_back({static_cast<std::size_t>(call.result().index), call.position()});
            inputs.push_back(call.input());
            return call.run();
        });
        sweep();
    }
    std::vector<std::vector<bool>> of_ops(ops_.size(), std::vector<bool>(parameters_.size()));
    behind_values_.resize(places_.size());
    for (std::size_t k = places_.size(); k-- > 0;) {
        std::vector<bool>& here = behind_values_[k];
        here = inputs[k].tape == Origin::leaf ? leaves[inputs[k].index]
                                              : of_ops[owners_[static_cast<std::size_t>(inputs[k].index)]];
        here.resize(parameters_.size());
        for (std::size_t i = 0; i < here.size(); ++i)
            if (here[i])
                of_ops[places_[k].op][i] = true;
    }
}

const std::vector<bool>& Trials::behind(const Place& place) const
{
    const auto later = [](const Place& a, const Place& b) { return a.op > b.op; }; // the sweep runs backward
    auto found = std::lower_bound(places_.begin(), places_.end(), place, later);
    while (found->input != place.input)
        ++found;
    return behind_values_[static_cast<std::size_t>(found - places_.begin())];
}

bool Trials::is_recorded(const Variable<double>& value) const
{
    return detail::origin_of(value).tape == tape_.store().number();
}

bool Trials::is_parameter(const Variable<double>& value, std::size_t parameter) const
{
    return origin_of(parameters_[parameter]) == origin_of(value);
}

Variables<double> Trials::sweep() const
{
    return tape_.gradient(loss_, parameters_, {.keep_tape = true, .unused_is_zero = true});
}

namespace
{

Trials::Gradients values_of(const Variables<double>& gradients)
{
    Trials::Gradients values;
    for (const Variable<double>& gradient : gradients)
        values.push_back(gradient.value());
    return values;
}

/** Runs a sweep with wrong rules. */
template <class Sweep>
Variables<double> with(const Taken& wrong, const std::vector<KeptOp>& ops, Sweep sweep)
{
    if (wrong.empty())
        return sweep();
    const Interceptor wrong_rules([&](RuleCall& call) {
        const Place place{static_cast<std::size_t>(call.result().index), call.position()};
        for (const Trial& trial : wrong)
            if (has(trial.places, place)) {
                const Array<double> right = Variable<double>(call.run(call.upstream())).value();
                if (auto gradient = checked(trial, {ops, call, right}))
                    return AnyVariable(constant(std::move(*gradient)));
            }
        return call.run();
    });
    return sweep();
}

} // namespace

Trials::Gradients Trials::gradients(const Taken& wrong) const
{
    return values_of(with(wrong, ops_, [&] { return sweep(); }));
}

Trials::Gradients Trials::change(const Variable<double>& value, const Array<double>& by, const Taken& wrong) const
{
    if (!is_recorded(value)) {
        Gradients changes;
        for (std::size_t i = 0; i < parameters_.size(); ++i)
            changes.push_back(is_parameter(value, i) ? by : Array<double>(parameters_[i].shape(), 0.0));
        return changes;
    }
    return values_of(with(wrong, ops_, [&] {
        return tape_.vector_jacobian_product(value, constant(Array<double>(by)), parameters_,
                                             {.keep_tape = true, .unused_is_zero = true});
    }));
}

void Trials::visit(const std::vector<Place>& places, const Taken& wrong,
                   const std::function<void(const Step&)>& f) const
{
    with(wrong, ops_, [&] {
        const Interceptor visitor([&](RuleCall& call) {
            const std::size_t op = call.result().index;
            AnyVariable gradient = call.run();
            if (!ops_[op].name.empty() && ops_[op].has_one_result && has(places, {op, call.position()})) {
                const Array<double> right = Variable<double>(gradient).value();
                f({ops_, call, right});
            }
            return gradient;
        });
        return sweep();
    });
}

Trial Trials::with_sensitivity(std::size_t parameter, const Array<double>& gradient) const
{
    Trial trial;
    trial.rule = [gradient](const Step&) { return std::optional(gradient); };
    for (std::size_t i = 0; i < ops_.size(); ++i)
        if (const auto& inputs = ops_[i].inputs; ops_[i].name == "add" && inputs.size() == 2)
            for (const std::uint32_t other : {0u, 1u})
                if (is_parameter(inputs[1 - other], parameter) && inputs[other].shape() == gradient.shape())
                    trial.places.push_back({i, other});
    return trial;
}

std::vector<double> Trials::sizes() const
{
    const double relative = 0x1p-20;
    const Gradients right = gradients();
    std::vector<double> sizes(parameters_.size());
    std::uint64_t state = 1;
    const auto jittered = [&](const AnyVariable& gradient) {
        return AnyVariable(constant(mapped(Variable<double>(gradient).value(),
                                           [&](double value) { return value * (1 + relative * jitter(state)); })));
    };
    for (int run = 0; run < 2; ++run) {
        const Interceptor disturbing([&](RuleCall& call) {
            const KeptOp& op = ops_[call.result().index];
            if (op.name.empty())
                return call.run();
            return jittered(op.has_one_result ? call.run(jittered(call.upstream())) : call.run());
        });
        const Gradients other = values_of(sweep());
        for (std::size_t i = 0; i < sizes.size(); ++i)
            sizes[i] = std::max(sizes[i], largest_of(mapped(other[i], right[i], std::minus<double>())) / relative);
    }
    return sizes;
}

std::vector<std::size_t> Trials::turns() const
{
    std::vector<std::size_t> turns(parameters_.size());
    for (std::size_t k = 0; k < places_.size(); ++k)
        for (std::size_t i = 0; i < turns.size(); ++i)
            if (behind_values_[k][i])
                turns[i] = k + 1;
    return turns;
}

} // namespace xgrad::detail
