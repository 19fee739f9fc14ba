#pragma once
// What ranks send each other for the sum of their gradients. Not for users.

#include <xgrad/base/error.hpp>
#include <xgrad/base/ranks.hpp>
#include <xgrad/graph/value_and_gradient.hpp>

#include <cstdint>
#include <exception>
#include <string>

namespace xgrad::detail
{

/** One sum over the ranks. If anything fails on a rank, all of them throw. */
template <class T>
class Joining
{
  public:
    Joining(Ranks& ranks, const Parameters<T>& parameters) : ranks_(ranks), parameters_(parameters) {}

    /** Calls f and keeps what it throws for all ranks. */
    void attempt(FunctionRef<void()> f);

    void send(const ValueAndGradient<T>& sum, std::size_t to);
    ValueAndGradient<T> receive(std::size_t from);

    /** The total of rank 0, on each rank.
     *  @throws Error if a rank failed; that rank throws what it caught */
    ValueAndGradient<T> shared(ValueAndGradient<T> total);

  private:
    /** What is sent first: the rank that failed, and the length of its error's text. */
    struct Header
    {
        std::uint64_t failed = none, length = 0;
    };
    static constexpr std::uint64_t none = ~std::uint64_t{0};

    ValueAndGradient<T> empty() const;

    Ranks& ranks_;
    const Parameters<T>& parameters_;
    Header header_;
    std::string text_; // of the error
    std::exception_ptr caught_;
};

} // namespace xgrad::detail
