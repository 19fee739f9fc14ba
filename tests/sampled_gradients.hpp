#pragma once
// The gradients of a whole network, where checking every element would take too long.

#include <xgrad/base/random.hpp>
#include <xgrad/graph/value_and_gradient.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

namespace xgrad::test
{

/** Compares a few elements of every parameter's gradient with central differences (B22).
 *  @param loss  () → scalar, a function of the parameters' present values
 *  @param step  small where kinks are near; larger where the loss is large, as its rounding is divided by the step */
template <class Loss>
void check_sampled_gradients(const Parameters<double>& parameters, Loss loss, double step = 1e-6)
{
    const Variables<double> gradients = value_and_gradient(parameters, loss).gradients;
    Random random(13);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        Variable<double> parameter = parameters[p];
        CAPTURE(parameters.name(p));
        double scale = 0;
        for (const double g : gradients[p].value())
            scale = std::max(scale, std::abs(g));
        CHECK(scale > 0);
        for (int sample = 0; sample < 12; ++sample) {
            const auto place = static_cast<std::size_t>(random.below(parameter.size()));
            double& w = parameter.mutable_data()[place];
            const double before = w;
            w = before + step;
            const double above = loss().item();
            w = before - step;
            const double below = loss().item();
            w = before;
            CAPTURE(place);
            CHECK(std::abs(gradients[p].data()[place] - (above - below) / (2 * step)) < 1e-6 * scale + 1e-9);
        }
    }
}

} // namespace xgrad::test
