#pragma once
// The wire format of Protocol Buffers: a message is a list of fields, each a number and a value.
// https://protobuf.dev/programming-guides/encoding

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::protobuf
{

class Message;

/** A field of a message. Its accessors throw DataError if its value is not of their kind. */
class Field
{
  public:
    std::uint32_t number() const { return number_; }

    std::int64_t integer() const;
    float real() const;
    std::string_view bytes() const;
    std::string text() const { return std::string(bytes()); }
    Message message() const;

    // The elements of a repeated field of numbers. A writer may pack them into one field, or write one field for each.

    /** Appends integers. Unsigned ones have the same bits. */
    void append_to(std::vector<std::int64_t>& integers) const;
    void append_to(std::vector<float>& reals) const;
    void append_to(std::vector<double>& reals) const;

  private:
    friend class Message;
    enum class Kind : std::uint8_t
    {
        varint = 0,
        fixed64 = 1,
        bytes = 2,
        fixed32 = 5
    };

    explicit Field(const Message& message) : message_(message) {}

    void expect(Kind kind) const;
    template <class T>
    void append_fixed_to(std::vector<T>& reals, Kind kind) const;

    const Message& message_;
    std::uint32_t number_ = 0;
    Kind kind_ = Kind::varint;
    std::uint64_t integer_ = 0; // the bits of a number
    std::string_view bytes_ = {};
};

/** A message that is read field by field. Its bytes and the name must outlive it, and it outlives its fields. */
class Message
{
  public:
    /** @param name  begins each error: the format and the file */
    Message(const std::string& name, std::string_view bytes) : name_(name), rest_(bytes) {}

    const std::string& name() const { return name_; }

    /** The next field; none at the end. @throws DataError if the bytes are no field */
    std::optional<Field> next();

    /** The number of fields of a number that next() has yet to return. */
    std::size_t count(std::uint32_t number) const;

    /** @throws DataError always */
    [[noreturn]] void fail(const std::string& what) const;

  private:
    friend class Field;

    std::uint64_t varint();
    std::string_view take(std::uint64_t count);

    const std::string& name_;
    std::string_view rest_;
};

/** A message that is written field by field. The same calls give the same bytes. */
class Writer
{
  public:
    void integer(std::uint32_t number, std::int64_t value);
    void real(std::uint32_t number, float value);
    void bytes(std::uint32_t number, std::string_view value);

    /** Writes a message. @param write  writes its fields to this writer */
    template <class Write>
    void message(std::uint32_t number, const Write& write)
    {
        const std::size_t begin = text_.size();
        write();
        close(number, begin);
    }

    const std::string& text() const { return text_; }

  private:
    void varint(std::uint64_t value);
    void key(std::uint32_t number, unsigned kind);
    /** Makes what was written from `begin` on the value of a field. */
    void close(std::uint32_t number, std::size_t begin);

    std::string text_;
};

} // namespace xgrad::protobuf
