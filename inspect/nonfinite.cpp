#include <xgrad/base/error.hpp>
#include <xgrad/base/never_destroyed.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/observer.hpp>
#include <xgrad/inspect/nonfinite.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace xgrad
{

namespace
{

template <class T>
void require_finite(const char* op, const Variable<T>& result)
{
    const T* const end = result.data() + result.size();
    const T* const found = std::find_if_not(result.data(), end, [](T x) { return std::isfinite(x); });
    if (found != end)
        throw NumericalError(
            fmt::format("[{}] the result of shape {} has {} at flat index {}", op, to_string(result.shape()),
                        std::isnan(*found) ? "NaN" : (*found > 0 ? "infinity" : "-infinity"), found - result.data()));
}

struct NonfiniteDetector final : Observer
{
    void op(OpCall& call) override
    {
        call.run();
        for (std::size_t i = 0; i < call.results(); ++i)
            if (call.result(i).holds<float>())
                require_finite(call.name(), Variable<float>(call.result(i)));
            else
                require_finite(call.name(), Variable<double>(call.result(i)));
    }
};

} // namespace

void detect_nonfinite(bool on)
{
    static detail::NeverDestroyed<NonfiniteDetector> detector;
    static detail::NeverDestroyed<std::optional<Observing>> detecting;
    if (on && !*detecting)
        detecting->emplace(*detector, Observing::all);
    if (!on)
        detecting->reset();
}

} // namespace xgrad
