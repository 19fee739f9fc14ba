#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace xgrad::detail
{

/** A static object whose destructor never runs. So other threads, and the destructors of other static objects, may use
 *  it while the program ends. */
template <class T>
class NeverDestroyed
{
  public:
    template <class... Arguments>
    explicit NeverDestroyed(Arguments&&... arguments)
    {
        std::construct_at(get(), std::forward<Arguments>(arguments)...);
    }
    NeverDestroyed(const NeverDestroyed&) = delete;
    NeverDestroyed& operator=(const NeverDestroyed&) = delete;

    T& operator*() { return *get(); }
    T* operator->() { return get(); }
    /** Puts a new object in the place of the old one, which is forgotten. */
    void make_anew() { std::construct_at(get()); }

  private:
    T* get() { return std::launder(reinterpret_cast<T*>(storage_)); }

    alignas(T) std::byte storage_[sizeof(T)];
};

} // namespace xgrad::detail
