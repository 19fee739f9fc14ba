#include <xgrad/base/print.hpp>
#include <xgrad/base/xtensor.hpp>

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
