#pragma once

#include <cstddef>

namespace xgrad::kernels
{

/** The data of one step over one parameter, which all rules have in common. */
template <class T>
struct Step
{
    std::size_t n; ///< the number of elements
    T* w;
    const T* g;
    T* slot[3]; ///< the arrays that are kept for the parameter: as many as the rule has
    T learning_rate;
    T weight_decay; ///< 0 for biases
};

} // namespace xgrad::kernels
