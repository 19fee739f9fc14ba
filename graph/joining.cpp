#include <xgrad/base/instantiate.hpp>
#include <xgrad/graph/joining.hpp>

#include <fmt/core.h>

namespace xgrad::detail
{

template <class T>
void Joining<T>::attempt(FunctionRef<void()> f)
{
    try {
        f();
    } catch (const std::exception& e) {
        caught_ = std::current_exception();
        text_ = e.what();
    } catch (...) {
        caught_ = std::current_exception();
        text_ = "an exception without a text";
    }
    if (caught_)
        header_ = {ranks_.rank(), text_.size()};
}

template <class T>
ValueAndGradient<T> Joining<T>::empty() const
{
    ValueAndGradient<T> sum;
    for (std::size_t i = 0; i < parameters_.size(); ++i)
        sum.gradients.push_back(uninitialized<T>(parameters_[i].shape()));
    return sum;
}

template <class T>
void Joining<T>::send(const ValueAndGradient<T>& sum, std::size_t to)
{
    ranks_.send(&header_, sizeof(Header), to);
    if (header_.failed != none)
        return ranks_.send(text_.data(), text_.size(), to);
    ranks_.send(&sum.value, sizeof(T), to);
    for (const Variable<T>& gradient : sum.gradients)
        ranks_.send(gradient.data(), gradient.size() * sizeof(T), to);
}

template <class T>
ValueAndGradient<T> Joining<T>::receive(std::size_t from)
{
    Header header;
    ranks_.receive(&header, sizeof(Header), from);
    if (header.failed != none) {
        std::string text(header.length, ' ');
        ranks_.receive(text.data(), text.size(), from);
        if (header_.failed == none) {
            header_ = header;
            text_ = std::move(text);
        }
        return {};
    }
    ValueAndGradient<T> sum = empty();
    ranks_.receive(&sum.value, sizeof(T), from);
    for (Variable<T>& gradient : sum.gradients)
        ranks_.receive(gradient.mutable_data(), gradient.size() * sizeof(T), from);
    return sum;
}

template <class T>
ValueAndGradient<T> Joining<T>::shared(ValueAndGradient<T> total)
{
    ranks_.broadcast(&header_, sizeof(Header), 0);
    if (header_.failed != none) {
        text_.resize(header_.length);
        ranks_.broadcast(text_.data(), text_.size(), 0);
        if (caught_)
            std::rethrow_exception(caught_);
        throw Error(fmt::format("rank {}: {}", header_.failed, text_));
    }
    if (ranks_.rank() != 0)
        total = empty();
    ranks_.broadcast(&total.value, sizeof(T), 0);
    for (Variable<T>& gradient : total.gradients)
        ranks_.broadcast(gradient.mutable_data(), gradient.size() * sizeof(T), 0);
    return total;
}

#define XGRAD_INSTANTIATE(T) template class Joining<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)

} // namespace xgrad::detail
