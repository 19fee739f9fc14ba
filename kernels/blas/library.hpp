#pragma once
// The library for dense linear algebra that was found when xgrad was configured, such as OpenBLAS. It is loaded at the
// first call that needs it.

#include <type_traits>

namespace xgrad::kernels::blas
{

/** The address of a function of the library. It is null if there is no library, if it cannot be loaded, or if it lacks
 *  the function. */
void* address_of(const char* function);

/** A function of the library by its type: `static const auto gemm = find<decltype(&cblas_dgemm)>("cblas_dgemm")`. */
template <class Pointer>
Pointer find(const char* function)
{
    static_assert(std::is_pointer_v<Pointer>);
    return reinterpret_cast<Pointer>(address_of(function));
}

/** Limits OpenBLAS to one thread while it lives, if the program itself uses it with more. The setting is global: the
 *  first object changes it and the last one restores it. */
class OneThread
{
  public:
    OneThread();
    OneThread(const OneThread&) = delete;
    OneThread& operator=(const OneThread&) = delete;
    ~OneThread();
};

} // namespace xgrad::kernels::blas
