#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    //! [loss]
    const auto x =
        variable<double>({{3, 3, 2, 1, 0}, {0, 0, 1, 3, 1}, {3, 1, 2, 2, 3}, {2, 0, 0, 2, 2}, {2, 0, 0, 0, 1}});
    auto k = variable<double>({{0, 1, 2}, {2, 2, 0}, {0, 1, 2}});
    const auto b = variable<double>({0});
    const auto g = variable<double>({{1, 0, 0}, {0, 0, 2}, {0, 0, 0}});
    const auto loss = [&] { return sum((conv2d(x, k) + b) * g); }; // δ = g
    //! [loss]

    //! [gradient]
    const auto gradient = value_and_gradient(Parameters<double>{{"k", k}}, loss).gradients[0];
    std::cout << "∂E/∂k\n" << gradient << "\n";
    std::cout << "x ⋆ δ\n" << correlate2d(x, g) << "\n";
    std::cout << "rot180(x * rot180(δ))\n" << rot180(conv2d(x, rot180(g))) << "\n";
    //! [gradient]

    //! [step]
    const double before = loss().item();
    k.mutable_value()(0, 0) += 1;
    std::cout << "k[0,0] + 1: E + " << loss().item() - before << "\n";
    k.mutable_value()(0, 0) -= 1;
    //! [step]

    //! [correlation]
    const auto correlation = [&] { return sum((correlate2d(x, k) + b) * g); };
    std::cout << "of a correlation ∂E/∂k is\n"
              << value_and_gradient(Parameters<double>{{"k", k}}, correlation).gradients[0].value() << "\n\n";
    //! [correlation]

    //! [derivation]
    std::cout << to_text(graph_of_gradient<double>(loss, {{"c1.k", k}, {"c1.bias", b}}, {{"x", x}, {"g", g}}));
    //! [derivation]
}
