#pragma once

#include <xgrad/base/error.hpp>
#include <xgrad/base/memory.hpp>
#include <xgrad/base/ranks.hpp>
#include <xgrad/base/shares.hpp>
#include <xgrad/base/workers.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace xgrad::detail
{

/** Adds `count` bytes of numbers to others. */
template <class T>
void add_numbers(void* sum, const void* numbers, std::size_t count)
{
    static_assert(64 % sizeof(T) == 0 && alignof(T) <= 8, "a number must not lie in two blocks of a sum");
    T* const to = static_cast<T*>(sum);
    const T* const from = static_cast<const T*>(numbers);
    for (std::size_t i = 0; i < count / sizeof(T); ++i)
        to[i] += from[i];
}

/** Some memory in pieces, whose bytes are numbered from 0 as if they were in one. Pieces do not overlap. A null piece
 *  has no memory: its numbers are 0, and what is put into it is lost. */
class Pieces
{
  public:
    /** Bytes begin … end − 1. */
    struct Range
    {
        std::size_t begin, end;

        std::size_t size() const { return end - begin; }
        /** Cuts off the first bytes, up to `most`. */
        Range cut(std::size_t most)
        {
            const Range first{begin, begin + std::min(most, size())};
            begin = first.end;
            return first;
        }
    };
    /** A function that puts `count` bytes of numbers into others. */
    using Put = void (*)(void* into, const void* numbers, std::size_t count);

    void append(void* bytes, std::size_t count);
    std::size_t size() const { return size_; }

    /** The address of a range, or null if it is in several pieces or in a null piece. */
    char* in_place(Range range) const;
    void copy(Range range, char* to) const;
    void put(Range range, const char* numbers, Put put) const;

  private:
    struct Piece
    {
        char* bytes;
        std::size_t offset, end;
    };
    template <class F>
    void for_each(Range range, F f) const;
    const Piece& piece_at(std::size_t byte) const;

    std::vector<Piece, PooledAllocator<Piece>> pieces_;
    std::size_t size_ = 0;
};

/** The messages of ranks for one sum. With the numbers go the states of the ranks: whether any of them has failed, and
 *  the flags of all. So if anything fails on a rank, all of them throw. */
class Joining
{
  public:
    /** @param flags  bits that all ranks get, united */
    explicit Joining(Ranks& ranks, std::uint64_t flags = 0) : ranks_(ranks) { state_.flags = flags; }

    /** Calls f, and keeps what it throws for all ranks. */
    void attempt(FunctionRef<void()> f);

    /** Adds up the numbers of all ranks along a tree, and gives the sums to all. Throws if a rank has failed: that rank
     *  what it caught, the others RankError.
     *
     *  @param pieces  this rank's numbers, as many on all ranks; they become the sums. They are not read if the rank
     *                 has no leaf. A rank that has failed gives a null piece */
    void sum(const Shares& shares, const Pieces& pieces, Pieces::Put add);
    /** Exchanges the states alone. */
    void meet();

    bool has_failed() const { return state_.failed != none; }
    /** The flags of all ranks, after `sum`. */
    std::uint64_t flags() const { return state_.flags; }

  private:
    struct State
    {
        std::uint64_t failed = none, length = 0; // the first rank that failed, and the length of its error's text
        std::uint64_t flags = 0;
    };
    static constexpr std::uint64_t none = ~std::uint64_t{0};

    void exchange(std::size_t other, const Pieces& pieces, Pieces::Range given, Pieces::Range taken, Pieces::Put put);
    void unite(const State& other);
    void throw_if_failed();

    Ranks& ranks_;
    State state_;
    std::string text_;
    std::exception_ptr caught_;
    std::vector<char, PooledAllocator<char>> sent_, received_;
};

} // namespace xgrad::detail
