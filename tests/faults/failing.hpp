#pragma once

namespace xgrad::test
{

/** Lets the n-th allocation of the process from now on fail, on whatever thread it is, and if `all` every later one,
 *  too. Allocations are those of malloc and its relatives; operator new calls them. */
void fail_allocation(long n, bool all) noexcept;

/** Lets all allocations succeed again. Returns whether one has failed. */
bool succeed_again() noexcept;

} // namespace xgrad::test
