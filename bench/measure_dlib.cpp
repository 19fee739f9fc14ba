// Measures the time of LeNet-5's training step with dlib: see measure.hpp. The layers have no padding, as in xgrad's
// and libtorch's network. OPENBLAS_NUM_THREADS sets the threads.

#include "measure.hpp"

#include <dlib/dnn.h>

namespace
{

template <long maps, class Below>
using Convolution = dlib::add_layer<dlib::con_<maps, 5, 5, 1, 1, 0, 0>, Below>;

template <long maps, class Below>
using Stage = dlib::max_pool<2, 2, 2, 2, dlib::htan<Convolution<maps, Below>>>;

using LeNet5 = dlib::loss_multiclass_log<dlib::fc<
    10, dlib::htan<dlib::fc<84, dlib::htan<Convolution<120, Stage<16, Stage<6, dlib::input<dlib::matrix<float>>>>>>>>>>;

double lenet5_step(std::size_t batch)
{
    LeNet5 net;
    dlib::rand random;
    std::vector<dlib::matrix<float>> images;
    std::vector<unsigned long> labels;
    for (std::size_t i = 0; i < batch; ++i) {
        images.emplace_back(dlib::matrix_cast<float>(dlib::gaussian_randm(32, 32, i)));
        labels.push_back(random.get_random_32bit_number() % 10);
    }
    dlib::resizable_tensor x;
    net.to_tensor(images.begin(), images.end(), x);
    std::vector<dlib::sgd> solvers(LeNet5::num_computational_layers, dlib::sgd(0, 0.9F));
    return bench::seconds_a_call([&] {
        net.compute_parameter_gradients(x, labels.begin());
        net.update_parameters(dlib::make_sstack(solvers), 0.01);
    });
}

} // namespace

int main() { return bench::serve({{"lenet5", lenet5_step}}); }
