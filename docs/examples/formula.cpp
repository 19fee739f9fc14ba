#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    //! [formula]
    const auto formula = [](auto u, auto v, auto b) { return tanh(u + b) * sigmoid(v); };
    const auto gated = [=](const auto& u, const auto& v, const auto& b) {
        return elementwise("gated", formula, u, v, b);
    };
    //! [formula]

    //! [check]
    const GradientReport report =
        check_gradient("gated", [&](const Variables<double>& x) { return gated(x[0], x[1], x[2]); },
                       {{{-1, 0.3, 2}, {0.5, 1, -2}}, {{0.1, 0.7, -1}, {1, -0.2, 3}}, {0.2, -0.4, 0.6}}, {.order = 3});
    std::cout << (report.passed() ? "orders 1, 2 and 3 pass" : to_string(report)) << "\n\n";
    //! [check]

    //! [derivation]
    const auto u = variable<double>({{1, 2, 3}}), v = variable<double>({{3, 2, 1}}),
               b = variable<double>({0.1, 0.2, 0.3});
    const auto loss = [&] { return sum(gated(u, v, b)); };
    std::cout << to_text(graph_of_gradient<double>(loss, {{"u", u}, {"v", v}, {"b", b}}));
    //! [derivation]
    return report.passed() ? 0 : 1;
}
