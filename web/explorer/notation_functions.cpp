#include "notation_functions.hpp"

#include "notation.hpp"
#include <xgrad/base/nearest.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace xgrad::explorer
{

namespace
{

using V = Variable<double>;
using Arguments = std::vector<Argument>;

constexpr double most_elements = 1 << 20; // of what a formula may make

const V& array(const Arguments& arguments, std::size_t i)
{
    if (const V* const value = std::get_if<V>(&arguments[i]))
        return *value;
    throw Error(fmt::format("argument {} is to be an array, not a word", i + 1));
}

/** A matrix as the only plane of the only image. */
V image(const V& x)
{
    if (x.dimension() != 2)
        throw Error("a number was given where a matrix is needed");
    return reshape(x, Shape{1, 1, x.shape()[0], x.shape()[1]});
}

V plane(const V& x) { return reshape(x, Shape{x.shape()[2], x.shape()[3]}); }

/** A whole number among the arguments. */
std::size_t whole(const Arguments& arguments, std::size_t i)
{
    const V& x = array(arguments, i);
    const double value = x.size() == 1 ? x.data()[0] : NAN;
    if (!(value >= 1 && value <= most_elements) || value != std::floor(value))
        throw Error(fmt::format("argument {} is to be a whole number from 1 on", i + 1));
    return static_cast<std::size_t>(value);
}

ConvolutionOptions options_of(const Arguments& arguments)
{
    const std::string* const word = arguments.size() < 3 ? nullptr : std::get_if<std::string>(&arguments[2]);
    if (arguments.size() == 3 && word == nullptr)
        throw Error("the third argument is to be 'valid', 'full' or 'same', in quotation marks");
    if (word == nullptr || *word == "full") // as in MATLAB, where it is the usual one
        return {.padding = Padding::full};
    if (*word == "valid")
        return {.padding = Padding::valid};
    if (*word == "same")
        return {.padding = Padding::same};
    throw Error(fmt::format("there is no '{}' convolution: 'valid', 'full' or 'same'", *word));
}

V constant_of(const Arguments& arguments, double value)
{
    const std::size_t rows = whole(arguments, 0), columns = whole(arguments, arguments.size() - 1);
    if (static_cast<double>(rows) * static_cast<double>(columns) > most_elements)
        throw Error("that is too large for a formula: at most a million elements");
    return constant(Array<double>(Shape{rows, columns}, value));
}

V enlarged(const V& x, std::size_t n)
{
    if (static_cast<double>(x.size()) * static_cast<double>(n) * static_cast<double>(n) > most_elements)
        throw Error("that is too large for a formula: at most a million elements");
    return plane(upsample(image(x), Size2d(static_cast<std::ptrdiff_t>(n))));
}

Size2d block(const Arguments& arguments) { return Size2d(static_cast<std::ptrdiff_t>(whole(arguments, 1))); }

V over(const Arguments& arguments, V (*all)(const V&), V (*some)(const V&, const Axes&, bool))
{
    if (arguments.size() == 1 || array(arguments, 0).dimension() == 0)
        return all(array(arguments, 0));
    const std::size_t axis = whole(arguments, 1);
    if (axis > 2)
        throw Error("a matrix has the axes 1, down its columns, and 2, along its rows");
    return some(array(arguments, 0), {static_cast<Axis>(axis - 1)}, true);
}

/** Of all elements: the vectors of the papers are columns. */
V softmax_of_all(const V& x) { return reshape(softmax(flatten(x, 0)), x.shape()); }

struct Function
{
    const char* name;
    std::size_t least, most; ///< numbers of arguments
    V (*compute)(const Arguments& arguments);
    NotationFunction help;
};

template <V (*f)(V)>
V of_each(const Arguments& arguments)
{
    return f(array(arguments, 0));
}

const Function functions[] = {
    {"conv2",
     2,
     3,
     [](const Arguments& a) { return plane(conv2d(image(array(a, 0)), image(array(a, 1)), options_of(a))); },
     {"conv2(a, b, 'valid')", "true convolution; 'full' (the usual one), 'same' or 'valid'"}},
    {"xcorr2",
     2,
     3,
     [](const Arguments& a) { return plane(correlate2d(image(array(a, 0)), image(array(a, 1)), options_of(a))); },
     {"xcorr2(a, b, 'valid')", "cross-correlation: b is not turned"}},
    {"rot180",
     1,
     1,
     [](const Arguments& a) { return plane(rot180(image(array(a, 0)))); },
     {"rot180(a)", "turned by 180°"}},
    {"flipud", 1, 1, [](const Arguments& a) { return flip(array(a, 0), {0}); }, {"flipud(a)", "upside down"}},
    {"fliplr", 1, 1, [](const Arguments& a) { return flip(array(a, 0), {1}); }, {"fliplr(a)", "left to right"}},
    {"up",
     2,
     2,
     [](const Arguments& a) { return enlarged(array(a, 0), whole(a, 1)); },
     {"up(a, n)", "each element repeated over an n×n block"}},
    {"down",
     2,
     2,
     [](const Arguments& a) { return plane(block_sum(image(array(a, 0)), block(a))); },
     {"down(a, n)", "the sum of each n×n block"}},
    {"maxpool",
     2,
     2,
     [](const Arguments& a) { return plane(max_pool2d(image(array(a, 0)), {.size = block(a), .stride = block(a)})); },
     {"maxpool(a, n)", "the largest of each n×n block"}},
    {"msk",
     2,
     2,
     [](const Arguments& a) {
         const V x = variable(array(a, 0).value());
         Tape tape;
         return constant(tape.gradient(sum(max_pool2d(image(x), {.size = block(a), .stride = block(a)})), x).value());
     },
     {"msk(a, n)", "1 at the largest of each n×n block, the first of equal ones, else 0"}},
    {"kron",
     2,
     2,
     [](const Arguments& a) { return kron(array(a, 0), array(a, 1)); },
     {"kron(a, b)", "the Kronecker product"}},
    {"ones", 1, 2, [](const Arguments& a) { return constant_of(a, 1); }, {"ones(r, c)", "r rows of c ones"}},
    {"zeros", 1, 2, [](const Arguments& a) { return constant_of(a, 0); }, {"zeros(r, c)", "r rows of c zeros"}},
    {"sum",
     1,
     2,
     [](const Arguments& a) { return over(a, sum<double>, sum<double>); },
     {"sum(a)", "of all elements; sum(a, 1) of each column, sum(a, 2) of each row"}},
    {"mean", 1, 2, [](const Arguments& a) { return over(a, mean<double>, mean<double>); }, {"mean(a)", "as sum"}},
    {"softmax",
     1,
     1,
     [](const Arguments& a) { return softmax_of_all(array(a, 0)); },
     {"softmax(a)", "over all elements"}},
    {"tanh", 1, 1, of_each<tanh<double>>, {"tanh(a)", "of each element; also exp, log, sqrt, abs, sign"}},
    {"sigmoid", 1, 1, of_each<sigmoid<double>>, {"sigmoid(a)", "1/(1 + exp(−a))"}},
    {"relu", 1, 1, of_each<relu<double>>, {"relu(a)", "max(0, a)"}},
    {"step", 1, 1, [](const Arguments& a) { return step(array(a, 0)); }, {"step(a)", "1 above 0, else 0"}},
    {"exp", 1, 1, of_each<exp<double>>, {}},
    {"log", 1, 1, of_each<log<double>>, {}},
    {"sqrt", 1, 1, of_each<sqrt<double>>, {}},
    {"abs", 1, 1, of_each<abs<double>>, {}},
    {"sign", 1, 1, of_each<sign<double>>, {}},
};

} // namespace

V call(std::string_view name, const Arguments& arguments)
{
    std::vector<std::string> names;
    for (const Function& each : functions) {
        names.emplace_back(each.name);
        if (name != each.name)
            continue;
        if (arguments.size() < each.least || arguments.size() > each.most)
            throw Error(fmt::format("{} takes {} argument{}, and {} were given", name,
                                    each.least == each.most ? std::to_string(each.least)
                                                            : fmt::format("{} or {}", each.least, each.most),
                                    each.most == 1 ? "" : "s", arguments.size()));
        return each.compute(arguments);
    }
    throw Error(fmt::format("there is no function {}{}", name, detail::did_you_mean(name, names)));
}

const std::vector<NotationFunction>& notation_functions()
{
    static const std::vector<NotationFunction> all = [] {
        std::vector<NotationFunction> told;
        for (const Function& each : functions)
            if (each.help.sample != nullptr)
                told.push_back(each.help);
        return told;
    }();
    return all;
}

} // namespace xgrad::explorer
