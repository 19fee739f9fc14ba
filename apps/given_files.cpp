#include "given_files.hpp"

#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/shape.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace xgrad::command
{

namespace
{

/** A name without case and punctuation: "layer1.weight" and "Layer1_weight" are the same. */
std::string simplified(const std::string& name)
{
    std::string letters;
    for (const char c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) != 0)
            letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return letters;
}

/** A shape without extents of 1. MATLAB has no arrays of one axis. */
Shape squeezed(const Shape& shape)
{
    Shape without;
    for (const std::size_t extent : shape)
        if (extent != 1)
            without.push_back(extent);
    return without;
}

/** The only one of the names for which a function holds; empty if there is none or several. */
template <class Holds>
std::string only(const std::map<std::string, Shape>& names, Holds holds)
{
    std::string found;
    for (const auto& [name, shape] : names)
        if (holds(name, shape)) {
            if (!found.empty())
                return {};
            found = name;
        }
    return found;
}

std::string listed(const std::map<std::string, Shape>& names)
{
    std::vector<std::string> all;
    for (const auto& [name, shape] : names)
        all.push_back(fmt::format("{} {}", printable(name), to_string(shape)));
    return fmt::to_string(fmt::join(all, ", "));
}

/** The elements in the shape of the network. */
Array<double> reshaped(const AnyArray& given, const Shape& shape)
{
    Array<double> values = given.as<double>();
    values.reshape(shape);
    return values;
}

/** An array of one of these names, or else the only one for which a function holds. */
template <class Holds>
const AnyArray& the_array(const NamedArrays& arrays, const std::set<std::string>& names, Holds holds,
                          const std::string& what)
{
    const AnyArray* found = nullptr;
    for (const auto& [name, array] : arrays)
        if (names.contains(simplified(name)))
            return array;
    for (const auto& [name, array] : arrays)
        if (holds(array)) {
            if (found != nullptr)
                throw DataError(what + ": give one of them the name " + *names.begin());
            found = &array;
        }
    if (found == nullptr)
        throw DataError(what + ": none is called " + *names.begin());
    return *found;
}

} // namespace

std::vector<Match> matched(const NamedArrays& given, const std::map<std::string, Shape>& wanted,
                           const std::string& file)
{
    std::map<std::string, Shape> left = wanted, unknown;
    std::vector<Match> matches;
    const auto take = [&](const std::string& name, const std::string& array, bool by_shape) {
        matches.push_back({name, array, by_shape});
        left.erase(name);
        unknown.erase(array);
    };
    for (const auto& [name, array] : given)
        unknown.emplace(name, array.shape());
    for (const auto& [array, shape] : std::map(unknown)) {
        const std::string letters = simplified(array);
        std::string name =
            only(left, [&](const std::string& each, const Shape&) { return simplified(each) == letters; });
        if (name.empty()) // grad_layer1_weight
            name =
                only(left, [&](const std::string& each, const Shape&) { return letters.ends_with(simplified(each)); });
        if (!name.empty() && squeezed(wanted.at(name)) != squeezed(shape))
            throw DataError(fmt::format("[compare] {}: {} has shape {}, and {} of the network {}", file,
                                        printable(array), to_string(shape), name, to_string(wanted.at(name))));
        if (!name.empty())
            take(name, array, false);
    }
    for (const auto& [array, shape] : std::map(unknown)) {
        const auto alike = [own = squeezed(shape)](const std::string&, const Shape& other) {
            return squeezed(other) == own;
        };
        const std::string name = only(left, alike);
        if (!name.empty() && only(unknown, alike) == array)
            take(name, array, true);
    }
    if (!unknown.empty())
        throw DataError(fmt::format("[compare] {}: nothing in the network is clearly meant by {}; the network has {}",
                                    file, listed(unknown), listed(left)));
    return matches;
}

std::vector<Match> read_weights(const std::string& file, const Parameters<double>& parameters)
{
    const NamedArrays arrays = load_arrays(file);
    std::map<std::string, Shape> wanted;
    for (std::size_t i = 0; i < parameters.size(); ++i)
        wanted.emplace(parameters.name(i), parameters[i].shape());
    const std::vector<Match> matches = matched(arrays, wanted, file);
    for (const Match& match : matches) {
        Variable<double> parameter = parameters[match.name];
        const Array<double> values = reshaped(arrays.at(match.given), parameter.shape());
        std::copy(values.begin(), values.end(), parameter.mutable_data());
        wanted.erase(match.name);
    }
    if (!wanted.empty())
        throw DataError(fmt::format("[compare] {}: these weights are missing: {}", file, listed(wanted)));
    return matches;
}

Prepared read_batch(const std::string& file, std::size_t side)
{
    const NamedArrays arrays = load_arrays(file);
    std::map<std::string, Shape> shapes;
    for (const auto& [name, array] : arrays)
        shapes.emplace(name, array.shape());
    const std::string there = fmt::format("[compare] {}: labels (N) and images (N, {}) are needed, there are {}", file,
                                          side * side, shapes.empty() ? "no arrays" : listed(shapes));
    const AnyArray& labels = the_array(
        arrays, {"labels", "label", "targets", "t", "y"},
        [](const AnyArray& a) { return squeezed(a.shape()).size() < 2; }, there);
    const AnyArray& images = the_array(
        arrays, {"x", "images", "inputs", "data"}, [&](const AnyArray& a) { return &a != &labels; }, there);
    const std::size_t count = labels.size();
    if (count == 0 || images.size() != count * side * side)
        throw DataError(there);
    Prepared batch{reshaped(images, {count, 1, side, side}), labels.as<std::int32_t>()};
    batch.labels.reshape({count});
    const auto [least, most] = std::minmax_element(batch.labels.begin(), batch.labels.end());
    if (*least < 0 || *most > 9)
        throw DataError(
            fmt::format("[compare] {}: a label is {}; they are from 0 to 9", file, *least < 0 ? *least : *most));
    return batch;
}

std::map<std::string, Array<double>> read_gradients(const std::string& file, const std::map<std::string, Shape>& shapes,
                                                    std::vector<Match>& matches)
{
    const NamedArrays arrays = load_arrays(file);
    if (arrays.empty())
        throw DataError(fmt::format("[compare] {}: there are no gradients; the network has {}", file, listed(shapes)));
    matches = matched(arrays, shapes, file);
    std::map<std::string, Array<double>> gradients;
    for (const Match& match : matches)
        gradients.emplace(match.name, reshaped(arrays.at(match.given), shapes.at(match.name)));
    return gradients;
}

} // namespace xgrad::command
