#include <xgrad/xgrad.hpp>

#include <iostream>
#include <vector>

// Both, as many do in a small program.
using namespace std;
using namespace xgrad;

namespace
{

double loss_after(int steps)
{
    const auto w = variable<double>({{0.5, -0.25}, {0.125, 1}});
    const auto x = constant<double>({{1, 2}, {3, 4}, {5, 6}});
    double last = 0;
    for (int step = 0; step < steps; ++step) {
        Tape tape;
        const auto z = matmul(x, w);
        const auto y = elementwise(
            "gated", [](auto u, auto v) { return tanh(u) * sigmoid(v); }, z, 0.1 * z);
        const auto loss = mean(square(y - 0.5f));
        const auto gradient = tape.gradient(loss, vector<Variable<double>>{w}).front();
        auto target = w;
        target.mutable_value() -= 0.1 * gradient.value();
        last = loss.item();
    }
    return last;
}

} // namespace

int main()
try {
    const vector<int> numbers;
    if (!empty(numbers)) // std's
        return 1;
    const auto x = variable<float>({1, 2});
    cout << x << "\n" << concatenate({x, x}) << "\n";
    return loss_after(20) < loss_after(1) ? 0 : 1;
} catch (const ShapeError& error) {
    cerr << error.what() << "\n";
    return 1;
}
