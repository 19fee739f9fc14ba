#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/variable.hpp>

#include <fmt/core.h>

namespace xgrad
{

std::uint64_t detail::next_number()
{
    static std::atomic<std::uint64_t> last{Origin::leaf};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

void detail::throw_empty_variable()
{
    throw GraphError("[variable] the variable is empty: it was default-constructed or moved from");
}

void detail::throw_other_scalar(Scalar held)
{
    throw GraphError(fmt::format("[variable] the variable holds {}: check holds<T>() first",
                                 held == Scalar::float32 ? "float, not double" : "double, not float"));
}

template <class T>
T Variable<T>::item() const
{
    if (size() != 1)
        throw ShapeError(fmt::format("[item] one element is needed, the shape is {}", to_string(shape())));
    return *data();
}

template <class T>
std::ostream& operator<<(std::ostream& out, const Variable<T>& x)
{
    return out << x.value();
}

template class Variable<float>;
template class Variable<double>;
template std::ostream& operator<<(std::ostream&, const Variable<float>&);
template std::ostream& operator<<(std::ostream&, const Variable<double>&);

} // namespace xgrad
