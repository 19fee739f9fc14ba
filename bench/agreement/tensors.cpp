#include "family.hpp"

#include <algorithm>

namespace agree
{

namespace
{

template <class T>
Tensor copied(const Array<T>& x, torch::ScalarType type)
{
    Tensor result = torch::empty(sizes(x.shape()), type);
    std::copy(x.data(), x.data() + x.size(), result.data_ptr<T>());
    return result;
}

template <class T>
Array<T> copied(const Tensor& x)
{
    Array<T> result(Shape(x.sizes()));
    const Tensor values = x.detach().contiguous();
    std::copy(values.data_ptr<T>(), values.data_ptr<T>() + result.size(), result.data());
    return result;
}

} // namespace

Integers sizes(const Shape& shape) { return {shape.begin(), shape.end()}; }

Tensor tensor(const Array<double>& x) { return copied(x, torch::kDouble); }
Tensor tensor(const Labels& labels) { return copied(labels, torch::kInt).to(torch::kLong); }

Array<double> array(const Tensor& x) { return copied<double>(x.to(torch::kDouble)); }
Labels labels(const Tensor& x) { return copied<std::int32_t>(x.to(torch::kInt)); }

Variable numbers(const Labels& labels) { return xgrad::constant<double>(Array<double>(labels)); }

} // namespace agree
