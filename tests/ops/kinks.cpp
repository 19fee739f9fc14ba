// docs/kinks.md is the table of what is expected; every row of it is run.

#include "docs/documents.hpp"
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace xgrad;

namespace
{

using V = Variable<double>;
using Function = std::function<V(const Variables<double>&)>;
using Numbers = std::vector<double>;

const std::map<std::string, Function>& functions()
{
    static const std::map<std::string, Function> all{
        {"relu(x)", [](const auto& x) { return relu(x[0]); }},
        {"leaky_relu(x, 0.25)", [](const auto& x) { return leaky_relu(x[0], 0.25); }},
        {"elu(x, 0.5)", [](const auto& x) { return elu(x[0], 0.5); }},
        {"selu(x)", [](const auto& x) { return selu(x[0]); }},
        {"hard_sigmoid(x)", [](const auto& x) { return hard_sigmoid(x[0]); }},
        {"hard_swish(x)", [](const auto& x) { return hard_swish(x[0]); }},
        {"abs(x)", [](const auto& x) { return abs(x[0]); }},
        {"clip(x, −1, 1)", [](const auto& x) { return clip(x[0], -1, 1); }},
        {"maximum(a, b)", [](const auto& x) { return maximum(x[0], x[1]); }},
        {"minimum(a, b)", [](const auto& x) { return minimum(x[0], x[1]); }},
        {"max(x)", [](const auto& x) { return max(x[0]); }},
        {"max_pool2d(x) of one 2×2 window",
         [](const auto& x) {
             return sum(max_pool2d(reshape(x[0], {1, 1, 2, 2})));
         }},
        {"l2_pool2d(x) of one 2×2 window",
         [](const auto& x) {
             return sum(l2_pool2d(reshape(x[0], {1, 1, 2, 2})));
         }},
        {"probability_pool2d(x) of one 2×2 window",
         [](const auto& x) {
             return sum(probability_pool2d(reshape(x[0], {1, 1, 2, 2})));
         }},
        {"stochastic_pool2d(x) of one 2×2 window",
         [](const auto& x) {
             Random random(1);
             return sum(stochastic_pool2d(reshape(x[0], {1, 1, 2, 2}), {}, random));
         }},
        {"matrix_norm(x) of a 2×2 matrix",
         [](const auto& x) {
             return matrix_norm(reshape(x[0], {2, 2}));
         }},
        {"sort(x)[0]", [](const auto& x) { return view(sort(x[0]), 0); }},
        {"sort(x)[1]", [](const auto& x) { return view(sort(x[0]), 1); }},
        {"sort(x)[2]", [](const auto& x) { return view(sort(x[0]), 2); }},
        {"topk(x, 1)", [](const auto& x) { return topk(x[0], 1).first; }},
        {"median(x)", [](const auto& x) { return median(x[0]); }},
        {"quantile(x, 0.25)", [](const auto& x) { return quantile(x[0], 0.25); }},
        {"maxout(x, 2)", [](const auto& x) { return maxout(x[0], 2, 0); }},
        {"sign(x)", [](const auto& x) { return sign(x[0]); }},
        {"step(x)", [](const auto& x) { return step(x[0]); }},
        {"inside(x, −1, 1)", [](const auto& x) { return inside(x[0], -1, 1); }},
        {"greater(a, b)", [](const auto& x) { return greater(x[0], x[1]); }},
        {"greater_equal(a, b)", [](const auto& x) { return greater_equal(x[0], x[1]); }},
        {"sqrt(x)", [](const auto& x) { return sqrt(x[0]); }},
        {"log(x)", [](const auto& x) { return log(x[0]); }},
        {"log1p(x)", [](const auto& x) { return log1p(x[0]); }},
        {"log2(x)", [](const auto& x) { return log2(x[0]); }},
        {"cbrt(x)", [](const auto& x) { return cbrt(x[0]); }},
        {"acos(x)", [](const auto& x) { return acos(x[0]); }},
        {"acosh(x)", [](const auto& x) { return acosh(x[0]); }},
        {"atanh(x)", [](const auto& x) { return atanh(x[0]); }},
        {"floor(x)", [](const auto& x) { return floor(x[0]); }},
        {"round(x)", [](const auto& x) { return round(x[0]); }},
        {"rint(x)", [](const auto& x) { return rint(x[0]); }},
        {"min(x)", [](const auto& x) { return min(x[0]); }},
        {"norm_linf(x)", [](const auto& x) { return norm_linf(x[0]); }},
        {"norm_l1(x)", [](const auto& x) { return norm_l1(x[0]); }},
        {"norm_l2(x)", [](const auto& x) { return norm_l2(x[0]); }},
        {"stddev(x)", [](const auto& x) { return stddev(x[0]); }},
        {"prod(x)", [](const auto& x) { return prod(x[0]); }},
        {"lgamma(x)", [](const auto& x) { return lgamma(x[0]); }},
        {"digamma(x)", [](const auto& x) { return digamma(x[0]); }},
        {"fmax(a, b)", [](const auto& x) { return fmax(x[0], x[1]); }},
        {"fmin(a, b)", [](const auto& x) { return fmin(x[0], x[1]); }},
        {"fdim(a, b)", [](const auto& x) { return fdim(x[0], x[1]); }},
        {"hypot(a, b)", [](const auto& x) { return hypot(x[0], x[1]); }},
        {"atan2(a, b)", [](const auto& x) { return atan2(x[0], x[1]); }},
        {"fmod(a, b)", [](const auto& x) { return fmod(x[0], x[1]); }},
        {"remainder(a, b)", [](const auto& x) { return remainder(x[0], x[1]); }},
        {"norm_lp(x, 3)", [](const auto& x) { return norm_lp(x[0], 3); }},
        {"1/x", [](const auto& x) { return 1 / x[0]; }},
        {"a/b", [](const auto& x) { return x[0] / x[1]; }},
        {"pow(x, 2)", [](const auto& x) { return pow(x[0], 2); }},
        {"pow(x, 0)", [](const auto& x) { return pow(x[0], 0); }},
        {"pow(x, 1)", [](const auto& x) { return pow(x[0], 1); }},
        {"pow(x, 0.5)", [](const auto& x) { return pow(x[0], 0.5); }},
        {"pow(x, 1.5)", [](const auto& x) { return pow(x[0], 1.5); }},
        {"pow(x, −1)", [](const auto& x) { return pow(x[0], -1); }},
        {"pow(a, b)", [](const auto& x) { return pow(x[0], x[1]); }},
        {"sigmoid(x)", [](const auto& x) { return sigmoid(x[0]); }},
        {"tanh(x)", [](const auto& x) { return tanh(x[0]); }},
        {"softplus(x)", [](const auto& x) { return softplus(x[0]); }},
        {"exp(x)", [](const auto& x) { return exp(x[0]); }},
        {"softmax(x)[0]", [](const auto& x) { return slice(softmax(x[0]), 0, 0, 1); }},
        {"softmax(x)[1]", [](const auto& x) { return slice(softmax(x[0]), 0, 1, 2); }},
        {"log_softmax(x)[1]", [](const auto& x) { return slice(log_softmax(x[0]), 0, 1, 2); }},
        {"log_sum_exp(x)", [](const auto& x) { return log_sum_exp(x[0]); }},
        {"absolute_error(y, 1)",
         [](const auto& x) { return absolute_error(reshape(x[0], {1}), constant<double>({1})); }},
        {"hinge(y, 1)", [](const auto& x) { return hinge(reshape(x[0], {1}), constant<double>({1})); }},
        {"multiclass_hinge(y, 0)",
         [](const auto& x) {
             return multiclass_hinge(reshape(x[0], {1, 2}), Labels(Shape{1}, 0));
         }},
        {"binary_cross_entropy(p, 1)",
         [](const auto& x) { return binary_cross_entropy(reshape(x[0], {1}), constant<double>({1})); }},
        {"binary_cross_entropy_with_logits(z, 1)",
         [](const auto& x) { return binary_cross_entropy_with_logits(reshape(x[0], {1}), constant<double>({1})); }},
    };
    return all;
}

std::string trimmed(const std::string& text)
{
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> split(const std::string& text, char separator)
{
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);)
        parts.push_back(trimmed(part));
    return parts;
}

