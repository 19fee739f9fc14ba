#pragma once

#include <xgrad/base/array.hpp>

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

namespace xgrad
{

/** The cost of an op, forward or backward. */
struct OpCost
{
    std::string op = {};
    bool backward = false; ///< true for the cost of its rules, with the ops in them
    std::size_t calls = 0;
    double seconds = 0;
    double flop = 0;  ///< floating-point operations: a multiply-add is two, any other function of an element is one
    double bytes = 0; ///< the bytes that were read and written
};

/** Times every op, on all threads, while it exists. There can be one at a time.
 *
 *      Profile profile;
 *      train();
 *      std::cout << profile;                     // the ten costliest ops
 *      profile.write_trace(file);                // for https://ui.perfetto.dev or chrome://tracing
 *
 *  An op's time is the time on its thread since the op before it ended. A profile costs some 100 ns per op. Read it
 *  when nothing is running. */
class Profile
{
  public:
    /** @param events  the number of ops that the trace keeps, the first ones; the costs count all ops
     *  @throws Error if there is one already */
    explicit Profile(std::size_t events = 100'000);
    Profile(const Profile&) = delete;
    Profile& operator=(const Profile&) = delete;
    ~Profile();

    /** The costs of all ops, the costliest first. */
    std::vector<OpCost> costs() const;

    /** A trace in Chrome's trace-event format (JSON): each op and each rule with its thread, chunk, shape, FLOP, bytes.
     */
    void write_trace(std::ostream& out) const;

  private:
    class Log;
    std::unique_ptr<Log> log_;
};

/** A table of the `most` costliest ops: time, share, calls, GF/s, GB/s. */
std::string to_string(const Profile& profile, std::size_t most = 10);
std::ostream& operator<<(std::ostream& out, const Profile& profile);

} // namespace xgrad
