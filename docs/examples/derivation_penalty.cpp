#include <xgrad/xgrad.hpp>

#include <cmath>
#include <cstdio>
#include <iostream>

using namespace xgrad;

int main()
{
    const auto c = variable<double>({{0, 3}, {1, 0}, {2, 0}}); // three input maps, two output maps
    const Parameters<double> parameters{{"c3.scores", c}};
    for (const Sparsity sparsity : {Sparsity::l1, Sparsity::entropy}) {
        const auto penalty = [&] { return 0.05 * sparsity_penalty(sparsity, softmax(c, 0)); };
        std::cout << to_text(graph_of_gradient<double>(penalty, parameters));
        const auto gradients = value_and_gradient(parameters, penalty).gradients;
        std::printf("\n∂E/∂c:");
        for (const double slope : gradients[0].value())
            std::printf(" %.4f", std::round(slope * 1e4) / 1e4 + 0.0); // + 0.0: no −0
        std::printf("\n\n");
    }
}
