// Kinds of mistakes in single gradients, and mistakes of no kind.
#include "compare_suite.hpp"

#include <cmath>
#include <numbers>

namespace xgrad::test::suite
{

namespace
{

using Row = std::optional<A>;

Kind times(const std::string& name, std::vector<std::string> words, double factor)
{
    return {name, std::move(words), {}, [=](const A& right, const Net&, std::size_t, Random&) {
                return Row(factor * right);
            }};
}

Kind of_samples(const std::string& name, std::vector<std::string> words, double power)
{
    return {name, std::move(words), {}, [=](const A& right, const Net& net, std::size_t, Random&) {
                return net.samples > 1 ? Row(std::pow(static_cast<double>(net.samples), power) * right) : std::nullopt;
            }};
}

/** A change of an array that is written with ops. */
Kind moved(const std::string& name, std::vector<std::string> words, bool (*can)(const Shape&), V (*move)(const V&))
{
    return {name, std::move(words), {}, [=](const A& right, const Net&, std::size_t, Random&) {
                return can(right.shape()) ? Row(move(constant(A(right))).value()) : std::nullopt;
            }};
}

bool is_square(const Shape& s) { return s.size() >= 2 && s[s.size() - 1] == s[s.size() - 2] && s.back() > 1; }
bool is_matrix(const Shape& s) { return s.size() >= 2 && s[s.size() - 1] > 2 && s[s.size() - 2] > 1; }
bool is_kernel(const Shape& s) { return s.size() == 4 && s[2] > 1 && s[3] > 1; }
bool has_four(const Shape& s) { return s.size() >= 2 && s[0] > 3; }

/** The gradient of the penalty 2·λ·w in the networks that have one, and their λ. */
double penalty_of(const Net& net) { return net.name == "tied" ? 0.05 : net.name == "perceptron" ? 0.1 : 0; }

Row beside_penalty(const A& right, const Net& net, std::size_t parameter, V (*move)(const V&))
{
    const double lambda = penalty_of(net);
    const A& w = net.parameters[parameter].value();
    if (lambda == 0 || right.dimension() != 2 || net.parameters.name(parameter) == "l3.weight")
        return std::nullopt;
    const A penalty = 2 * lambda * w, data = right - penalty;
    A wrong = move(constant(A(data))).value();
    if (wrong.shape() != right.shape())
        return std::nullopt;
    return A(wrong + penalty);
}

Row noise_in_rows(const A& right, Random& random)
{
    if (!has_four(right.shape()))
        return std::nullopt;
    A wrong = right;
    const std::size_t rows = right.shape()[0], row = random.below(rows), size = right.size() / rows;
    for (std::size_t i = row * size; i < (row + 1) * size; ++i)
        wrong.data()[i] += random.normal();
    return wrong;
}

} // namespace

std::vector<Kind> kinds_in_rows()
{
    std::vector<Kind> all = {
        times("sign", {"the sign is wrong", "sign"}, -1),
        times("twice", {"twice"}, 2),
        times("half", {"half"}, 0.5),
        of_samples("times N", {"the number of samples"}, 1),
        of_samples("divided by N", {"the number of samples"}, -1),
        times("ln 2", {"ln 2"}, std::numbers::ln2),
        times("1/ln 10", {"1/ln 10"}, 1 / std::numbers::ln10),
        times("π/180", {"π/180"}, std::numbers::pi / 180),
        times("√3", {"√3"}, std::sqrt(3.0)),
        times("1/√5", {"1/√5"}, 1 / std::sqrt(5.0)),
        moved("transposed", {"transposed"}, is_square, [](const V& g) { return transpose(g); }),
        moved("turned", {"rot180", "flipped"}, is_kernel, [](const V& g) { return rot180(g); }),
        moved("flipped", {"flipped"}, is_matrix, [](const V& g) { return flip(g, -1); }),
        moved("permuted", {"in another order"}, has_four,
              [](const V& g) {
                  return concatenate<double>({slice(g, 0, 1, g.shape()[0]), slice(g, 0, 0, 1)}, 0);
              }),
        moved("shifted", {"shifted by one"}, is_matrix,
              [](const V& g) {
                  const std::size_t n = g.shape().back();
                  const V kept = slice(g, -1, 0, n - 1), zero = 0.0 * slice(g, -1, 0, 1);
                  return concatenate<double>({zero, kept}, -1);
              }),
        moved(
            "channels exchanged", {"axes are in another order"},
            [](const Shape& s) { return s.size() == 4 && s[0] == s[1] && s[0] > 1; },
            [](const V& g) {
                return permute(g, {1, 0, 2, 3});
            }),
        moved("turned and negative", {"rot180"}, is_kernel, [](const V& g) { return -rot180(g); }),
        moved("transposed and twice", {"transposed"}, is_square, [](const V& g) { return 2 * transpose(g); }),
    };
    all.push_back({"transposed beside a penalty",
                   {"transposed"},
                   {},
                   [](const A& right, const Net& net, std::size_t parameter, Random&) {
                       return is_square(right.shape())
                                  ? beside_penalty(right, net, parameter, [](const V& g) { return transpose(g); })
                                  : std::nullopt;
                   }});
    all.push_back({"flipped beside a penalty",
                   {"flipped"},
                   {},
                   [](const A& right, const Net& net, std::size_t parameter, Random&) {
                       return is_matrix(right.shape())
                                  ? beside_penalty(right, net, parameter, [](const V& g) { return flip(g, -1); })
                                  : std::nullopt;
                   }});
    all.push_back(
        {"some rows", {"only some of it differs"}, {}, [](const A& right, const Net&, std::size_t, Random& random) {
             return noise_in_rows(right, random);
         }});
    all.push_back({"zero rows",
                   {"only some of it differs"},
                   {},
                   [](const A& right, const Net&, std::size_t, Random& random) -> Row {
                       if (!has_four(right.shape()))
                           return std::nullopt;
                       A wrong = right;
                       const std::size_t size = right.size() / right.shape()[0], row = random.below(right.shape()[0]);
                       std::fill_n(wrong.data() + row * size, size, 0.0);
                       return wrong;
                   }});
    return all;
}

std::vector<Kind> unlisted_kinds()
{
    const auto at_some = [](auto distort) {
        return [=](Backprop& pass, Random& random) -> std::optional<std::pair<WrongRule, std::vector<Spot>>> {
            const double size = random.uniform(0.05, 1.5), rate = random.uniform(0.3, 3), shift = random.uniform(0, 6);
            const WrongRule wrong = [=](const Rule& r) -> std::optional<V> {
                if (r.x().size() < 2)
                    return std::nullopt;
                A g = r.right(r.g).value();
                for (std::size_t i = 0; i < g.size(); ++i)
                    g.data()[i] = distort(g.data()[i], size, std::sin(rate * static_cast<double>(i) + shift));
                return constant(std::move(g));
            };
            const std::vector<Spot> spots = pass.spots(wrong);
            if (spots.empty())
                return std::nullopt;
            return {{wrong, {spots[random.below(spots.size())]}}};
        };
    };
    return {{"distorted", {}, at_some([](double g, double size, double wave) { return g * (1 + size * wave); })},
            {"added to", {}, at_some([](double g, double size, double wave) { return g + size * wave; })},
            {"bent", {}, at_some([](double g, double size, double wave) { return g + size * g * g * wave; })},
            {"noise", {}, {}, [](const A& right, const Net&, std::size_t, Random& random) -> std::optional<A> {
                 A wrong = right;
                 for (double& value : wrong)
                     value += random.uniform(0.1, 1) * random.normal();
                 return wrong;
             }}};
}

} // namespace xgrad::test::suite
