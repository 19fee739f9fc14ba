#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/formats/safetensors.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace xgrad::detail
{

namespace
{

using nlohmann::json;

constexpr const char* metadata_key = "__metadata__";
constexpr std::size_t most_axes = 8;

/** A type of the format, and its bits. A name that is none of these is an error in the reference implementation, too.
 */
struct Type
{
    const char* name;
    std::size_t bits;
};
constexpr Type types[] = {{"BOOL", 8},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
                          {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
                          {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
                          {"I32", 32},        {"U32", 32},    {"F32", 32},    {"C64", 64},    {"F64", 64},
                          {"I64", 64},        {"U64", 64}};

[[noreturn]] void fail(const std::string& name, const std::string& what)
{
    throw DataError(fmt::format("{}: {}", name, what));
}

/** The events of a JSON parser become a header. No tree of values is made: a key is looked at once, and what is nested
 *  deeper than the format allows takes no memory. */
class Handler : public json::json_sax_t
{
  public:
    explicit Handler(const std::string& name) : name_(name) {}

    SafetensorsHeader header;

    bool null() override
    {
        if (place_ == Place::top && key_ == metadata_key)
            return true; // no metadata
        return value("null");
    }
    bool boolean(bool) override { return value("a boolean"); }
    bool number_integer(json::number_integer_t number) override { return value(fmt::to_string(number)); }
    bool number_float(json::number_float_t, const std::string& text) override { return value(text); }
    bool binary(json::binary_t&) override { return value("binary"); }

    bool number_unsigned(json::number_unsigned_t number) override
    {
        if (place_ != Place::numbers)
            return value(fmt::to_string(number));
        if (list_->size() == most_axes)
            fail_on_tensor(fmt::format("has more than {} numbers in its {}; at most {} axes are read", most_axes, key_,
                                       most_axes));
        list_->push_back(number);
        return true;
    }

    bool string(std::string& text) override
    {
        if (place_ == Place::metadata)
            header.metadata[key_] = text;
        else if (place_ == Place::tensor && key_ == "dtype")
            tensor_.type = text;
        else
            return value(fmt::format("\"{}\"", printable(text)));
        return true;
    }

    bool key(std::string& text) override
    {
        key_ = text;
        bool is_new = true;
        if (place_ == Place::top)
            is_new = key_ == metadata_key ? !std::exchange(has_metadata_, true) : !header.tensors.contains(key_);
        else if (place_ == Place::metadata)
            is_new = !header.metadata.contains(key_);
        else if (place_ == Place::tensor)
            is_new = !(key_ == "dtype" && tensor_.type) && !(key_ == "shape" && tensor_.shape) &&
                     !(key_ == "data_offsets" && tensor_.offsets);
        if (!is_new)
            fail(name_,
                 fmt::format("the key '{}'{} comes twice; the file is damaged", printable(key_),
                             place_ == Place::tensor ? fmt::format(" of tensor '{}'", printable(tensor_.name)) : ""));
        return true;
    }

    bool start_object(std::size_t) override
    {
        if (place_ == Place::outside)
            return enter(Place::top);
        if (place_ != Place::top)
            return start_nested("an object");
        if (key_ == metadata_key)
            return enter(Place::metadata);
        tensor_ = {.name = key_};
        return enter(Place::tensor);
    }

    bool start_array(std::size_t) override
    {
        if (place_ != Place::tensor || (key_ != "shape" && key_ != "data_offsets"))
            return start_nested("a list");
        list_ = &(key_ == "shape" ? tensor_.shape : tensor_.offsets).emplace();
        return enter(Place::numbers);
    }

    bool end_object() override { return end(); }
    bool end_array() override { return end(); }

    bool parse_error(std::size_t, const std::string&, const json::exception& error) override
    {
        fail(name_, fmt::format("its header is not JSON ({}); it is damaged or not a safetensors file",
                                printable(error.what())));
    }

  private:
    enum class Place
    {
        outside,
        top,
        metadata,
        tensor,
        numbers, // of a shape or of data_offsets
        unknown  // a key of a tensor that the format does not know
    };

    struct Tensor
    {
        std::string name;
        std::optional<std::string> type = {};
        std::optional<std::vector<std::uint64_t>> shape = {}, offsets = {};
    };

    [[noreturn]] void fail_on_tensor(const std::string& what) const
    {
        fail(name_, fmt::format("tensor '{}' {}", printable(tensor_.name), what));
    }

    [[noreturn]] void fail_on_type(const std::string& shown) const
    {
        fail_on_tensor(fmt::format("is of type {}, which the format does not have", shown));
    }

    [[noreturn]] void fail_on_list() const
    {
        fail(name_, fmt::format("the {} of tensor '{}' is no list of natural numbers; the file is damaged", key_,
                                printable(tensor_.name)));
    }

    bool enter(Place place)
    {
        place_ = place;
        return true;
    }

    /** Passes over a value that is not what its place needs, or fails. */
    bool value(const std::string& shown)
    {
        switch (place_) {
        case Place::outside:
            fail(name_, "its header is not an object; it is not a safetensors file");
        case Place::top:
            if (key_ == metadata_key)
                fail(name_, "its metadata are not an object; the file is damaged");
            fail(name_, fmt::format("tensor '{}' is described by no object; the file is damaged", printable(key_)));
        case Place::metadata:
            fail(name_, fmt::format("its metadata '{}' is not a string; the file is damaged", printable(key_)));
        case Place::tensor:
            if (key_ == "dtype")
                fail_on_type(shown);
            if (key_ == "shape" || key_ == "data_offsets")
                fail_on_list();
            return true;
        case Place::numbers:
            fail_on_list();
        case Place::unknown:
            return true;
        }
        return true;
    }

    bool start_nested(const char* shown)
    {
        constexpr std::size_t deepest = 128; // as in the reference implementation
        value(shown);
        if (++depth_ > deepest)
            fail(name_, "its header is nested too deep; it is not a safetensors file");
        return enter(Place::unknown);
    }

    bool end()
    {
        switch (place_) {
        case Place::outside:
            break;
        case Place::top:
            return enter(Place::outside);
        case Place::metadata:
            return enter(Place::top);
        case Place::tensor:
            header.tensors.emplace(tensor_.name, entry());
            return enter(Place::top);
        case Place::numbers:
            return enter(Place::tensor);
        case Place::unknown:
            return enter(--depth_ == 0 ? Place::tensor : Place::unknown);
        }
        return true;
    }

    /** The tensor whose description has ended, checked. */
    TensorEntry entry()
    {
        const Type* type = std::find_if(std::begin(types), std::end(types),
                                        [&](const Type& each) { return tensor_.type == each.name; });
        if (type == std::end(types))
            fail_on_type(printable(tensor_.type.value_or("(none)")));
        for (const auto& [key, list] : {std::pair{"shape", &tensor_.shape}, {"data_offsets", &tensor_.offsets}})
            if (!*list) {
                key_ = key;
                fail_on_list();
            }
        TensorEntry entry{type->name, Shape(tensor_.shape->begin(), tensor_.shape->end())};
        std::uint64_t bits = 0;
        try {
            bits = element_count(entry.shape) * type->bits;
        } catch (const ShapeError&) {
            fail(name_, fmt::format("the shape of tensor '{}' is too large: ({}); the file is damaged",
                                    printable(tensor_.name), fmt::join(*tensor_.shape, ",")));
        }
        constexpr std::uint64_t bits_of_byte = 8;
        const std::uint64_t bytes = bits / bits_of_byte;
        const std::vector<std::uint64_t>& offsets = *tensor_.offsets;
        if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] - offsets[0] != bytes ||
            bits % bits_of_byte != 0)
            fail(name_, fmt::format("the data_offsets of tensor '{}' are not two that are {} bytes apart, as its shape "
                                    "needs; the file is damaged",
                                    printable(tensor_.name), bytes));
        entry.begin = offsets[0];
        entry.end = offsets[1];
        return entry;
    }

    const std::string& name_;
    Place place_ = Place::outside;
    std::size_t depth_ = 0; // of what is passed over
    std::string key_;
    bool has_metadata_ = false;
    Tensor tensor_;
    std::vector<std::uint64_t>* list_ = nullptr;
};

// Not by nlohmann-json, whose values allocate in their destructor.
std::string quoted(const std::string& name, const std::string& text)
{
    if (!is_utf8(text))
        fail(name, fmt::format("the name or metadata '{}' cannot be written, as it is not UTF-8; give another",
                               printable(text)));
    return in_json(text);
}

} // namespace

SafetensorsHeader parse_header(const std::string& name, const std::string& text)
{
    // The parser would take a zero byte as the end, and pass over a byte-order mark.
    if (text.find('\0') != std::string::npos)
        fail(name, "its header is not JSON, as it has a zero byte; it is damaged or not a safetensors file");
    if (text.starts_with("\xef\xbb\xbf"))
        fail(name, "its header is not JSON, as it begins with a byte-order mark; save it without");
    Handler handler(name);
    json::sax_parse(text, &handler);
    return std::move(handler.header);
}

std::string header_text(const std::string& name, const SafetensorsHeader& header)
{
    std::string text;
    const auto add = [&](const std::string& key, const std::string& value) {
        text += (text.empty() ? "{" : ",") + quoted(name, key) + ":" + value;
    };
    const auto add_metadata = [&] {
        std::string all;
        for (const auto& [key, value] : header.metadata)
            all += (all.empty() ? "" : ",") + quoted(name, key) + ":" + quoted(name, value);
        add(metadata_key, "{" + all + "}");
    };
    if (header.tensors.contains(metadata_key))
        fail(name, "a tensor cannot have the name __metadata__; give it another");
    const auto behind_metadata = header.tensors.upper_bound(metadata_key);
    for (auto entry = header.tensors.begin(); entry != header.tensors.end(); ++entry) {
        if (entry == behind_metadata)
            add_metadata();
        const TensorEntry& tensor = entry->second;
        add(entry->first, fmt::format(R"({{"data_offsets":[{},{}],"dtype":"{}","shape":[{}]}})", tensor.begin,
                                      tensor.end, tensor.type, fmt::join(tensor.shape, ",")));
    }
    if (behind_metadata == header.tensors.end())
        add_metadata();
    return text + "}";
}

} // namespace xgrad::detail
