#pragma once

#include <xgrad/base/ranks.hpp>
#include <xgrad/base/workers.hpp>

#include <cstdint>
#include <exception>
#include <span>
#include <string>

namespace xgrad::detail
{

/** A piece of memory that ranks send each other. */
struct Piece
{
    void* bytes;
    std::size_t count;
};

/** The messages of ranks for one sum. Before each message goes a header that tells whether its sender has failed;
 *  if it has, the text of the error follows. So if anything fails on a rank, all of them throw. */
class Joining
{
  public:
    explicit Joining(Ranks& ranks) : ranks_(ranks) {}

    /** Calls f, and keeps what it throws for all ranks. */
    void attempt(FunctionRef<void()> f);

    void send(std::span<const Piece> pieces, std::size_t to);
    /** Returns whether there are pieces: none come from a rank that has failed. */
    bool receive(std::span<const Piece> pieces, std::size_t from);

    /** Throws if a rank has failed: that rank what it caught, the others Error with its number and its text. All ranks
     *  call it, after the messages. */
    void finish();
    /** Gives the pieces of rank 0 to all. */
    void broadcast(std::span<const Piece> pieces);

  private:
    struct Header
    {
        std::uint64_t failed = none, length = 0; ///< the rank that failed, and the length of its error's text
    };
    static constexpr std::uint64_t none = ~std::uint64_t{0};

    Ranks& ranks_;
    Header header_;
    std::string text_;
    std::exception_ptr caught_;
};

} // namespace xgrad::detail
