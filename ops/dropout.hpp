#pragma once

#include <xgrad/base/number.hpp>
#include <xgrad/base/sample_random.hpp>
#include <xgrad/graph/variable.hpp>

namespace xgrad
{

// Dropout
//
// This op leaves out elements at random during training, so that no unit can rely on another one (Srivastava et al.
// 2014).

/** The array with each element left out with probability p, and the others larger by 1/(1 − p), which keeps the mean.
 *
 *  y = m·x/(1 − p), with m = 0 with probability p, else 1
 *
 *  @param x       (N, …), with samples along the first axis; a scalar is one sample
 *  @param random  the generators of the samples; each draws 32 bits for an element
 *
 *  Gradient: g·m/(1 − p).
 *  @throws ShapeError if p is not from 0 to 1 or there are generators for fewer samples */
template <class T>
Variable<T> dropout(const Variable<T>& x, Number<T> p, SampleRandom random);

} // namespace xgrad
