#pragma once
// The heap use of a program. Linking heap.cpp replaces malloc in the program and in its libraries, however they ask for
// memory.

#include <cstddef>

namespace bench
{

struct HeapUse
{
    std::size_t allocations = 0;
    std::size_t peak = 0; ///< the largest number of bytes in use at once, without those from before
};

void watch_heap();
/** The heap use of all threads since watch_heap(). */
HeapUse unwatch_heap();

} // namespace bench
