#pragma once

#include <cstddef>

namespace xgrad::kernels
{

/** One step of an optimizer over one parameter: what all rules have in common. */
template <class T>
struct Step
{
    std::size_t n; ///< elements
    T* w;
    const T* g;
    T* slot[2]; ///< what is kept for the parameter: as many arrays as the rule has
    T learning_rate;
    T weight_decay; ///< 0 for biases
};

} // namespace xgrad::kernels
