#define DOCTEST_CONFIG_IMPLEMENT
#include <xgrad/base/error.hpp>
#include <xgrad/kernels/architecture.hpp>

#include <doctest/doctest.h>

#include <iostream>

int main(int argc, char** argv)
{
    constexpr int skipped = 77; // to CTest and to ./xgrad test
    try {
        xgrad::kernels::architecture();
    } catch (const xgrad::Error& error) {
        std::cerr << error.what() << '\n';
        return skipped;
    }
    return doctest::Context(argc, argv).run();
}
