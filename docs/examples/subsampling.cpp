#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    //! [down_up]
    const auto x = variable<double>({{1, 2, 0, 0}, {3, 4, 0, 5}, {1, 0, 2, 2}, {0, 1, 2, 3}});

    Tape tape;
    const auto down = block_sum(x, 2);
    std::cout << "down\n" << down << "\n";
    const auto delta = constant<double>({{1, 2}, {3, 4}});
    std::cout << "up\n" << upsample(delta, 2) << "\n";
    std::cout << "the rule of down is up: "
              << (tape.vector_jacobian_product(down, delta, x).value() == upsample(delta, 2).value() ? "yes" : "no")
              << "\n";
    //! [down_up]

    //! [convolution]
    const auto sums = conv2d(x, constant(Array<double>({2, 2}, 1.0))); // 3×3, of every window
    const auto kept = slice(slice(sums, 0, 0, 3, 2), 1, 0, 3, 2);      // every 2nd row and column: y(1:2:end, 1:2:end)
    std::cout << "convolution with ones, then every 2nd element, is down: "
              << (kept.value() == block_sum(x, 2).value() ? "yes" : "no") << "\n";
    //! [convolution]

    //! [layer]
    Random random(1);
    const Subsampling<double> pool(3, 2); // 3 maps, blocks of 2×2
    const auto u = variable(random.normal<double>({1, 3, 4, 4}, 0, 1));
    const auto target = constant(random.normal<double>({1, 3, 2, 2}, 0, 1));

    Tape layers;
    const auto maps = scaled_tanh(u); // x^ℓ = f(u^ℓ), a convolution layer's
    const auto next = pool(maps);     // u^{ℓ+1} = β down(x^ℓ) + b
    const auto error = squared_error(scaled_tanh(next), target);
    const auto by_tape = layers.gradient(error, {next, u, pool.beta, pool.bias});

    const auto d = by_tape[0];                                                                  // δ^{ℓ+1}
    const auto slope = 2.0 / 3 * (1.7159 - square(scaled_tanh(u)) / 1.7159);                    // f'(u^ℓ)
    const Variable<double> by_hand[] = {reshape(pool.beta, {3, 1, 1}) * slope * upsample(d, 2), // B10, G7
                                        sum(d * block_sum(scaled_tanh(u), 2), {0, 2, 3}),       // B14b, β
                                        sum(d, {0, 2, 3})};                                     // B14b, b
    //! [layer]
    const char* const names[] = {"δ = β(f' ∘ up δ)", "∂E/∂β = Σ δ ∘ down x", "∂E/∂b = Σ δ"};
    for (std::size_t i = 0; i < 3; ++i)
        std::cout << names[i] << ": " << (max(abs(by_tape[i + 1] - by_hand[i])).item() < 1e-14 ? "the same" : "another")
                  << "\n";
}
