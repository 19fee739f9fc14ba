#include "program.hpp"
#include "ranks.hpp"
#include <xgrad/ranks/mpi.hpp>

#include <fmt/format.h>

namespace xgrad::command
{

namespace
{

class MpiLaunch final : public Launch
{
  public:
    MpiLaunch(int* argc, char*** argv) : world_(argc, argv) {}

    Ranks& ranks() override { return world_; }
    void set_timeout(double seconds) override { world_.set_timeout(std::chrono::duration<double>(seconds)); }
    bool leave(bool failed) override { return world_.leave(failed); }
    void end_all(int code) override { mpi::World::abort(code); }

  private:
    mpi::World world_;
};

} // namespace

std::unique_ptr<Launch> join_mpi(std::size_t processes, int* argc, char*** argv)
{
    auto launch = std::make_unique<MpiLaunch>(argc, argv);
    if (launch->ranks().size() == 1)
        throw UsageError(fmt::format("{} processes were started, but MPI finds one: this xgrad was built with {}, so "
                                     "start it with its mpirun, or leave the launcher out",
                                     processes, mpi::World::library()));
    return launch;
}

} // namespace xgrad::command
