#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/sizes.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/diagonals.hpp>
#include <xgrad/ops/einsum.hpp>
#include <xgrad/ops/manipulation.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/reduction.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace xgrad
{

namespace
{

/** A character for each axis: a letter of the equation, or a digit for an axis that the dots stand for, counted from
 *  the last one. */
using Letters = std::string;

constexpr const char* dots = "0123456789";

bool is_dot_axis(char letter) { return letter >= '0' && letter <= '9'; }

/** The names of the axes of all operands and of the result. */
struct Equation
{
    std::vector<Letters> operands;
    Letters output;
    std::map<char, std::size_t> extents;
};

[[noreturn]] void refuse(std::string_view equation, const std::string& why)
{
    throw ShapeError(fmt::format("[einsum] \"{}\": {}", equation, why));
}

/** The letters of one operand or of the result, with the dots as `dot_axes` digits. */
Letters expanded(std::string_view equation, std::string_view part, std::size_t dot_axes)
{
    Letters letters;
    for (std::size_t i = 0; i < part.size(); ++i)
        if (part.substr(i, 3) == "...") {
            if (part.find("...", i + 3) != part.npos)
                refuse(equation, "the dots stand twice in one operand");
            for (std::size_t axis = dot_axes; axis-- > 0;)
                letters += dots[axis];
            i += 2;
        } else if ((part[i] >= 'a' && part[i] <= 'z') || (part[i] >= 'A' && part[i] <= 'Z')) {
            letters += part[i];
        } else {
            refuse(equation, fmt::format("'{}' is no letter of an axis, nor one of three dots", part[i]));
        }
    return letters;
}

Letters implicit_output(const std::vector<Letters>& operands)
{
    std::map<char, int> count;
    for (const Letters& letters : operands)
        for (const char letter : letters)
            ++count[letter];
    Letters axes_of_dots, once;
    for (const auto& [letter, times] : count)
        if (is_dot_axis(letter))
            axes_of_dots.insert(axes_of_dots.begin(), letter);
        else if (times == 1)
            once += letter;
    return axes_of_dots + once;
}

template <class T>
Equation parse(std::string_view equation, std::span<const Variable<T>> xs)
{
    std::string text(equation);
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    const std::size_t arrow = text.find("->");
    const std::string inputs = text.substr(0, arrow);
    std::vector<std::string> parts(1);
    for (const char letter : inputs)
        letter == ',' ? parts.emplace_back() : parts.back() += letter;
    if (parts.size() != xs.size())
        refuse(equation, fmt::format("it names {} operands, and {} are given", parts.size(), xs.size()));
    Equation parsed;
    std::size_t most_dots = 0;
    for (std::size_t k = 0; k < xs.size(); ++k) {
        const bool has_dots = parts[k].find("...") != std::string::npos;
        const std::size_t named = expanded(equation, parts[k], 0).size(), dimension = xs[k].dimension();
        if (has_dots ? named > dimension : named != dimension)
            refuse(equation, fmt::format("operand {} has shape {}, and \"{}\" names {} axes", k,
                                         to_string(xs[k].shape()), parts[k], named));
        most_dots = std::max(most_dots, dimension - named);
        parsed.operands.push_back(expanded(equation, parts[k], dimension - named));
    }
    for (std::size_t k = 0; k < xs.size(); ++k)
        for (std::size_t axis = 0; axis < xs[k].dimension(); ++axis) {
            const char letter = parsed.operands[k][axis];
            const std::size_t extent = xs[k].shape()[axis];
            const auto [known, is_new] = parsed.extents.emplace(letter, extent);
            if (is_dot_axis(letter) && known->second == 1)
                known->second = extent;
            if (known->second != extent && !(is_dot_axis(letter) && extent == 1))
                refuse(equation,
                       fmt::format("{} has extent {} in operand {} of shape {}, and {} before",
                                   is_dot_axis(letter) ? "an axis of the dots" : fmt::format("letter {}", letter),
                                   extent, k, to_string(xs[k].shape()), known->second));
        }
    parsed.output = arrow == std::string::npos
                        ? implicit_output(parsed.operands)
                        : expanded(equation, std::string_view(text).substr(arrow + 2), most_dots);
    for (std::size_t i = 0; i < parsed.output.size(); ++i) {
        const char letter = parsed.output[i];
        if (parsed.output.find(letter, i + 1) != Letters::npos)
            refuse(equation, fmt::format("letter {} stands twice in the result", letter));
        if (!parsed.extents.contains(letter))
            refuse(equation, fmt::format("letter {} of the result is in no operand", letter));
    }
    for (const auto& [letter, extent] : parsed.extents)
        if (is_dot_axis(letter) && parsed.output.find(letter) == Letters::npos)
            refuse(equation, "the result has no dots for the axes that they stand for");
    return parsed;
}

/** An array with the names of its axes. */
template <class T>
struct Factor
{
    Variable<T> x;
    Letters letters;

    bool has(char letter) const { return letters.find(letter) != Letters::npos; }
    std::size_t extent(char letter) const { return x.shape()[letters.find(letter)]; }
};

/** The factor with its axes in another order, of the same letters. */
template <class T>
Variable<T> in_order(const Factor<T>& factor, const Letters& order)
{
    if (factor.letters == order)
        return factor.x;
    Axes axes{};
    for (const char letter : order)
        axes.push_back(static_cast<Axis>(factor.letters.find(letter)));
    return permute(factor.x, axes);
}

/** The factor with a repeated letter once, along the diagonal of its two axes. */
template <class T>
Factor<T> on_diagonal(const Factor<T>& factor, std::size_t first, std::size_t second)
{
    Letters letters = factor.letters;
    letters.erase(second, 1).erase(first, 1);
    return {diagonal(factor.x, 0, static_cast<Axis>(first), static_cast<Axis>(second)),
            letters + factor.letters[first]};
}

/** The factor with each letter once, without the axes of extent 1 that are broadcast, and summed over all letters that
 *  are not kept. */
template <class T>
Factor<T> prepared(Factor<T> factor, const Equation& equation, const Letters& kept)
{
    for (std::size_t i = 0; i < factor.letters.size();) {
        const char letter = factor.letters[i];
        const std::size_t again = factor.letters.find(letter, i + 1);
        if (again != Letters::npos) {
            factor = on_diagonal(factor, i, again);
            i = 0;
        } else if (is_dot_axis(letter) && factor.x.shape()[i] != equation.extents.at(letter)) {
            factor.x = squeeze(factor.x, static_cast<Axis>(i));
            factor.letters.erase(i, 1);
        } else {
            ++i;
        }
    }
    Axes summed{};
    Letters letters;
    for (std::size_t i = 0; i < factor.letters.size(); ++i)
        if (kept.find(factor.letters[i]) == Letters::npos)
            summed.push_back(static_cast<Axis>(i));
        else
            letters += factor.letters[i];
    return {summed.size() == 0 ? factor.x : sum(factor.x, summed), letters};
}

/** The product of two factors, summed over the letters that both have and that are not kept. */
template <class T>
Factor<T> contracted(const Factor<T>& a, const Factor<T>& b, const Letters& kept)
{
    Letters batch, summed, of_a, of_b;
    for (const char letter : a.letters)
        (!b.has(letter) ? of_a : kept.find(letter) == Letters::npos ? summed : batch) += letter;
    for (const char letter : b.letters)
        if (!a.has(letter))
            of_b += letter;
    const auto size = [&](const Letters& letters, const Factor<T>& factor) {
        std::size_t count = 1;
        for (const char letter : letters)
            count *= factor.extent(letter);
        return count;
    };
    const std::size_t n = size(batch, a), rows = size(of_a, a), columns = size(of_b, b), terms = size(summed, a);
    const auto left = reshape(in_order(a, batch + of_a + summed), {n, rows, terms});
    const auto right = summed.empty() ? reshape(in_order(b, batch + of_b), {n, 1, columns})
                                      : reshape(in_order(b, batch + summed + of_b), {n, terms, columns});
    const auto product = summed.empty() ? left * right : matmul(left, right);
    Shape shape;
    for (const char letter : batch + of_a)
        shape.push_back(a.extent(letter));
    for (const char letter : of_b)
        shape.push_back(b.extent(letter));
    return {reshape(product, shape), batch + of_a + of_b};
}

/** The letters that are needed after two factors have met. */
template <class T>
Letters kept_beside(const std::vector<Factor<T>>& factors, std::size_t i, std::size_t j, const Letters& output)
{
    Letters kept = output;
    for (std::size_t k = 0; k < factors.size(); ++k)
        if (k != i && k != j)
            kept += factors[k].letters;
    return kept;
}

/** The number of elements of the product of two factors. */
template <class T>
double product_size(const Factor<T>& a, const Factor<T>& b, const Letters& kept)
{
    double size = 1;
    for (const char letter : a.letters)
        if (!b.has(letter) || kept.find(letter) != Letters::npos)
            size *= static_cast<double>(a.extent(letter));
    for (const char letter : b.letters)
        if (!a.has(letter))
            size *= static_cast<double>(b.extent(letter));
    return size;
}

} // namespace

template <class T>
Variable<T> einsum(std::string_view equation, std::span<const Variable<T>> xs)
{
    const Equation parsed = parse(equation, xs);
    std::vector<Factor<T>> factors;
    for (std::size_t k = 0; k < xs.size(); ++k)
        factors.push_back({xs[k], parsed.operands[k]});
    for (std::size_t k = 0; k < factors.size(); ++k)
        factors[k] = prepared(factors[k], parsed, kept_beside(factors, k, k, parsed.output));
    // The two whose product is smallest come first.
    while (factors.size() > 1) {
        std::size_t first = 0, second = 1;
        double smallest = -1;
        for (std::size_t i = 0; i < factors.size(); ++i)
            for (std::size_t j = i + 1; j < factors.size(); ++j) {
                const double size = product_size(factors[i], factors[j], kept_beside(factors, i, j, parsed.output));
                if (smallest < 0 || size < smallest)
                    smallest = size, first = i, second = j;
            }
        factors[first] =
            contracted(factors[first], factors[second], kept_beside(factors, first, second, parsed.output));
        factors.erase(factors.begin() + static_cast<std::ptrdiff_t>(second));
    }
    return in_order(factors[0], parsed.output);
}

template <class T>
Variable<T> tensordot(const Variable<T>& a, const Variable<T>& b, std::size_t n)
{
    if (n > a.dimension() || n > b.dimension())
        throw ShapeError(fmt::format("[tensordot] {} axes of shapes {} and {}: they have fewer", n,
                                     to_string(a.shape()), to_string(b.shape())));
    Axes last{}, first{};
    for (std::size_t i = 0; i < n; ++i) {
        last.push_back(static_cast<Axis>(a.dimension() - n + i));
        first.push_back(static_cast<Axis>(i));
    }
    return tensordot(a, b, last, first);
}

template <class T>
Variable<T> tensordot(const Variable<T>& a, const Variable<T>& b, const Axes& axes_of_a, const Axes& axes_of_b)
{
    if (axes_of_a.size() != axes_of_b.size())
        throw ShapeError(fmt::format("[tensordot] {} axes of a and {} of b: as many are needed", axes_of_a.size(),
                                     axes_of_b.size()));
    Factor<T> left{a, Letters(a.dimension(), ' ')}, right{b, Letters(b.dimension(), ' ')};
    for (std::size_t i = 0; i < axes_of_a.size(); ++i) {
        const std::size_t of_a = detail::normalize_axis("tensordot", axes_of_a[i], a.dimension());
        const std::size_t of_b = detail::normalize_axis("tensordot", axes_of_b[i], b.dimension());
        if (left.letters[of_a] != ' ' || right.letters[of_b] != ' ')
            throw ShapeError("[tensordot] an axis is named twice");
        if (a.shape()[of_a] != b.shape()[of_b])
            throw ShapeError(fmt::format("[tensordot] axis {} of shape {} and axis {} of shape {}: the same extent is "
                                         "needed",
                                         axes_of_a[i], to_string(a.shape()), axes_of_b[i], to_string(b.shape())));
        left.letters[of_a] = right.letters[of_b] = static_cast<char>('a' + i);
    }
    Letters output;
    char next = 'A';
    for (Factor<T>* const factor : {&left, &right})
        for (char& letter : factor->letters)
            if (letter == ' ')
                output += letter = next++;
    return contracted(left, right, output).x;
}

template <class T>
Variable<T> dot(const Variable<T>& a, const Variable<T>& b)
{
    if (a.dimension() == 0 || b.dimension() == 0)
        return a * b;
    return tensordot(a, b, -1, b.dimension() == 1 ? 0 : -2);
}

template <class T>
Variable<T> vdot(const Variable<T>& a, const Variable<T>& b)
{
    if (a.size() != b.size())
        throw ShapeError(fmt::format("[vdot] shapes {} and {}: as many elements are needed", to_string(a.shape()),
                                     to_string(b.shape())));
    return sum(flatten(a) * flatten(b));
}

template <class T>
Variable<T> cross(const Variable<T>& a, const Variable<T>& b)
{
    const std::size_t n = a.dimension() == 0 ? 0 : a.shape().back();
    if (b.dimension() == 0 || b.shape().back() != n || (n != 2 && n != 3))
        throw ShapeError(fmt::format("[cross] vectors of shapes {} and {}: the last extent must be 3, or 2, in both",
                                     to_string(a.shape()), to_string(b.shape())));
    if (n == 3)
        return roll(a, -1, -1) * roll(b, -2, -1) - roll(a, -2, -1) * roll(b, -1, -1);
    const auto products = a * roll(b, 1, -1);
    return squeeze(slice(products, -1, 0, 1) - slice(products, -1, 1, 2), -1);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> einsum(std::string_view, std::span<const Variable<T>>);                                       \
    template Variable<T> tensordot(const Variable<T>&, const Variable<T>&, std::size_t);                               \
    template Variable<T> tensordot(const Variable<T>&, const Variable<T>&, const Axes&, const Axes&);                  \
    template Variable<T> dot(const Variable<T>&, const Variable<T>&);                                                  \
    template Variable<T> vdot(const Variable<T>&, const Variable<T>&);                                                 \
    template Variable<T> cross(const Variable<T>&, const Variable<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
