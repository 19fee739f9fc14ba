#define DOCTEST_CONFIG_IMPLEMENT
#include "child.hpp"
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

#ifdef XGRAD_ADDRESS_SANITIZER
/** Asked by the sanitizer at the end of a process. In a child the threads are missing whose stacks hold blocks. */
extern "C" int __lsan_is_turned_off() { return xgrad::test::is_child; }
#endif

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
