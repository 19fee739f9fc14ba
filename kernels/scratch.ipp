#pragma once

#include <xgrad/base/kept_by_thread.hpp>
#include <xgrad/base/memory.hpp>

#include <cstddef>
#include <utility>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** Memory of one thread. It only grows, until it is released. */
struct Scratch : xgrad::detail::KeptByThread
{
    void* block = nullptr;
    std::size_t bytes = 0;

    constexpr Scratch() : KeptByThread{free} {}

    void* at_least(std::size_t needed)
    {
        if (needed > bytes) {
            free(*this, false); // first, so that there are never two
            block = allocate(needed);
            bytes = needed;
            xgrad::detail::keep_by_thread(*this);
        }
        return block;
    }
    static void free(KeptByThread& kept, bool) noexcept
    {
        auto& scratch = static_cast<Scratch&>(kept);
        deallocate(std::exchange(scratch.block, nullptr), std::exchange(scratch.bytes, 0));
    }
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
    result_of_convolution,
    blocks_of_layer,
    sums_of_layer
};

/** 64-byte aligned memory for one purpose, valid until this thread asks again for the same purpose or releases unused
 *  memory. */
template <Purpose purpose, class T>
T* scratch(std::size_t count)
{
    static constinit thread_local Scratch memory;
    return static_cast<T*>(memory.at_least(count * sizeof(T)));
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
