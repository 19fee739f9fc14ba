#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

namespace xgrad
{

/** How many threads work on the chunks of a batch or on one large op, the caller's among them. At the start: as many as
 * there are cores. Results do not depend on it. */
std::size_t threads();
/** @throws Error if `count` is 0 */
void set_threads(std::size_t count);

namespace detail
{

/** A reference to something callable, for the length of a call. */
template <class Signature>
class FunctionRef;
template <class Result, class... Arguments>
class FunctionRef<Result(Arguments...)>
{
  public:
    template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef>) FunctionRef(F&& f)
        : object_(const_cast<void*>(static_cast<const void*>(std::addressof(f)))),
          call_([](void* object, Arguments... arguments) -> Result {
              return (*static_cast<std::remove_reference_t<F>*>(object))(static_cast<Arguments>(arguments)...);
          })
    {}
    Result operator()(Arguments... arguments) const { return call_(object_, static_cast<Arguments>(arguments)...); }

  private:
    void* object_;
    Result (*call_)(void*, Arguments...);
};

/** Whether this thread is at one of several tasks, so that to cut it further would only cost. Results that depend on it
 *  do not depend on the number of threads. */
bool is_shared_out();

/** Which workers help: all, or those that are awake because they have just finished something. */
enum class Helpers : unsigned char
{
    all,
    awake
};

/** Calls task(0) … task(count − 1), each once, on up to threads() threads; returns when all are done. If any throw, the
 *  exception of the lowest task that threw comes out. Runs on the caller's thread alone while the workers serve another
 * call. */
void parallel_for(std::size_t count, FunctionRef<void(std::size_t)> task, Helpers helpers = Helpers::all);

} // namespace detail

} // namespace xgrad
