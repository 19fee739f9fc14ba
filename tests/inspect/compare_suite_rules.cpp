// Kinds of mistakes in the rules of a backward pass, planted through the observer interface.
#include "compare_suite.hpp"

#include <cmath>

namespace xgrad::test::suite
{

Kind at_one(const std::string& name, std::vector<std::string> words, WrongRule wrong)
{
    return {name, std::move(words), [wrong](Backprop& pass, Random& random) -> Planted {
                const std::vector<Spot> spots = pass.spots(wrong);
                if (spots.empty())
                    return std::nullopt;
                return {{wrong, {spots[random.below(spots.size())]}}};
            }};
}

Kind at_all(const std::string& name, std::vector<std::string> words, WrongRule wrong)
{
    return {name, std::move(words), [wrong](Backprop& pass, Random&) -> Planted {
                const std::vector<Spot> spots = pass.spots(wrong);
                if (spots.size() < 2)
                    return std::nullopt;
                return {{wrong, spots}};
            }};
}

V only(const V& x, std::size_t axis, const std::function<bool(std::size_t index, std::size_t extent)>& counts)
{
    A y = x.value();
    const std::size_t extent = y.shape()[axis];
    std::size_t inner = 1;
    for (std::size_t k = axis + 1; k < y.dimension(); ++k)
        inner *= y.shape()[k];
    for (std::size_t i = 0; i < y.size(); ++i)
        if (!counts(i / inner % extent, extent))
            y.data()[i] = 0;
    return constant(std::move(y));
}

namespace
{

using Made = std::optional<V>;

A map_of(const V& x, const std::function<double(double)>& f)
{
    A y = x.value();
    for (double& value : y)
        value = f(value);
    return y;
}

V times(const V& g, A factors) { return g * constant(std::move(factors)); }

/** f' of some functions at u, by hand. */
std::optional<A> slope(const std::string& name, const V& u)
{
    if (name == "tanh")
        return map_of(u, [](double x) { return 1 - std::tanh(x) * std::tanh(x); });
    if (name == "sigmoid")
        return map_of(u, [](double x) { return 1 / (1 + std::exp(-x)) * (1 - 1 / (1 + std::exp(-x))); });
    if (name == "softplus")
        return map_of(u, [](double x) { return 1 / (1 + std::exp(-x)); });
    if (name == "exp")
        return map_of(u, [](double x) { return std::exp(x); });
    if (name == "sin")
        return map_of(u, [](double x) { return std::cos(x); });
    return std::nullopt;
}

bool is_function(const Rule& r)
{
    return slope(r.op().name, r.x()).has_value() || r.is("relu") || r.is("square") || r.is("log") || r.is("sqrt");
}

WrongRule no_slope(const std::string& name)
{
    return [=](const Rule& r) -> Made { return r.is(name) ? Made(r.g) : std::nullopt; };
}

Made at_output(const Rule& r)
{
    const auto f = slope(r.op().name, r.op().value());
    return f ? Made(times(r.g, *f)) : std::nullopt;
}

Made at_input(const Rule& r)
{
    if (r.is("tanh"))
        return r.g * (1 - square(r.x()));
    if (r.is("sigmoid"))
        return r.g * r.x() * (1 - r.x());
    return std::nullopt;
}

bool last(std::size_t i, std::size_t n) { return i + 1 == n; }
bool first(std::size_t i, std::size_t) { return i == 0; }

bool is_small_addend(const Rule& r)
{
    return r.is("add") && r.op().inputs.size() == 2 && r.x().size() < r.g.size() && r.g.dimension() > 1;
}

bool is_weight(const Rule& r)
{
    return (r.is("matmul") && r.position == 1 && r.op().inputs[1].is_leaf()) ||
           (r.is("correlate2d") && r.position == 1);
}

/** Only some samples count in a bias's, or in a weight's gradient. */
WrongRule some_samples(bool bias, bool (*counts)(std::size_t, std::size_t))
{
    return [=](const Rule& r) -> Made {
        if (!(bias ? is_small_addend(r) && (r.x().dimension() == 1 || r.g.dimension() == 4) : is_weight(r)) ||
            r.g.shape()[0] < 2)
            return std::nullopt;
        return r.right(only(r.g, 0, counts));
    };
}

Made first_position(const Rule& r)
{
    if (!is_small_addend(r) || r.g.dimension() != 4)
        return std::nullopt;
    return r.right(only(only(r.g, 2, first), 3, first));
}

Made wrong_transpose(const Rule& r)
{
    if (!r.is("matmul") || r.position != 0 || r.op().inputs[1].shape().size() != 2 || r.op().attributes.transposed[0])
        return std::nullopt;
    const V w = stop_gradient(r.op().input(1));
    if (w.shape()[0] != w.shape()[1] || w.shape()[0] < 2)
        return std::nullopt;
    return matmul(r.g, w, {.b = r.op().attributes.transposed[1]});
}

Made no_factor(const Rule& r)
{
    return r.is("multiply") && r.op().inputs.size() == 2 && r.x().shape() == r.g.shape() ? Made(r.g) : std::nullopt;
}

Made no_other_factor(const Rule& r)
{
    if (!r.is("multiply") || r.x().size() == r.g.size())
        return std::nullopt;
    return sum_to(r.g, r.x().shape());
}

bool is_denominator(const Rule& r) { return r.is("divide") && r.position == 1; }

Made half_of_batch(const Rule& r)
{
    const bool reduces = r.is("sum") && r.g.size() == 1 && r.x().dimension() > 1 && r.x().shape()[0] > 3;
    if (!reduces)
        return std::nullopt;
    return only(r.right(r.g), 0, [](std::size_t i, std::size_t n) { return i < n / 2; });
}

Made last_in_time(const Rule& r)
{
    if (!is_weight(r) || r.g.dimension() != 2 || r.maker(0) != "" || r.g.shape()[0] % 3 != 0)
        return std::nullopt;
    return r.right(only(r.g, 0, [](std::size_t i, std::size_t) { return i % 3 == 2; }));
}

/** 0 in place of the gradient, where a condition holds. */
WrongRule no_path(bool (*condition)(const Rule&))
{
    return [=](const Rule& r) -> Made { return condition(r) ? Made(constant(A(r.x().shape(), 0.0))) : std::nullopt; };
}

bool is_skip(const Rule& r)
{
    return r.is("add") && r.position == 0 && r.op().inputs.size() == 2 && r.x().dimension() == 2 &&
           (r.maker(1) == "relu" || r.maker(1) == "softplus");
}
bool is_branch(const Rule& r) { return r.is("relu") || (r.is("softplus") && r.x().dimension() == 2); }
bool is_mean(const Rule& r) { return r.is("subtract") && r.position == 1 && r.maker(1) == "divide"; }
bool is_variance(const Rule& r) { return r.is("sqrt"); }
bool is_hidden(const Rule& r) { return r.is("matmul") && r.position == 0 && r.maker(0) == "tanh"; }
bool is_recurrent(const Rule& r)
{
    return is_hidden(r) && r.op().inputs[1].is_leaf() && r.op().inputs[1].shape()[0] == r.op().inputs[1].shape()[1];
}
bool is_cell(const Rule& r)
{
    return r.is("multiply") && r.position == 1 && r.maker(1) == "add" && r.maker(0) == "sigmoid";
}
bool is_key(const Rule& r)
{
    return r.is("matmul") && r.position == 1 && r.maker(0) == "matmul" && r.maker(1) == "matmul";
}
bool is_use(const Rule& r)
{
    return r.is("matmul") && r.position == 1 && r.op().inputs[1].is_leaf() && r.maker(0) == "tanh";
}
bool is_term(const Rule& r) { return r.is("add") && r.position == 1 && r.op().inputs.size() == 2 && r.g.size() == 1; }

} // namespace

std::vector<Kind> kinds_in_rules()
{
    const auto path = [](const char* name, bool (*condition)(const Rule&)) {
        return at_one(name,
                      {"a path is missing", "no gradient comes back", "paths are missing",
                       "term of the loss is missing", "only some count", "do not count"},
                      no_path(condition));
    };
    const std::vector<std::string> no_f = {"f' is missing"};
    std::vector<Kind> all;
    for (const char* f : {"tanh", "sigmoid", "relu", "softplus", "exp", "sin", "log", "sqrt", "square"})
        all.push_back(
            at_one(std::string("f' missing in ") + f, // without it nothing comes through a variance
                   std::string(f) == "square" ? std::vector<std::string>{"f' is missing", "the variance"} : no_f,
                   no_slope(f)));
    all.push_back(at_all("f' missing in every tanh", no_f, no_slope("tanh")));
    all.push_back(at_all("f' missing in every function", no_f, [](const Rule& r) -> Made {
        return is_function(r) && r.is("sigmoid") ? Made(r.g) : std::nullopt;
    }));
    all.push_back(at_one("f' at the output", {"f' is taken at the output"}, at_output));
    all.push_back(at_one("f' at the input", {"is given the input u"}, at_input));
    all.push_back(at_one("factor missing", {"the factor is missing"}, no_factor));
    all.push_back(at_one("other factor missing", {"the other factor is missing"}, no_other_factor));
    all.push_back(at_one("divisor missing", {"1/N"}, [](const Rule& r) -> Made {
        return r.is("divide") && r.position == 0 && r.x().shape() == r.g.shape() && r.x().size() > 1 ? Made(r.g)
                                                                                                     : std::nullopt;
    }));
    all.push_back(at_one("square of the denominator", {"the square is missing"}, [](const Rule& r) -> Made {
        return is_denominator(r) ? Made(r.right(r.g) * r.x()) : std::nullopt;
    }));
    all.push_back(at_one("numerator missing", {"the numerator is missing"}, [](const Rule& r) -> Made {
        return is_denominator(r) && r.x().shape() == r.g.shape() ? Made(-r.g / square(r.x())) : std::nullopt;
    }));
    all.push_back(at_one("sign of the denominator", {"sign"},
                         [](const Rule& r) -> Made { return is_denominator(r) ? Made(-r.right(r.g)) : std::nullopt; }));
    all.push_back(at_one("sign of a difference", {"sign"}, [](const Rule& r) -> Made {
        return r.is("subtract") && r.position == 1 ? Made(-r.right(r.g)) : std::nullopt;
    }));
    all.push_back(at_one("diagonal of softmax", {"only the diagonal"}, [](const Rule& r) -> Made {
        const V y = r.op().value();
        return r.is("softmax") ? Made(r.g * y * (1 - y)) : std::nullopt;
    }));
    all.push_back(at_one("diagonal of log softmax", {"only the diagonal"}, [](const Rule& r) -> Made {
        return r.is("log_softmax") ? Made(r.g * (1 - exp(r.op().value()))) : std::nullopt;
    }));
    all.push_back(at_one("sign of the cross-entropy", {"sign"}, [](const Rule& r) -> Made {
        return r.is("log_softmax") ? Made(-r.right(r.g)) : std::nullopt;
    }));
    for (Kind& kind : kinds_of_windows())
        all.push_back(std::move(kind));
    all.push_back(at_one("W for its transpose", {"its transpose are exchanged"}, wrong_transpose));
    all.push_back(at_one("bias of the last sample", {"only the last sample counts"}, some_samples(true, last)));
    all.push_back(at_one("bias of the first sample", {"only the first sample counts"}, some_samples(true, first)));
    all.push_back(at_one("weight of the last sample", {"only the last sample counts"}, some_samples(false, last)));
    all.push_back(at_one("weight without the last sample",
                         {"the last sample does not count", "only the first sample counts"},
                         some_samples(false, [](std::size_t i, std::size_t n) { return i + 1 != n; })));
    all.push_back(at_one("bias of the first position", {"only the first one counts"}, first_position));
    all.push_back(at_one("half of the batch", {"half of the batch counts"}, half_of_batch));
    all.push_back(at_one("last in time", {"only the last one counts", "only the last sample counts"}, last_in_time));
    all.push_back(path("skip missing", is_skip));
    all.push_back(path("branch missing", is_branch));
    all.push_back(path("mean of a norm missing", is_mean));
    all.push_back(path("variance of a norm missing", is_variance));
    all.push_back({"mean and variance missing", {"paths are missing"}, [](Backprop& pass, Random&) -> Planted {
                       const auto mean = no_path(is_mean), variance = no_path(is_variance);
                       std::vector<Spot> spots = pass.spots(mean);
                       for (const Spot& spot : pass.spots(variance))
                           spots.push_back(spot);
                       if (spots.size() != 2)
                           return std::nullopt;
                       return {{[=](const Rule& r) { return is_mean(r) ? mean(r) : variance(r); }, spots}};
                   }});
    all.push_back(path("recurrence cut once", is_recurrent));
    all.push_back(at_all("recurrence cut everywhere", {"path is missing", "paths are missing"}, no_path(is_recurrent)));
    all.push_back(at_all("cell's path cut", {"path is missing", "paths are missing"}, no_path(is_cell)));
    all.push_back(path("key's path missing", is_key));
    all.push_back(path("one use of tied weights missing", is_use));
    all.push_back(path("term missing", is_term));
    all.push_back(at_one("skip counted twice", {"twice"},
                         [](const Rule& r) -> Made { return is_skip(r) ? Made(2 * r.right(r.g)) : std::nullopt; }));
    all.push_back(at_one("1/√d missing", {"1/N", "√"}, [](const Rule& r) -> Made {
        return r.is("divide") && r.position == 0 && r.maker(0) == "matmul" && r.x().shape() == r.g.shape()
                   ? Made(r.g)
                   : std::nullopt;
    }));
    all.push_back(at_one("ln 2 at a key", {"ln 2"}, [](const Rule& r) -> Made {
        return is_key(r) ? Made(std::log(2.0) * r.right(r.g)) : std::nullopt;
    }));
    return all;
}

} // namespace xgrad::test::suite
