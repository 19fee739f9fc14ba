#include "difference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace agree
{

std::vector<double> relative_differences(const Array<double>& a, const Array<double>& b, bool by_element)
{
    double largest = 1;
    for (const Array<double>* x : {&a, &b})
        for (const double element : *x)
            if (std::isfinite(element))
                largest = std::max(largest, std::abs(element));
    std::vector<double> result(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double x = a.data()[i], y = b.data()[i];
        if (x == y || (std::isnan(x) && std::isnan(y)))
            continue;
        if (!std::isfinite(x) || !std::isfinite(y))
            result[i] = std::numeric_limits<double>::infinity();
        else // halves, because the difference of large numbers may overflow; the smallest numbers have few bits
            result[i] =
                std::abs(x / 2 - y / 2) / ((by_element ? std::max({std::abs(x), std::abs(y), 1e-290}) : largest) / 2);
    }
    return result;
}

} // namespace agree
