#pragma once
// Helpers for the tests of the kernels.

#include <xgrad/kernels/architecture.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace xgrad::test
{

/** Runs f once for every instruction set that the machine has. */
template <class F>
void on_every_architecture(F f)
{
    const std::string before = kernels::architecture();
    for (const std::string& name : kernels::available_architectures()) {
        CAPTURE(name);
        kernels::use_architecture(name);
        f();
    }
    kernels::use_architecture(before);
}

/** Uniform numbers from −1 to 1. */
template <class T>
std::vector<T> uniform(std::size_t n, unsigned seed)
{
    std::mt19937 engine(seed);
    std::vector<T> values(n);
    for (T& value : values)
        value = static_cast<T>(static_cast<double>(engine()) / 2147483648.0 - 1.0);
    return values;
}

/** Uniform numbers from low to high. */
template <class T>
std::vector<T> uniform(std::size_t n, double low, double high, unsigned seed = 1)
{
    std::mt19937 engine(seed);
    std::uniform_real_distribution<double> distribution(low, high);
    std::vector<T> values(n);
    for (T& value : values)
        value = static_cast<T>(distribution(engine));
    return values;
}

} // namespace xgrad::test
