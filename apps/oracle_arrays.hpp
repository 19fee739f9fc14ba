#pragma once
// Conversion between the library's arrays and the oracles'.

#include "oracles/tensor.hpp"
#include <xgrad/base/array.hpp>

#include <algorithm>

namespace xgrad::test
{

inline oracles::Tensor tensor(const Array<double>& array)
{
    oracles::Tensor result(std::vector<std::size_t>(array.shape().begin(), array.shape().end()));
    std::copy(array.begin(), array.end(), result.data.begin());
    return result;
}

inline Array<double> array(const oracles::Tensor& tensor)
{
    Shape shape;
    for (const std::size_t extent : tensor.shape)
        shape.push_back(extent);
    Array<double> result = empty_array<double>(shape);
    std::copy(tensor.data.begin(), tensor.data.end(), result.data());
    return result;
}

} // namespace xgrad::test
