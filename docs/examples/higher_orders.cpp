#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    //! [third]
    const auto x = variable<double>(2);
    Tape tape;
    const auto y = pow(x, 4);
    const auto first = tape.gradient(y, x, {.record = true});
    const auto second = tape.gradient(first, x, {.record = true});
    const auto third = tape.gradient(second, x);
    std::cout << first.item() << " " << second.item() << " " << third.item() << "\n"; // 4x³ 12x² 24x
    //! [third]

    //! [products]
    const auto point = variable<double>({1, 2}), direction = constant<double>({1, 0});
    const auto squares = [](const Variable<double>& p) { return square(p); };
    const auto cubes = [](const Variable<double>& p) { return sum(p * p * p); };
    std::cout << jacobian(squares, point) << "\n";
    std::cout << jacobian_vector_product(squares, point, direction) << "\n";
    std::cout << hessian_vector_product(cubes, point, direction) << "\n";
    //! [products]
}
