#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace xgrad
{

/** The number of threads that work on the chunks of a batch or on one large op, including the caller's. It begins as
 *  the number of cores. Results do not depend on it. */
std::size_t threads();
/** Sets the number of threads. @throws Error if `count` is 0 */
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

/** Returns whether this thread works on one of several tasks. Then to cut the task further would only cost time. This
 *  does not depend on the number of threads, so results may depend on it. */
bool is_shared_out();

/** The number of the task that this thread works on, or 0 if there is none. Inside of a task, tasks of a further call
 *  have the number of the outer one. The tasks of one call have the same upper 32 bits. */
std::uint64_t current_task();

/** The workers that help: all, or those that are awake because they have just finished something. */
enum class Helpers : unsigned char
{
    all,
    awake
};

/** Calls task(0) … task(count − 1), each once, on up to threads() threads, and returns when all are done. If tasks
 *  throw, it rethrows the exception of the lowest task that did. While the workers serve another call, the caller's
 *  thread runs all tasks alone. It allocates nothing that it cannot do without. */
void parallel_for(std::size_t count, FunctionRef<void(std::size_t)> task, Helpers helpers = Helpers::all);

/** Does the same for `count` of `all` tasks; the others run in other processes. */
void parallel_for_some(std::size_t count, std::size_t all, FunctionRef<void(std::size_t)> task,
                       Helpers helpers = Helpers::all);

/** Runs something short on every worker, unless the workers serve a call. */
void on_idle_workers(void (*errand)() noexcept) noexcept;

} // namespace detail

} // namespace xgrad
