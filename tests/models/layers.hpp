#pragma once
// Helpers for the tests of layers.

#include <xgrad/graph/variable.hpp>

namespace xgrad::test
{

template <class T>
double mean_square(const Variable<T>& x)
{
    double total = 0;
    for (const T value : x.value())
        total += static_cast<double>(value) * static_cast<double>(value);
    return total / static_cast<double>(x.size());
}

} // namespace xgrad::test
