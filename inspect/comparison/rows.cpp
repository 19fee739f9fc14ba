#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/rows.hpp>

#include <algorithm>
#include <cmath>

namespace xgrad::detail
{

std::vector<std::size_t> Rows::all_open() const
{
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < states.size(); ++i)
        if (states[i] == open)
            rows.push_back(i);
    return rows;
}

bool Rows::are_equal(std::size_t row, const Array<double>& a, const Array<double>& b) const
{
    return a.shape() == b.shape() && std::equal(a.begin(), a.end(), b.begin(),
                                                [&](double x, double y) { return std::abs(x - y) <= allowed[row]; });
}

bool has_same_effect(const Rows& rows, const Trials::Gradients& a, const Trials::Gradients& b)
{
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!are_close(a[i], b[i], 1e-9) && !rows.are_equal(i, a[i], b[i]))
            return false;
    return true;
}

bool Budget::spend()
{
    using Seconds = std::chrono::duration<double>;
    if (++sweeps_ > 300 && Seconds(std::chrono::steady_clock::now() - start_).count() > 3)
        spent_ = true;
    return !spent_;
}

} // namespace xgrad::detail
