#pragma once

#include <xgrad/base/error.hpp>
#include <xgrad/models/layers/mode.hpp>
#include <xgrad/ops/dropout.hpp>

#include <string>

namespace xgrad
{

/** Dropout (Srivastava et al. 2014): in training `dropout(x, p, …)`, whose elements are 0 with probability p and else
 *  larger by 1/(1 − p); in evaluation x. Each sample draws from its own generator. x is (N, …). */
template <class T>
struct Dropout
{
    double p;

    /** @throws ShapeError if p is not from 0 to 1 */
    explicit Dropout(double probability) : p(probability)
    {
        if (!(p >= 0 && p <= 1))
            throw ShapeError("[dropout layer] p is " + std::to_string(p) + ": it must be from 0 to 1");
    }
    Variable<T> operator()(const Variable<T>& x, Mode mode) const
    {
        return mode.is_training() ? dropout(x, p, mode.random()) : x;
    }
};

} // namespace xgrad
