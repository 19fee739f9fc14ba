#include <xgrad/base/error.hpp>
#include <xgrad/formats/protobuf.hpp>

#include <fmt/format.h>

#include <bit>
#include <cstring>

namespace xgrad::protobuf
{

static_assert(std::endian::native == std::endian::little, "numbers of files are little-endian and read as they are");

namespace
{

constexpr unsigned kind_bits = 3, varint_bits = 7;
constexpr std::uint64_t varint_mask = (1 << varint_bits) - 1, varint_more = 1 << varint_bits;

template <class T>
T number_at(std::string_view bytes)
{
    T number{};
    std::memcpy(&number, bytes.data(), sizeof(number));
    return number;
}

} // namespace

void Field::expect(Kind kind) const
{
    if (kind_ != kind)
        message_.fail(fmt::format("field {} has a value of another kind than the format says; it is damaged", number_));
}

std::int64_t Field::integer() const
{
    expect(Kind::varint);
    return static_cast<std::int64_t>(integer_);
}

float Field::real() const
{
    expect(Kind::fixed32);
    return __builtin_bit_cast(float, static_cast<std::uint32_t>(integer_));
}

std::string_view Field::bytes() const
{
    expect(Kind::bytes);
    return bytes_;
}

Message Field::message() const { return {message_.name(), bytes()}; }

void Field::append_to(std::vector<std::int64_t>& integers) const
{
    if (kind_ != Kind::bytes) {
        integers.push_back(integer());
        return;
    }
    for (Message packed(message_.name(), bytes_); !packed.rest_.empty();)
        integers.push_back(static_cast<std::int64_t>(packed.varint()));
}

template <class T>
void Field::append_fixed_to(std::vector<T>& reals, Kind kind) const
{
    if (kind_ != Kind::bytes) {
        expect(kind);
        T real{};
        std::memcpy(&real, &integer_, sizeof(T));
        reals.push_back(real);
        return;
    }
    if (bytes_.size() % sizeof(T) != 0)
        message_.fail(fmt::format("field {} has {} bytes, which are no list of numbers of {} bytes; it is damaged",
                                  number_, bytes_.size(), sizeof(T)));
    const std::size_t before = reals.size();
    reals.resize(before + bytes_.size() / sizeof(T));
    if (!bytes_.empty())
        std::memcpy(reals.data() + before, bytes_.data(), bytes_.size());
}

void Field::append_to(std::vector<float>& reals) const { append_fixed_to(reals, Kind::fixed32); }
void Field::append_to(std::vector<double>& reals) const { append_fixed_to(reals, Kind::fixed64); }

void Message::fail(const std::string& what) const { throw DataError(name_ + ": " + what); }

std::uint64_t Message::varint()
{
    std::uint64_t value = 0;
    constexpr unsigned bits = 64;
    for (unsigned shift = 0; shift < bits; shift += varint_bits) {
        const auto byte = static_cast<unsigned char>(take(1)[0]);
        value |= (byte & varint_mask) << shift;
        if ((byte & varint_more) == 0)
            return value;
    }
    fail("has a number of more than 64 bits; it is damaged or of another format");
}

std::string_view Message::take(std::uint64_t count)
{
    if (count > rest_.size())
        fail(fmt::format("is truncated or of another format: {} bytes were expected where {} are left", count,
                         rest_.size()));
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
}

std::optional<Field> Message::next()
{
    if (rest_.empty())
        return std::nullopt;
    const std::uint64_t key = varint(), number = key >> kind_bits;
    constexpr std::uint64_t largest_number = (1 << 29) - 1;
    if (number == 0 || number > largest_number)
        fail(fmt::format("has a field of the number {}; it is damaged or of another format", number));
    Field field(*this);
    field.number_ = static_cast<std::uint32_t>(number);
    field.kind_ = static_cast<Field::Kind>(key & ((1 << kind_bits) - 1));
    switch (field.kind_) {
    case Field::Kind::varint:
        field.integer_ = varint();
        return field;
    case Field::Kind::fixed64:
        field.integer_ = number_at<std::uint64_t>(take(sizeof(std::uint64_t)));
        return field;
    case Field::Kind::bytes:
        field.bytes_ = take(varint());
        return field;
    case Field::Kind::fixed32:
        field.integer_ = number_at<std::uint32_t>(take(sizeof(std::uint32_t)));
        return field;
    }
    fail(fmt::format("has a field of kind {}, which is not in use; it is damaged or of another format",
                     static_cast<unsigned>(field.kind_)));
}

std::size_t Message::count(std::uint32_t number) const
{
    std::size_t count = 0;
    for (Message rest(name_, rest_); const auto field = rest.next();)
        count += field->number() == number ? 1 : 0;
    return count;
}

void Writer::varint(std::uint64_t value)
{
    for (; value >= varint_more; value >>= varint_bits)
        text_ += static_cast<char>(value | varint_more);
    text_ += static_cast<char>(value);
}

void Writer::key(std::uint32_t number, unsigned kind) { varint(std::uint64_t{number} << kind_bits | kind); }

void Writer::integer(std::uint32_t number, std::int64_t value)
{
    key(number, 0);
    varint(static_cast<std::uint64_t>(value));
}

void Writer::real(std::uint32_t number, float value)
{
    constexpr unsigned fixed32 = 5;
    key(number, fixed32);
    text_.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void Writer::bytes(std::uint32_t number, std::string_view value)
{
    key(number, 2);
    varint(value.size());
    text_ += value;
}

void Writer::close(std::uint32_t number, std::size_t begin)
{
    Writer head;
    head.key(number, 2);
    head.varint(text_.size() - begin);
    text_.insert(begin, head.text_);
}

} // namespace xgrad::protobuf
