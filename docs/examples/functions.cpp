#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

namespace
{

void show_derivatives()
{
    //! [derivatives]
    const auto point = variable<double>({1, 2});
    const auto f = [](const auto& x) { return stack({sum(x), sum(square(x)), sum(cube(x))}); };
    const auto loss = [](const auto& x) { return square(sum(x)) + sum(cube(x)); };
    std::cout << jacobian(f, point) << "\n" << hessian(loss, point) << "\n";
    //! [derivatives]
}

void show_checkpoint()
{
    //! [checkpoint]
    Random random(1);
    const auto x = variable(random.normal<double>({32, 8}, 0, 1)), w = variable(random.normal<double>({8, 8}, 0, 0.3));
    const auto block = [&](const Variable<double>& u) { return tanh(matmul(tanh(matmul(u, w)), w)); };
    Tape tape;
    auto plain = x, saved = x;
    for (int i = 0; i < 10; ++i) {
        plain = block(plain);
        saved = checkpoint(block, saved);
    }
    const auto a = tape.gradient(sum(plain), w, {.keep_tape = true}), b = tape.gradient(sum(saved), w);
    std::cout << (a.value() == b.value() ? "the same bits" : "other bits") << "\n";
    //! [checkpoint]
}

void show_custom_gradient()
{
    //! [custom]
    const auto x = variable<double>({0.4, 1.7});
    const auto quantize = [](const Variable<double>& u) { return round(u); };
    const auto straight_through = [](const auto& g, const auto&) { return g; };
    Tape tape;
    const auto y = custom_gradient(quantize, straight_through, x);
    std::cout << y << " " << tape.gradient(sum(square(y)), x) << "\n";
    //! [custom]
}

void show_implicit()
{
    //! [implicit]
    const auto a = variable<double>({2, 9});
    const auto newton = [](const Variable<double>& s) { // on plain arrays: it may be any solver
        Array<double> y(s.shape(), 1.0);
        for (int i = 0; i < 20; ++i)
            y = (y + s.value() / y) / 2;
        return y;
    };
    const auto residual = [](const auto& y, const auto& s) { return square(y) - s; };
    Tape tape;
    const auto y = implicit(newton, residual, a); // √a
    const auto first = tape.gradient(sum(y), a, {.record = true}), second = tape.gradient(sum(first), a);
    std::cout << y << " " << first << " " << second << "\n";
    //! [implicit]
}

void show_fixed_point()
{
    //! [fixed]
    const auto m = variable<double>(1), e = variable<double>(0.2);
    const auto kepler = [](const auto& y, const auto& anomaly, const auto& p) { return anomaly + p * sin(y); };
    Tape tape;
    const auto y = fixed_point(kepler, constant<double>(0), m, e);
    const auto gradients = tape.gradient(y, {m, e});
    std::cout << y.item() << " " << gradients[0].item() << " " << gradients[1].item() << "\n";
    //! [fixed]
}

void show_scan()
{
    //! [scan]
    const auto w = variable<double>({{0.5, -0.3}, {0.2, 0.8}}), start = constant<double>({{0, 0}});
    const auto xs = constant<double>({{{1, 0}}, {{0, 1}}, {{1, 1}}}); // three steps
    const auto step = [&](const auto& s, const auto& x) { return tanh(matmul(s, w) + x); };
    Tape tape;
    const auto states = scan(step, start, xs, {.checkpoint = true});
    std::cout << to_string(states.shape()) << "\n" << tape.gradient(sum(states), w) << "\n";
    //! [scan]
}

} // namespace

int main()
{
    show_derivatives();
    show_checkpoint();
    show_custom_gradient();
    show_implicit();
    show_fixed_point();
    show_scan();
}
