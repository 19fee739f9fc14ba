#include <xgrad/base/print.hpp>

#if __has_include(<xtensor/io/xio.hpp>) // since 0.26
#include <xtensor/io/xio.hpp>
#else
#include <xtensor/xio.hpp>
#endif

#include <ostream>

namespace xgrad::detail
{

template <class T>
void print(std::ostream& out, const Array<T>& values)
{
    xt::operator<<(out, values);
}

template void print(std::ostream&, const Array<float>&);
template void print(std::ostream&, const Array<double>&);

} // namespace xgrad::detail
