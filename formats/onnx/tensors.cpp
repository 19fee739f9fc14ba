#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/formats/elements.hpp>
#include <xgrad/formats/onnx/fields.hpp>
#include <xgrad/formats/onnx/tensors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <type_traits>
#include <vector>

namespace xgrad::onnx
{

namespace
{

using protobuf::Message;

/** A tensor as its message has it. */
struct Fields
{
    std::string name = {};
    std::vector<std::int64_t> extents = {};
    std::int64_t type = 0;
    std::optional<std::string_view> raw = {};
    std::vector<float> floats = {};
    std::vector<double> doubles = {};
    std::vector<std::int64_t> integers = {}; // of whichever list has them
    bool is_elsewhere = false;
    std::map<std::string, std::string> place = {}; // in another file
};

constexpr std::size_t most_axes = 8;

std::string called(const std::string& name) { return fmt::format("tensor '{}'", printable(name)); }

Fields fields_of(Message message)
{
    Fields found;
    while (const auto field = message.next())
        switch (field->number()) {
        case fields::tensor::extents:
            field->append_to(found.extents);
            break;
        case fields::tensor::type:
            found.type = field->integer();
            break;
        case fields::tensor::floats:
            field->append_to(found.floats);
            break;
        case fields::tensor::doubles:
            field->append_to(found.doubles);
            break;
        case fields::tensor::small_integers:
        case fields::tensor::integers:
        case fields::tensor::unsigned_integers:
            field->append_to(found.integers);
            break;
        case fields::tensor::name:
            found.name = field->text();
            break;
        case fields::tensor::raw:
            found.raw = field->bytes();
            break;
        case fields::tensor::location:
            found.is_elsewhere = field->integer() == 1;
            break;
        case fields::tensor::place:
            found.place.insert(read_entry(field->message()));
            break;
        default:
            break;
        }
    return found;
}

Shape shape_of(const Message& message, const Fields& tensor)
{
    Shape shape;
    for (const std::int64_t extent : tensor.extents) {
        if (extent < 0)
            message.fail(fmt::format("{} has the extent {}; it is damaged", called(tensor.name), extent));
        shape.push_back(static_cast<std::size_t>(extent));
    }
    return shape;
}

/** Puts an element into an array. @return  false if it does not fit */
template <class From, class To>
bool put(From from, To& to)
{
    if constexpr (std::is_arithmetic_v<To>)
        return xgrad::detail::convert(from, to);
    else
        return xgrad::detail::convert(from, to.bits); // a list has the bits of a number of 16 bits
}

template <class From>
AnyArray array_of(const Message& message, const std::string& name, ElementType type, const Shape& shape,
                  const std::vector<From>& list)
{
    AnyArray array(type, shape);
    xgrad::detail::visit_type(type, [&](auto to) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            bool fits = false;
            if constexpr (std::is_same_v<decltype(to), std::uint64_t> && std::is_same_v<From, std::int64_t>)
                fits = put(static_cast<std::uint64_t>(list[i]), to);
            else
                fits = put(list[i], to);
            if (!fits)
                message.fail(fmt::format("{} has the number {}, which is no {}; it is damaged", called(name), list[i],
                                         element_name(type)));
            std::memcpy(array.bytes() + i * sizeof(to), &to, sizeof(to));
        }
    });
    return array;
}

AnyArray from_raw(ElementType type, const Shape& shape, std::string_view raw)
{
    AnyArray array(type, shape);
    if (!raw.empty())
        std::memcpy(array.bytes(), raw.data(), raw.size());
    if (type == ElementType::boolean)
        for (std::size_t i = 0; i < array.byte_count(); ++i)
            array.bytes()[i] = std::byte{array.bytes()[i] != std::byte{0}};
    return array;
}

/** True if the elements lie in a file of the same folder. */
bool is_beside(const Fields& tensor)
{
    const auto location = tensor.place.find("location");
    if (location == tensor.place.end() || location->second.find('\0') != std::string::npos)
        return false;
    const std::filesystem::path path(location->second);
    return !path.empty() && path.filename() == path && path != ".." && path != ".";
}

/** A number that tells where in another file the elements lie. */
std::uint64_t number_in(const xgrad::detail::Bytes& file, const Fields& tensor, const char* key,
                        std::uint64_t alternative)
{
    const auto entry = tensor.place.find(key);
    if (entry == tensor.place.end())
        return alternative;
    std::uint64_t number = 0;
    const char* const end = entry->second.data() + entry->second.size();
    const auto [rest, error] = std::from_chars(entry->second.data(), end, number);
    if (error != std::errc() || rest != end)
        file.fail(fmt::format("the {} of {} is '{}'; the model is damaged", key, called(tensor.name),
                              printable(entry->second)));
    return number;
}

