#pragma once
// What a program does with its heap: the program that links heap.cpp has its malloc replaced, and that of the libraries
// that it uses, whichever way they ask for memory.

#include <cstddef>

namespace bench
{

struct HeapUse
{
    std::size_t allocations = 0;
    std::size_t peak = 0; ///< the most bytes that were live at once, without those from before
};

void watch_heap();
/** What happened since watch_heap(), on all threads. */
HeapUse unwatch_heap();

} // namespace bench
