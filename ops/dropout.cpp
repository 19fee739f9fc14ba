#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/dropout.hpp>

#include <fmt/core.h>

#include <cmath>

namespace xgrad
{

template <class T>
Variable<T> dropout(const Variable<T>& x, Number<T> p, SampleRandom random)
{
    if (!(p >= 0 && p <= 1))
        throw ShapeError(fmt::format("[dropout] p is {}: it must be from 0 to 1", T(p)));
    if (p == 0)
        return x;
    const std::size_t samples = x.dimension() == 0 ? 1 : x.shape()[0];
    const std::size_t each = samples == 0 ? 0 : x.size() / samples;
    const auto dropped = static_cast<std::uint64_t>(std::llround(std::ldexp(static_cast<double>(p), 32)));
    const T scale = p < 1 ? 1 / (1 - T(p)) : T{0};
    Array<T> mask = empty_array<T>(x.shape());
    T* m = mask.data();
    for (std::size_t n = 0; n < samples; ++n) {
        Random& own = random[n];
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < each; ++i, bits >>= 32) {
            if (i % 2 == 0)
                bits = own.next();
            *m++ = (bits & 0xffffffff) < dropped ? T{0} : scale;
        }
    }
    return x * constant(std::move(mask));
}

#define XGRAD_INSTANTIATE(T) template Variable<T> dropout(const Variable<T>&, Number<T>, SampleRandom);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