double number(std::string text)
{
    double sign = 1;
    if (text.rfind("−", 0) == 0) {
        sign = -1;
        text.erase(0, std::string("−").size());
    }
    if (text == "∞")
        return sign * HUGE_VAL;
    std::size_t used = 0;
    const double magnitude = text == "NaN" ? NAN : std::stod(text, &used);
    if (used != text.size() && text != "NaN")
        throw std::invalid_argument("'" + text + "' is no number");
    return sign * magnitude;
}

/** "1, 2; 3" is two operands. */
std::vector<Numbers> operands(const std::string& text)
{
    std::vector<Numbers> all;
    for (const std::string& operand : split(text, ';')) {
        all.emplace_back();
        for (const std::string& element : split(operand, ','))
            all.back().push_back(number(element));
    }
    return all;
}

bool same(double a, double b) { return (std::isnan(a) && std::isnan(b)) || a == b || std::abs(a - b) <= 1e-15; }

struct Row
{
    std::string function, at, value, gradient;
};

std::vector<Row> rows()
{
    std::vector<Row> all;
    std::istringstream document(test::read_text(test::source_folder() / "docs" / "kinks.md"));
    for (std::string line; std::getline(document, line);) {
        const std::vector<std::string> cells = split(line, '|');
        if (cells.size() >= 5 && cells[1] != "function" && cells[1].rfind("---", 0) != 0)
            all.push_back({cells[1], cells[2], cells[3], cells[4]});
    }
    return all;
}

} // namespace

TEST_CASE("kinks: every row of the table is what the ops give")
{
    CHECK(rows().size() > 60);
    for (const Row& row : rows()) {
        CAPTURE(row.function);
        CAPTURE(row.at);
        const auto function = functions().find(row.function);
        REQUIRE(function != functions().end());

        Variables<double> xs;
        for (const Numbers& values : operands(row.at)) {
            Array<double> array = empty_array<double>(values.size() == 1 ? Shape{} : Shape{values.size()});
            std::copy(values.begin(), values.end(), array.begin());
            xs.push_back(variable(std::move(array)));
        }
        Tape tape;
        const V y = function->second(xs);
        const double value = y.item();
        const Variables<double> gradients = tape.gradient(y, xs, {.unused_is_zero = true});

        CAPTURE(value);
        CHECK(same(value, number(row.value)));
        const std::vector<Numbers> expected = operands(row.gradient);
        REQUIRE(expected.size() == xs.size());
        for (std::size_t i = 0; i < xs.size(); ++i) {
            REQUIRE(expected[i].size() == xs[i].size());
            for (std::size_t k = 0; k < expected[i].size(); ++k) {
                CAPTURE(gradients[i].data()[k]);
                CHECK(same(gradients[i].data()[k], expected[i][k]));
            }
        }
    }
}

TEST_CASE("kinks: the table names every function that is known here")
{
    std::set<std::string> named;
    for (const Row& row : rows())
        named.insert(row.function);
    for (const auto& function : functions())
        CHECK_MESSAGE(named.count(function.first) == 1, function.first);
}

TEST_CASE("kinks: a gradient through a step alone is an error")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    CHECK_THROWS_WITH(tape.gradient(sum(sign(x)), x), doctest::Contains("does not depend"));
}
