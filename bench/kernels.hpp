#pragma once
// Two sets of the kernels for a handwritten network.

#include <xgrad/kernels/table.hpp>

namespace bench
{

struct Kernels
{
    xgrad::kernels::Table<float> table;
    /** y += b for y of shape (samples, units, area) and b of shape (units) */
    void (*add_bias)(float* y, const float* b, std::size_t samples, std::size_t units, std::size_t area);
    /** b = Σ g over samples and area */
    void (*sum_bias)(const float* g, float* b, std::size_t samples, std::size_t units, std::size_t area);
};

/** The library's kernels, for the instruction set in use. */
Kernels library_kernels();

/** Direct loops as they are usually written, compiled for this machine. They have only what LeNet-5 needs. */
Kernels naive_kernels();

} // namespace bench
