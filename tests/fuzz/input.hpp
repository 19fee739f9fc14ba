#pragma once
// The bytes that a fuzzer gives, as a reader or a caller sees them.

#include <xgrad/base/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <streambuf>
#include <string_view>

namespace xgrad::fuzz
{

/** Values that are taken from the bytes one by one; behind the end they are 0. */
class Input
{
  public:
    Input(const std::uint8_t* data, std::size_t size) : next_(data), end_(data + size) {}

    bool empty() const { return next_ == end_; }
    std::uint8_t byte() { return empty() ? std::uint8_t{0} : *next_++; }
    bool flag() { return byte() % 2 == 1; }

    /** One of the values of a list. */
    template <class T, std::size_t N>
    T one_of(const T (&values)[N])
    {
        return values[byte() % N];
    }

    /** The rest as text. */
    std::string_view rest()
    {
        const std::string_view text(reinterpret_cast<const char*>(next_), static_cast<std::size_t>(end_ - next_));
        next_ = end_;
        return text;
    }

  private:
    const std::uint8_t* next_;
    const std::uint8_t* end_;
};

/** The bytes as a file that is open for reading. */
class File : private std::streambuf, public std::istream
{
  public:
    explicit File(std::string_view bytes) : std::istream(static_cast<std::streambuf*>(this))
    {
        char* const begin = const_cast<char*>(bytes.data()); // streambuf is older than const; it only reads
        setg(begin, begin, begin + bytes.size());
    }
    File(const std::uint8_t* data, std::size_t size) : File({reinterpret_cast<const char*>(data), size}) {}

  private:
    pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode) override
    {
        const off_type base = from == std::ios::beg ? 0 : (from == std::ios::cur ? gptr() : egptr()) - eback();
        if (base + offset < 0 || base + offset > egptr() - eback())
            return pos_type(off_type(-1));
        setg(eback(), eback() + base + offset, egptr());
        return pos_type(base + offset);
    }
    pos_type seekpos(pos_type position, std::ios_base::openmode which) override
    {
        return seekoff(off_type(position), std::ios::beg, which);
    }
};

/** Calls f, which may refuse its input by an Error. Everything else that it throws ends the program. */
template <class F>
void may_refuse(const F& f)
{
    try {
        f();
    } catch (const Error&) { // the input is refused
    }
}

} // namespace xgrad::fuzz
