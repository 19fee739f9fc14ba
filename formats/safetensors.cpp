#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/formats/elements.hpp>
#include <xgrad/formats/found.hpp>
#include <xgrad/formats/safetensors.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad
{

namespace
{

constexpr std::size_t alignment = 8;

struct TypeName
{
    std::string_view name;
    ElementType type;
};

constexpr TypeName types[] = {
    {"BOOL", ElementType::boolean}, {"I8", ElementType::int8},       {"I16", ElementType::int16},
    {"I32", ElementType::int32},    {"I64", ElementType::int64},     {"U8", ElementType::uint8},
    {"U16", ElementType::uint16},   {"U32", ElementType::uint32},    {"U64", ElementType::uint64},
    {"F16", ElementType::float16},  {"BF16", ElementType::bfloat16}, {"F32", ElementType::float32},
    {"F64", ElementType::float64}};

const char* type_name(ElementType type)
{
    return std::find_if(std::begin(types), std::end(types), [&](const TypeName& each) { return each.type == type; })
        ->name.data();
}

} // namespace

namespace detail
{

SafetensorsHeader read_safetensors_header(Bytes& file)
{
    const auto size = file.number<std::uint64_t>();
    if (size > std::min(file.remaining(), largest_header))
        file.fail(
            fmt::format("promises a header of {} bytes, but {} follow and {} are the most: it is truncated or not "
                        "a safetensors file",
                        size, file.remaining(), largest_header));
    std::string text(size, '\0');
    file.read(text.data(), size);
    return parse_header(file.name(), text);
}

std::vector<std::pair<std::string, TensorEntry>> in_order(const Bytes& file, const SafetensorsHeader& header)
{
    std::vector<std::pair<std::string, TensorEntry>> entries(header.tensors.begin(), header.tensors.end());
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return std::pair(a.second.begin, a.second.end) < std::pair(b.second.begin, b.second.end);
    });
    std::uint64_t end = 0;
    for (const auto& [tensor, entry] : entries) {
        if (entry.begin != end)
            file.fail(
                fmt::format("the data of tensor '{}' begins at byte {}, where {} was expected: tensors overlap or "
                            "leave a hole; the file is damaged",
                            printable(tensor), entry.begin, end));
        end = entry.end;
    }
    if (end != file.remaining())
        file.fail(fmt::format("its tensors need {} bytes of data, the file has {}: it is {}", end, file.remaining(),
                              end > file.remaining() ? "truncated" : "followed by something else"));
    return entries;
}

void write_safetensors(const std::string& name, const std::filesystem::path& path, std::string text,
                       const std::function<void(const WriteBytes&)>& write_data)
{
    text.append((alignment - text.size() % alignment) % alignment, ' ');
    if (text.size() > largest_header)
        throw DataError(fmt::format("{}: names and metadata take {} bytes, {} are the most; save less", name,
                                    text.size(), largest_header));
    write_atomically(path, [&](const WriteBytes& append) {
        const std::uint64_t size = text.size();
        append(&size, sizeof(size));
        append(text.data(), text.size());
        write_data(append);
    });
}

void read_safetensors(FileBytes& file, Found& found)
{
    SafetensorsHeader header = read_safetensors_header(file);
    const auto entries = in_order(file, header);
    header = {};
    for (const auto& [name, entry] : entries) {
        const std::uint64_t size = entry.end - entry.begin;
        if (!found.meets(file, name)) {
            file.seek(file.position() + size);
            continue;
        }
        const TypeName* type =
            std::find_if(std::begin(types), std::end(types),
                         [wanted = entry.type](const TypeName& each) { return each.name == wanted; });
        if (type == std::end(types))
            file.fail(
                fmt::format("tensor '{}' is of type {}, which is not read; ask for others by their names, or save "
                            "it as F32",
                            printable(name), entry.type));
        PartBytes data(file, file.name(), size);
        found.add(name, read_elements(data, {type->type, type->type, entry.shape}));
    }
}

} // namespace detail

void save_safetensors(const std::filesystem::path& path, const NamedArrays& arrays,
                      const std::map<std::string, std::string>& metadata)
{
    // The widest types come first, so that each tensor lies at a multiple of its element's size.
    std::vector<NamedArrays::const_iterator> order;
    for (auto each = arrays.begin(); each != arrays.end(); ++each)
        order.push_back(each);
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
        return element_size(a->second.type()) > element_size(b->second.type());
    });
    detail::SafetensorsHeader header{{}, metadata};
    std::uint64_t offset = 0;
    for (const auto& each : order) {
        const AnyArray& array = each->second;
        const std::uint64_t begin = std::exchange(offset, offset + array.byte_count());
        header.tensors.emplace(each->first, detail::TensorEntry{type_name(array.type()), array.shape(), begin, offset});
    }
    const std::string name = "[safetensors] " + path.string();
    detail::write_safetensors(name, path, detail::header_text(name, header), [&](const WriteBytes& append) {
        for (const auto& each : order)
            append(each->second.bytes(), each->second.byte_count());
    });
}

} // namespace xgrad
