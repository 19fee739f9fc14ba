#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

//! [reach]
/** Returns how many of 8 maps the first output map depends on, after two convolutions in 4 groups. */
std::size_t maps_read(bool shuffle)
{
    Random random(1);
    const Convolution<float> first(8, 8, 3, random, Initialization::lecun, {.groups = 4});
    const Convolution<float> second(8, 8, 3, random, Initialization::lecun, {.groups = 4});
    const auto x = variable(random.normal<float>({1, 8, 5, 5}, 0, 1));

    Tape tape;
    const auto hidden = first(x);
    const auto y = second(shuffle ? channel_shuffle(hidden, 4) : hidden);
    const auto gradient = tape.gradient(sum(slice(y, 1, 0, 1)), x);
    std::size_t count = 0;
    for (std::size_t map = 0; map < 8; ++map)
        count += max(abs(slice(gradient, 1, map, map + 1))).item() > 0;
    return count;
}
//! [reach]

int main()
{
    std::cout << "4 groups twice: " << maps_read(false) << " of 8 maps\n"
              << "with a shuffle: " << maps_read(true) << " of 8 maps\n";
}