std::uint64_t promised_bytes(const Message& message, const Fields& tensor, ElementType type, const Shape& shape)
{
    try {
        return element_count(shape) * element_size(type);
    } catch (const ShapeError&) {
        message.fail(fmt::format("{} has a shape that no array can have, {}; it is damaged", called(tensor.name),
                                 to_string(shape)));
    }
}

Tensor from_message(const Message& message, const Fields& found, ElementType type, const Shape& shape)
{
    const std::uint64_t bytes = promised_bytes(message, found, type, shape);
    const auto check = [&](std::uint64_t count, std::uint64_t wanted, const char* what) {
        if (count != wanted)
            message.fail(fmt::format("{} has {} {} where its shape {} of {} needs {}; it is damaged",
                                     called(found.name), count, what, to_string(shape), element_name(type), wanted));
    };
    if (found.raw) {
        check(found.raw->size(), bytes, "bytes");
        return from_raw(type, shape, *found.raw);
    }
    const auto from_list = [&](const auto& list) {
        check(list.size(), bytes / element_size(type), "elements");
        return array_of(message, found.name, type, shape, list);
    };
    if (type == ElementType::float32)
        return from_list(found.floats);
    if (type == ElementType::float64)
        return from_list(found.doubles);
    return from_list(found.integers);
}

/** Reads a tensor in another file. @param taken  the number of bytes that tensors took from this file */
Tensor from_other_file(std::istream& stream, const std::filesystem::path& path, const Fields& found, ElementType type,
                       const Shape& shape, std::uint64_t& taken)
{
    xgrad::detail::FileBytes file(stream, "[onnx] " + printable(path.string()));
    file.seek(number_in(file, found, "offset", 0));
    const std::uint64_t bytes = xgrad::detail::promised_bytes(file, type, shape);
    if (number_in(file, found, "length", bytes) != bytes)
        file.fail(fmt::format("the length of {} does not fit its shape {}; the model is damaged", called(found.name),
                              to_string(shape)));
    // Tensors that share their elements would take more memory than the file has bytes.
    if (bytes > file.size() - taken)
        file.fail("has fewer bytes than its tensors; it is truncated, or the model is damaged");
    taken += bytes;
    return xgrad::detail::read_elements(file, {type, type, shape});
}

} // namespace

std::optional<ElementType> element_type(std::int64_t number)
{
    for (const fields::ElementNumber& each : fields::element_numbers)
        if (each.number == number)
            return each.type;
    return std::nullopt;
}

std::int64_t element_number(ElementType type)
{
    return std::find_if(std::begin(fields::element_numbers), std::end(fields::element_numbers),
                        [&](const fields::ElementNumber& each) { return each.type == type; })
        ->number;
}

std::pair<std::string, std::string> read_entry(Message message)
{
    std::pair<std::string, std::string> entry;
    while (const auto field = message.next())
        if (field->number() == fields::entry::key)
            entry.first = field->text();
        else if (field->number() == fields::entry::value)
            entry.second = field->text();
    return entry;
}

Tensor TensorReader::unread(const std::string& tensor, const std::string& what) const
{
    return Tensor::unread(name_, called(tensor) + " " + what);
}

std::pair<std::string, Tensor> TensorReader::read(const Message& message)
{
    const Fields found = fields_of(message);
    const auto refuse = [&](const std::string& what) { return std::pair(found.name, unread(found.name, what)); };
    const std::optional<ElementType> type = element_type(found.type);
    if (!type)
        return refuse(fmt::format("is of type {}, which is not read", found.type));
    if (found.extents.size() > most_axes)
        return refuse(fmt::format("has {} axes; at most {} are read", found.extents.size(), most_axes));
    const Shape shape = shape_of(message, found);
    if (!found.is_elsewhere)
        return {found.name, from_message(message, found, *type, shape)};
    if (!folder_ || !is_beside(found))
        return refuse("has its elements in another file, which is read only in the same folder; save the model as one "
                      "file");
    const std::string& location = found.place.at("location");
    const std::filesystem::path path = *folder_ / location;
    std::error_code error;
    std::ifstream stream;
    if (std::filesystem::is_regular_file(path, error))
        stream.open(path, std::ios::binary);
    if (!stream.is_open())
        return refuse(fmt::format("lies in the file '{}', which cannot be opened", printable(location)));
    return {found.name, from_other_file(stream, path, found, *type, shape, read_[location])};
}

void write_tensor(protobuf::Writer& writer, const std::string& name, const AnyArray& array)
{
    for (const std::size_t extent : array.shape())
        writer.integer(fields::tensor::extents, static_cast<std::int64_t>(extent));
    writer.integer(fields::tensor::type, element_number(array.type()));
    if (!name.empty())
        writer.bytes(fields::tensor::name, name);
    writer.bytes(fields::tensor::raw, {reinterpret_cast<const char*>(array.bytes()), array.byte_count()});
}

} // namespace xgrad::onnx
