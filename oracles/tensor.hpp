#pragma once
// The arrays of the oracles: numbers in a row, and indices. The oracles know nothing of the library: their folder is
// built without its headers.

#include <cstddef>
#include <utility>
#include <vector>

namespace oracles
{

/** An array of any rank, row-major: t(i, j, k). */
struct Tensor
{
    std::vector<std::size_t> shape;
    std::vector<double> data;

    Tensor() = default;
    explicit Tensor(std::vector<std::size_t> extents, double fill = 0) : shape(std::move(extents))
    {
        std::size_t count = 1;
        for (const std::size_t extent : shape)
            count *= extent;
        data.assign(count, fill);
    }

    template <class... Indices>
    double& operator()(Indices... indices)
    {
        return data[place(indices...)];
    }
    template <class... Indices>
    double operator()(Indices... indices) const
    {
        return data[place(indices...)];
    }

  private:
    template <class... Indices>
    std::size_t place(Indices... indices) const
    {
        std::size_t position = 0, axis = 0;
        ((position = position * shape.at(axis++) + static_cast<std::size_t>(indices)), ...);
        return position;
    }
};

/** A function of a number, such as an activation or its derivative. */
using Function = double (*)(double);

} // namespace oracles
