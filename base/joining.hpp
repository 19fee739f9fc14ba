#pragma once

#include <xgrad/base/error.hpp>
#include <xgrad/base/ranks.hpp>
#include <xgrad/base/shares.hpp>
#include <xgrad/base/workers.hpp>

#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <vector>

namespace xgrad::detail
{

/** A piece of memory that ranks send each other. */
struct Piece
{
    void* bytes;
    std::size_t count;
};

/** Memory in pieces that are small enough to be added while the next one is on its way. */
void append_pieces(std::vector<Piece>& pieces, void* bytes, std::size_t count);

/** Adds the numbers that came from another rank to a piece. */
template <class T>
void add_numbers(const Piece& sum, const void* numbers)
{
    T* const to = static_cast<T*>(sum.bytes);
    const T* const from = static_cast<const T*>(numbers);
    for (std::size_t i = 0; i < sum.count / sizeof(T); ++i)
        to[i] += from[i];
}

/** The messages of ranks for one sum. Before the first one of a rank goes a header with its state: whether it or a
 *  rank whose parts it adds has failed, and the flags of these ranks. The text of the error follows. So if anything
 *  fails on a rank, all of them throw. */
class Joining
{
  public:
    /** @param flags  bits that all ranks get, united */
    explicit Joining(Ranks& ranks, std::uint64_t flags = 0) : ranks_(ranks) { state_.flags = flags; }

    /** Calls f, and keeps what it throws for all ranks. */
    void attempt(FunctionRef<void()> f);

    /** Adds up the pieces of all ranks along a tree, such that rank 0 has the sums: each piece goes up to the next rank
     *  as soon as it has them.
     *
     *  @param pieces  this rank's, of the same lengths on all ranks; they are not read if the rank has no leaf
     *  @param add     add(k, bytes) adds what came from another rank to piece k */
    void add_up(const Shares& shares, std::span<const Piece> pieces,
                FunctionRef<void(std::size_t k, const void* bytes)> add);
    /** Sends the states alone. */
    void meet();

    /** Gives the state to all, after that. Throws if a rank has failed: that rank what it caught, the others RankError.
     */
    void finish();
    /** Gives the pieces of rank 0 to all. */
    void broadcast(std::span<const Piece> pieces);

    /** The flags of all ranks, after `finish`. */
    std::uint64_t flags() const { return state_.flags; }

  private:
    struct State
    {
        std::uint64_t failed = none, length = 0; // the rank that failed, and the length of its error's text
        std::uint64_t flags = 0;
        std::uint64_t has_pieces = 0; // whether pieces follow
    };
    static constexpr std::uint64_t none = ~std::uint64_t{0};

    bool hear(std::size_t from);
    void tell(std::size_t to, bool has_pieces);
    bool has_failed() const { return state_.failed != none; }

    Ranks& ranks_;
    State state_;
    std::string text_;
    std::exception_ptr caught_;
};

} // namespace xgrad::detail
