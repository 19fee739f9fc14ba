#include <xgrad/xgrad.hpp>

#include <cstdio>

using namespace xgrad;

namespace
{

Array<double> one(double value) { return Array<double>(Shape{1}, value); }

//! [delta]
enum class Loss
{
    squared_error,
    cross_entropy
};

/** Returns ∂E/∂z of a sigmoid unit whose target is 0. */
double delta(Loss loss, double at)
{
    const auto z = variable(one(at)), target = constant(one(0));
    Tape tape;
    const auto error =
        loss == Loss::squared_error ? squared_error(sigmoid(z), target) : binary_cross_entropy_with_logits(z, target);
    return tape.gradient(error, z).item();
}

/** Returns how many steps of learning rate 1 bring the output below 1/2. */
int steps(Loss loss, double z)
{
    int count = 0;
    for (; z > 0; ++count)
        z -= delta(loss, z);
    return count;
}
//! [delta]

} // namespace

int main()
{
    std::printf("             squared error      cross-entropy\n");
    std::printf(" z  output     delta  steps      delta  steps\n");
    for (const double z : {1.0, 2.0, 4.0, 6.0, 8.0})
        std::printf("%2g  %.4f  %8.5f %6d   %8.5f %6d\n", z, sigmoid(constant(one(z))).item(),
                    delta(Loss::squared_error, z), steps(Loss::squared_error, z), delta(Loss::cross_entropy, z),
                    steps(Loss::cross_entropy, z));
}
