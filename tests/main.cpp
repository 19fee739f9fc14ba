#define DOCTEST_CONFIG_IMPLEMENT
#include <xgrad/base/error.hpp>
#include <xgrad/kernels/architecture.hpp>

#include <doctest/doctest.h>

#include <iostream>

namespace xgrad::test
{

/** Adds the tests of ops/gradients.cpp, which may not be built. Call it once the kernels are known, as the cases need
 *  them. */
[[gnu::weak]] void add_gradient_tests();

} // namespace xgrad::test

int main(int argc, char** argv)
{
    constexpr int skipped = 77; // to CTest and to ./xgrad test
    try {
        xgrad::kernels::architecture();
    } catch (const xgrad::Error& error) {
        std::cerr << error.what() << '\n';
        return skipped;
    }
    if (xgrad::test::add_gradient_tests != nullptr)
        xgrad::test::add_gradient_tests();
    return doctest::Context(argc, argv).run();
}
