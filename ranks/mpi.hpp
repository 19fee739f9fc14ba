#pragma once

#include <xgrad/base/ranks.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace xgrad::mpi
{

/** All processes of an MPI program, in the target xgrad::mpi.
 *
 *      int main(int argc, char** argv)
 *      {
 *          mpi::World world(&argc, &argv);
 *          auto [loss, gradients] = value_and_gradient(parameters, x, loss_of, {.ranks = &world});
 *      }
 *
 *  It starts MPI unless the program has done so, and ends it if it has started it. Its messages are apart from the
 *  program's own. One thread at a time may use it, the one that made it. */
class World final : public Ranks
{
  public:
    /** @throws Error if MPI has been ended already, or does not let threads compute (MPI_THREAD_FUNNELED) */
    explicit World(int* argc = nullptr, char*** argv = nullptr);
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    /** Leaves, with an error if there is an exception. If that fails, the program ends all ranks when it ends. */
    ~World() override;

    std::size_t rank() const override;
    std::size_t size() const override;
    /** These throw Error with MPI's text if a message cannot be sent or received, and Error after the timeout. Then the
     *  World can only be left. */
    void send(const void* bytes, std::size_t count, std::size_t to) override;
    void receive(void* bytes, std::size_t count, std::size_t from) override;
    void exchange(const void* sent, std::size_t sent_count, void* received, std::size_t received_count,
                  std::size_t other) override;
    void broadcast(void* bytes, std::size_t count, std::size_t from) override;

    /** The longest time that a message may take [30 s]. It has to be longer than one rank may compute while another one
     *  waits for it. */
    std::chrono::duration<double> timeout() const;
    void set_timeout(std::chrono::duration<double> timeout);

    /** Waits until all ranks call it: for two seconds after an error, else for ten minutes or the timeout.
     *  @param failed  true after an error that the other ranks may not know
     *  @return        true if they have called it; then MPI can be ended */
    bool leave(bool failed) noexcept;
    /** Ends all ranks, as soon as mpirun has had the time to read what this one has said. */
    [[noreturn]] static void abort(int code);

    /** The name and version of the MPI: "Open MPI v4.1.4". */
    static std::string library();

  private:
    struct State; // MPI's handles: users need not include mpi.h
    std::unique_ptr<State> state_;
};

} // namespace xgrad::mpi
