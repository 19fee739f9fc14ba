#pragma once

#include <xgrad/base/ranks.hpp>

#include <functional>

namespace xgrad
{

/** Calls f on `count` threads of this process, each with ranks of its own that stand for a process. It is for tests,
 * and to try out a program that will run on many machines. Each rank in turn uses threads() threads.
 *
 *  If f throws on a rank, the others' next message from it or to it throws Error. Then this function throws the
 *  exception of the lowest rank that threw by itself.
 *
 *      run_as_ranks(4, [&](Ranks& ranks) {
 *          auto [loss, gradients] = value_and_gradient(parameters, x, loss_of, {.ranks = &ranks});
 *      });
 *
 *  @throws Error for 0 ranks; what f throws */
void run_as_ranks(std::size_t count, const std::function<void(Ranks&)>& f);

} // namespace xgrad
