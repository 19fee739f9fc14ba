#pragma once
// The lines and numbers of text files.

#include <xgrad/formats/bytes.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace xgrad::detail
{

/** The text without white space at both ends. */
std::string_view trimmed(std::string_view text);

/** The lines of a text, one after the other. */
class Lines
{
  public:
    Lines(const Bytes& file, std::string_view text) : file_(file), left_(text) {}

    /** Goes to the next line. @return  false if there is none */
    bool next();

    /** Goes on so many bytes. @throws DataError if there are fewer */
    void skip(std::size_t count);

    /** The line, without its end. */
    std::string_view line() const { return line_; }

    /** @throws DataError always, with the number of the line */
    [[noreturn]] void fail(const std::string& what) const;

  private:
    const Bytes& file_;
    std::string_view left_, line_;
    std::size_t number_ = 0;
};

/** The results of reading a number. */
enum class Numeral
{
    read,
    none, ///< it is not a number
    out_of_range,
    not_exact ///< a whole number that a double does not hold
};

/** Reads a number, such as 1, -2.5e-3, nan or inf; NA of Octave is nan. */
Numeral parse(std::string_view text, double& number);

/** Reads a whole number of at most 64 bits, or a float. */
template <class T>
Numeral parse(std::string_view text, T& number);

} // namespace xgrad::detail
