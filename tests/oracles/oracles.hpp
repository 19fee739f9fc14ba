#pragma once
// Autodiff against the formulas that people derived by hand (tests/oracles).

#include "apps/oracle_arrays.hpp"
#include <xgrad/graph/variable.hpp>

#include <doctest/doctest.h>

#include <string>

namespace xgrad::test
{

/** One formula, and the largest difference of autodiff from it. */
struct OracleEntry
{
    std::string id;      ///< "B7"
    std::string formula; ///< "∂E/∂W = δ·xᵀ"
    std::string file;    ///< the file of the test
    double largest = -1; ///< the largest difference, relative to the largest element; −1 before the test has run
};

/** Notes a test; @return  its entry. */
OracleEntry& register_oracle(const char* id, const char* formula, const char* file);

inline oracles::Tensor tensor(const Variable<double>& x) { return tensor(x.value()); }

/** CHECKs that both have the same elements to 1e-10 of the largest one, whatever their shapes, and notes the
 *  difference.
 *  @param what  the name of the array, if there are several, for the message */
void agree(OracleEntry& entry, const Variable<double>& autodiff, const oracles::Tensor& by_hand,
           const std::string& what = "");
void agree(OracleEntry& entry, double autodiff, double by_hand, const std::string& what = "");

} // namespace xgrad::test

/** A test of one formula: ORACLE_TEST("B7", "∂E/∂W = δ·xᵀ") { agree(entry, gradient, oracles::b7(delta, x)); } */
#define ORACLE_TEST(id, formula) XGRAD_ORACLE_TEST(id, formula, __COUNTER__)
#define XGRAD_ORACLE_TEST(id, formula, number) XGRAD_ORACLE_TEST_NUMBERED(id, formula, number)
#define XGRAD_ORACLE_TEST_NUMBERED(id, formula, number)                                                                \
    static void oracle_test_##number(xgrad::test::OracleEntry& entry);                                                 \
    static xgrad::test::OracleEntry& oracle_entry_##number = xgrad::test::register_oracle(id, formula, __FILE__);      \
    TEST_CASE("oracle " id ": " formula) { oracle_test_##number(oracle_entry_##number); }                              \
    static void oracle_test_##number([[maybe_unused]] xgrad::test::OracleEntry& entry)
