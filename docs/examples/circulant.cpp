#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    //! [circulant]
    const auto x = constant<double>({1, 0, -1}), w = constant<double>({1, 2, 3});
    std::cout << circulant(w, 5) << "\n";
    std::cout << circulant_convolution(x, w) << "\n";
    //! [circulant]
    std::cout << "\n";

    //! [blocks]
    const auto k = constant<double>({{1, 2}, {3, 4}});
    std::cout << doubly_block_circulant(k, {3, 3}) << "\n";
    //! [blocks]
}
