#pragma once

#include <xgrad/graph/tape.hpp>

namespace xgrad::test
{

/** The number of rules that an op on a tape has. */
inline std::size_t rules_of(const Tape& tape, std::size_t op)
{
    std::size_t count = 0;
    for (const detail::StoredRule* rule = tape.store().node(op).rules; rule; rule = rule->next)
        ++count;
    return count;
}

} // namespace xgrad::test
