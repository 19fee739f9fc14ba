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

/** The longest of the names for which a function holds; empty if there is none. */
template <class Holds>
std::string longest(const std::map<std::string, Shape>& names, Holds holds)
{
    std::string found;
    for (const auto& [name, shape] : names)
        if (name.size() > found.size() && holds(name))
            found = name;
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

std::vector<Match> matched(const NamedArrays& given, const Wanted& wanted, const std::string& file)
{
    std::map<std::string, Shape> all = wanted.parameters, unknown;
    all.insert(wanted.values.begin(), wanted.values.end());
    std::map<std::string, Shape> left = all;
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
            name = longest(left, [&](const std::string& each) { return letters.ends_with(simplified(each)); });
        if (!name.empty() && squeezed(all.at(name)) != squeezed(shape))
            throw DataError(fmt::format("[compare] {}: {} has shape {}, and {} of the network {}", file,
                                        printable(array), to_string(shape), name, to_string(all.at(name))));
        if (!name.empty())
            take(name, array, false);
    }
    for (const bool are_parameters : {true, false})
        for (const auto& [array, shape] : std::map(unknown)) {
            const auto alike = [own = squeezed(shape)](const std::string&, const Shape& other) {
                return squeezed(other) == own;
            };
            const std::string name = only(left, [&](const std::string& each, const Shape& other) {
                return wanted.parameters.contains(each) == are_parameters && alike(each, other);
            });
            if (!name.empty() && only(unknown, alike) == array)
                take(name, array, true);
        }
    if (unknown.empty())
        return matches;
    constexpr std::size_t most_values = 12; // of networks of files, which can have hundreds
    if (wanted.values.size() > most_values)
        std::erase_if(left, [&](const auto& each) { return wanted.values.contains(each.first); });
    throw DataError(fmt::format("[compare] {}: nothing in the network is clearly meant by {}; the network has {}", file,
                                listed(unknown), listed(left)));
}

std::vector<Match> read_weights(const std::string& file, const Parameters<double>& parameters)
{
    const NamedArrays arrays = load_arrays(file);
    std::map<std::string, Shape> wanted;
    for (std::size_t i = 0; i < parameters.size(); ++i)
        wanted.emplace(parameters.name(i), parameters[i].shape());
    const std::vector<Match> matches = matched(arrays, {wanted}, file);
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

Prepared read_batch(const std::string& file, const Handwritten& network)
{

    const NamedArrays arrays = load_arrays(file);
    std::map<std::string, Shape> shapes;
    for (const auto& [name, array] : arrays)
        shapes.emplace(name, array.shape());
    const std::size_t margin = 2 * network.preparation.padding;
    Shape shape = {network.channels, network.height + margin, network.width + margin};
    if (network.height == 0 || network.width == 0) // any size: that of the images
        for (const auto& [name, array] : shapes)
            if (array.size() == shape.size() + 1)
                std::copy(array.begin() + 1, array.end(), shape.begin());
    const std::string there = fmt::format("[compare] {}: labels (N) and images (N, {}) are needed, there are {}", file,
                                          element_count(shape), shapes.empty() ? "no arrays" : listed(shapes));
    const AnyArray& labels = the_array(
        arrays, {"labels", "label", "targets", "t", "y"},
        [](const AnyArray& a) { return squeezed(a.shape()).size() < 2; }, there);
    const AnyArray& images = the_array(
        arrays, {"x", "images", "inputs", "data"}, [&](const AnyArray& a) { return &a != &labels; }, there);
    const std::size_t count = labels.size();
    if (count == 0 || images.size() != count * element_count(shape))
        throw DataError(there);
    Prepared batch{reshaped(images, {count, shape[0], shape[1], shape[2]}), labels.as<std::int32_t>()};
    batch.labels.reshape({count});
    const auto [least, most] = std::minmax_element(batch.labels.begin(), batch.labels.end());
    if (*least < 0 || static_cast<std::size_t>(*most) >= network.classes)
        throw DataError(fmt::format("[compare] {}: a label is {}; they are from 0 to {}", file,
                                    *least < 0 ? *least : *most, network.classes - 1));
    return batch;
}

GivenGradients read_gradients(const std::string& file, const Wanted& wanted)
{
    const NamedArrays arrays = load_arrays(file);
    if (arrays.empty())
        throw DataError(
            fmt::format("[compare] {}: there are no gradients; the network has {}", file, listed(wanted.parameters)));
    GivenGradients found{.gradients = {}, .matches = matched(arrays, wanted, file)};
    for (const Match& match : found.matches) {
        const AnyArray& array = arrays.at(match.given);
        const auto parameter = wanted.parameters.find(match.name);
        found.gradients.emplace(
            match.name,
            reshaped(array, parameter != wanted.parameters.end() ? parameter->second : wanted.values.at(match.name)));
        found.has_only_doubles = found.has_only_doubles && array.type() == ElementType::float64;
    }
    return found;
}

} // namespace xgrad::command
