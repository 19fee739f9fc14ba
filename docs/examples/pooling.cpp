#include <xgrad/models/layers/mode.hpp>
#include <xgrad/xgrad.hpp>

#include <iomanip>
#include <iostream>

using namespace xgrad;

namespace
{

void print(const Array<double>& values)
{
    for (const double value : values)
        std::cout << std::setw(7) << value;
}

/** Prints y = pool(x), and the gradient of its sum. */
template <class Pool>
void show(const char* name, const Variable<double>& x, Pool pool)
{
    Tape tape;
    const Variable<double> y = pool(x);
    std::cout << std::left << std::setw(14) << name << std::right;
    print(y.value());
    std::cout << "\n" << std::setw(14) << "gradient";
    print(tape.gradient(sum(y), x).value());
    std::cout << "\n";
}

} // namespace

int main()
{
    std::cout << std::setprecision(3);
    //! [family]
    const auto x = variable<double>({{{{1, 2, 0, 0}, // one image of one channel, two windows of 2×2
                                       {3, 4, 0, 5}}}});
    const auto weights = constant<double>({{4, 3}, {2, 1}});
    Random random(2);

    show("max", x, [](const auto& v) { return max_pool2d(v); });
    show("mean", x, [](const auto& v) { return mean_pool2d(v); });
    show("square", x, [](const auto& v) { return square_pool2d(v); });
    show("l2", x, [](const auto& v) { return l2_pool2d(v); });
    show("weighted", x, [&](const auto& v) { return weighted_pool2d(v, weights); });
    show("stochastic", x, [&](const auto& v) { return stochastic_pool2d(v, {}, random); });
    show("probability", x, [](const auto& v) { return probability_pool2d(v); });

    show("global mean", x, [](const auto& v) { return global_mean_pool2d(v); });
    show("global max", x, [](const auto& v) { return global_max_pool2d(v); });
    show("adaptive mean", x, [](const auto& v) { return adaptive_mean_pool2d(v, {1, 3}); });
    show("adaptive max", x, [](const auto& v) { return adaptive_max_pool2d(v, {1, 3}); });

    show("maxout", x, [](const auto& v) { return maxout(reshape(v, {1, 2, 4}), 2); }); // the rows as two channels of 4
    //! [family]

    //! [training]
    const auto pool = [](const Variable<double>& u, const Mode& mode) {
        return mode.is_training() ? stochastic_pool2d(relu(u), {.size = 3, .stride = 2}, mode.random())
                                  : probability_pool2d(relu(u), {.size = 3, .stride = 2});
    };
    //! [training]
    const auto u = constant(random.normal<double>({1, 2, 28, 28}, 0, 1));
    std::cout << to_string(pool(u, Mode::training(random)).shape()) << " and "
              << to_string(pool(u, Mode::evaluation()).shape()) << "\n";

    //! [distance]
    const Variable<double> weights_of_five = distance_weights<double>({1, 5}, 1);
    print(weights_of_five.value());
    //! [distance]
    std::cout << "\n";
}
