#pragma once

#include <cstddef>

namespace xgrad
{

/** Processes that share the chunks of each batch: rank 0 … size − 1. All of them make the same calls with the same
 *  arguments, and get the same results.
 *
 *  <xgrad/ranks/mpi.hpp> has those of MPI, <xgrad/ranks/threads.hpp> threads in their place. The functions throw Error
 *  if another rank is gone. */
class Ranks
{
  public:
    virtual ~Ranks() = default;

    virtual std::size_t rank() const = 0;
    virtual std::size_t size() const = 0;

    /** Sends bytes to another rank, in order. It may wait until they are received. No bytes are no message. */
    virtual void send(const void* bytes, std::size_t count, std::size_t to) = 0;
    virtual void receive(void* bytes, std::size_t count, std::size_t from) = 0;
    /** Sends to another rank and receives from it, at the same time. */
    virtual void exchange(const void* sent, std::size_t sent_count, void* received, std::size_t received_count,
                          std::size_t other) = 0;
    /** Gives the bytes of one rank to all. Each rank calls it. */
    virtual void broadcast(void* bytes, std::size_t count, std::size_t from) = 0;
};

} // namespace xgrad
