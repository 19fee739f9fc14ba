#pragma once

#include <xgrad/base/workers.hpp>

#include <cstddef>

namespace xgrad::test
{

/** Sets another number of threads while it exists. */
struct Threads
{
    std::size_t before = threads();
    explicit Threads(std::size_t count) { set_threads(count); }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;
    ~Threads() { set_threads(before); }
};

} // namespace xgrad::test
