#include <xgrad/base/print.hpp>

#if __has_include(<xtensor/io/xio.hpp>) // since 0.26
#include <xtensor/io/xio.hpp>
#else
#include <xtensor/xio.hpp>
#endif

#include <ostream>

namespace xgrad
{

template <Printable T>
std::ostream& operator<<(std::ostream& out, const Array<T>& values)
{
    return xt::operator<<(out, values);
}

template std::ostream& operator<<(std::ostream&, const Array<float>&);
template std::ostream& operator<<(std::ostream&, const Array<double>&);
template std::ostream& operator<<(std::ostream&, const Array<std::int32_t>&);

} // namespace xgrad
