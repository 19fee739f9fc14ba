#pragma once

#include <xgrad/base/array.hpp>

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

namespace xgrad
{

/** What an op has cost, forward or backward. */
struct OpCost
{
    std::string op = {};
    bool backward = false; ///< of its rules, with the ops that they are made of
    std::size_t calls = 0;
    double seconds = 0;
    double flop = 0;  ///< floating-point operations: a multiply-add is two, any other function of an element is one
    double bytes = 0; ///< of what was read and written
};

/** Times every op, on all threads, while it exists. There can be one at a time.
 *
 *      Profile profile;
 *      train();
 *      std::cout << profile;                     // the ten costliest ops
 *      profile.write_trace(file);                // for https://ui.perfetto.dev or chrome://tracing
 *
 *  An op's time is what has passed on its thread since the op before it ended. It costs some 100 ns an op. Read it when
 *  nothing is running. */
class Profile
{
  public:
    /** @param events  how many ops the trace keeps, the first ones; the costs count all
     *  @throws Error if there is one already */
    explicit Profile(std::size_t events = 100'000);
    Profile(const Profile&) = delete;
    Profile& operator=(const Profile&) = delete;
    ~Profile();

    /** The costliest first. */
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
