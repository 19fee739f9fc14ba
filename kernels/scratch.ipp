#pragma once

#include <xgrad/base/memory.hpp>

#include <cstddef>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** Memory of one thread. It only grows, and is given back when the thread ends. */
class Scratch
{
  public:
    // Allocates at once, so that the thread's pool is made before this object and outlives it.
    Scratch() : block_(allocate(4096)), bytes_(4096) {}
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() { deallocate(block_, bytes_); }

    void* at_least(std::size_t bytes)
    {
        if (bytes > bytes_) {
            deallocate(block_, bytes_); // first, so that there are never two
            block_ = nullptr;
            bytes_ = 0;
            block_ = allocate(bytes);
            bytes_ = bytes;
        }
        return block_;
    }

  private:
    void* block_;
    std::size_t bytes_;
};

/** The purposes of scratch memory. */
enum class Purpose : unsigned char
{
    packed_rows,
    packed_columns,
    transposed_result,
    planes_of_convolution,
    weights_of_convolution,
    runs_of_convolution,
    order_of_convolution,
    result_of_convolution
};

/** 64-byte aligned memory for one purpose, valid until this thread asks again for the same purpose. */
template <Purpose purpose, class T>
T* scratch(std::size_t count)
{
    thread_local Scratch memory;
    return static_cast<T*>(memory.at_least(count * sizeof(T)));
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
