// One process is a world of its own, without mpirun.
#include <xgrad/ranks/mpi.hpp>
#include <xgrad/xgrad.hpp>

int main(int argc, char** argv)
{
    using namespace xgrad;
    mpi::World world(&argc, &argv);
    const auto w = variable<double>(3);
    const Array<double> x = {1, 2, 3};
    const auto [loss, gradients] =
        value_and_gradient(Parameters<double>{{"w", w}}, x,
                           [&](const Variable<double>& part) { return mean(part) * w; }, {.ranks = &world});
    return world.size() == 1 && loss == 6 && gradients[0].item() == 2 ? 0 : 1;
}
