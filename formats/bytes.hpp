#pragma once
// Where readers take their bytes from: a file, a part of it, or what such a part holds packed.

#include <xgrad/formats/inflater.hpp>

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>

namespace xgrad::detail
{

/** A number of bytes that are read one after the other. */
class Bytes
{
  public:
    /** @param name  begins each error: the format and the file */
    Bytes(std::string name, std::uint64_t count) : name_(std::move(name)), remaining_(count) {}
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;
    virtual ~Bytes() = default;

    /** @throws DataError always */
    [[noreturn]] void fail(const std::string& what) const;

    const std::string& name() const { return name_; }
    std::uint64_t remaining() const { return remaining_; }

    /** Reads so many bytes. @throws DataError if there are fewer */
    void read(void* bytes, std::uint64_t count);
    /** Passes over so many bytes. @throws DataError if there are fewer */
    void skip(std::uint64_t count);

    /** A little-endian number. */
    template <class T>
    T number()
    {
        T value{};
        read(&value, sizeof(value));
        return value;
    }

  protected:
    void set_remaining(std::uint64_t count) { remaining_ = count; }

  private:
    virtual void fetch(char* bytes, std::size_t count) = 0;

    std::string name_;
    std::uint64_t remaining_;
};

/** A file, in which one can go to any place. */
class FileBytes : public Bytes
{
  public:
    /** @param stream  a stream that can be positioned; it must outlive this object */
    FileBytes(std::istream& stream, const std::string& name);

    std::uint64_t size() const { return size_; }
    std::uint64_t position() const { return size_ - remaining(); }
    /** Goes to a place. @throws DataError if it is behind the end */
    void seek(std::uint64_t position);
    std::istream& stream() { return stream_; }

  private:
    void fetch(char* bytes, std::size_t count) override;

    std::istream& stream_;
    std::uint64_t size_ = 0;
};

/** The next bytes of others. */
class PartBytes : public Bytes
{
  public:
    /** @throws DataError if there are fewer */
    PartBytes(Bytes& whole, const std::string& name, std::uint64_t count);

  private:
    void fetch(char* bytes, std::size_t count) override { whole_.read(bytes, count); }

    Bytes& whole_;
};

/** Bytes that the next ones of a file hold packed. */
class UnpackedBytes : public Bytes
{
  public:
    /** @param packed  the number of bytes in the file
     *  @param unpacked  the number of bytes that may be read
     *  @throws DataError if `packed` bytes cannot hold so many, or are not there */
    UnpackedBytes(FileBytes& file, const std::string& name, Packing packing, std::uint64_t packed,
                  std::uint64_t unpacked);

    /** True if nothing is left behind what was read, and the packed bytes end with it. */
    bool ends();

    /** Unpacks what is left, however much was promised. @throws DataError if it is damaged */
    void drain();

  private:
    void fetch(char* bytes, std::size_t count) override;

    Inflater inflater_;
};

} // namespace xgrad::detail
