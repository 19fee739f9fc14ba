#include "files.hpp"
#include "ops.hpp"
#include "training.hpp"
#include <xgrad/models/networks/residual_cnn.hpp>
#include <xgrad/ops/ops.hpp>

#include <cmath>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

using Maps = Array<double>;

/** A 3×3 convolution with zeros around, by loops. */
Maps convolved(const Maps& x, const Array<double>& w)
{
    const std::size_t height = x.shape()[2], width = x.shape()[3];
    return generate<double>({x.shape()[0], w.shape()[0], height, width}, [&](const Index& i) {
        double sum = 0;
        for (std::size_t c = 0; c < x.shape()[1]; ++c)
            for (std::size_t u = 0; u < 3; ++u)
                for (std::size_t v = 0; v < 3; ++v) {
                    const std::size_t row = i[2] + u, column = i[3] + v; // plus 1, as sizes have no sign
                    if (row >= 1 && row <= height && column >= 1 && column <= width)
                        sum += w(i[1], c, u, v) * x(i[0], c, row - 1, column - 1);
                }
        return sum;
    });
}

/** Batch normalization by the moments of the batch, or by running moments. */
Maps normalized(const Maps& x, const Parameters<double>& all, const Parameters<double>& state, const std::string& name,
                bool training)
{
    const auto of = [](const Parameters<double>& list, const std::string& wanted) {
        for (std::size_t i = 0; i < list.size(); ++i)
            if (list.name(i) == wanted)
                return list[i].value();
        FAIL(wanted);
        return Array<double>();
    };
    const Array<double> gamma = of(all, name + ".norm.gamma"), beta = of(all, name + ".norm.beta");
    Array<double> middle = of(state, name + ".norm.running_mean"), square = of(state, name + ".norm.running_variance");
    const Shape& s = x.shape();
    const double count = static_cast<double>(s[0] * s[2] * s[3]);
    for (std::size_t c = 0; training && c < s[1]; ++c) {
        middle(c) = square(c) = 0;
        for (std::size_t k = 0; k < x.size(); ++k)
            if (k / (s[2] * s[3]) % s[1] == c)
                middle(c) += x.data()[k] / count;
        for (std::size_t k = 0; k < x.size(); ++k)
            if (k / (s[2] * s[3]) % s[1] == c)
                square(c) += std::pow(x.data()[k] - middle(c), 2) / count;
    }
    return generate<double>(s, [&](const Index& i) {
        const std::size_t c = i[1];
        return gamma(c) * (x(i[0], c, i[2], i[3]) - middle(c)) / std::sqrt(square(c) + 1e-5) + beta(c);
    });
}

Maps pooled(const Maps& x)
{
    return generate<double>({x.shape()[0], x.shape()[1], x.shape()[2] / 2, x.shape()[3] / 2}, [&](const Index& i) {
        double most = -1e300;
        for (std::size_t k = 0; k < 4; ++k)
            most = std::max(most, x(i[0], i[1], 2 * i[2] + k / 2, 2 * i[3] + k % 2));
        return most;
    });
}

Maps rectified(Maps x)
{
    for (double& each : x)
        each = std::max(each, 0.0);
    return x;
}

/** The logits of a network without dropout. */
Array<double> logits(const ResidualCNN<double>& net, const Maps& images, bool training)
{
    const Parameters<double> all = net.parameters(), state = net.state();
    const auto weight = [&](const std::string& name) {
        for (std::size_t i = 0; i < all.size(); ++i)
            if (all.name(i) == name)
                return all[i].value();
        FAIL(name);
        return Array<double>();
    };
    const auto norm = [&](const Maps& x, const std::string& name) { return normalized(x, all, state, name, training); };
    Maps x = rectified(norm(pooled(convolved(images, weight("stem.weight"))), "stem"));
    for (const std::string stage : {"a", "b"}) {
        for (std::size_t b = 1; b <= net.options.blocks; ++b) {
            const std::string name = stage + std::to_string(b);
            const Maps inner = rectified(norm(convolved(x, weight(name + ".c1.weight")), name + ".c1"));
            const Maps f = norm(convolved(inner, weight(name + ".c2.weight")), name + ".c2");
            for (std::size_t k = 0; k < x.size(); ++k)
                x.data()[k] = std::max(x.data()[k] + f.data()[k], 0.0);
        }
        if (stage == "a")
            x = rectified(norm(pooled(convolved(x, weight("wider.weight"))), "wider"));
    }
    const Array<double> w = weight("full.weight"), bias = weight("full.bias");
    const std::size_t maps = x.shape()[1];
    return generate<double>({x.shape()[0], w.shape()[0]}, [&](const Index& i) {
        double sum = bias(i[1]);
        for (std::size_t c = 0; c < maps; ++c) {
            double mean = 0, most = -1e300;
            for (std::size_t k = 0; k < 49; ++k) {
                mean += x(i[0], c, k / 7, k % 7) / 49;
                most = std::max(most, x(i[0], c, k / 7, k % 7));
            }
            sum += w(i[1], c) * mean + w(i[1], maps + c) * most;
        }
        return sum;
    });
}

} // namespace

TEST_CASE("residual cnn: the logits in training and in evaluation are those of plain loops")
{
    const Maps images = Random(1).normal<double>({3, 1, 28, 28}, 0, 1);
    for (const std::size_t blocks : {0u, 1u, 2u}) {
        const ResidualCNN<double> net(2, {.maps = 2, .blocks = blocks, .dropout = 0, .classes = 3});
        Random random(3);
        for (Variable<double> each : net.parameters())
            for (double& w : each.mutable_value())
                w += random.uniform(-0.2, 0.2);
        const Array<double> expected = logits(net, images, true);
        check_close(net(constant(images), Mode::training(random)).value(), expected, 1e-10);
        check_close(net(constant(images)).value(), logits(net, images, false), 1e-10); // the running moments have moved
    }
}

TEST_CASE("residual cnn: dropout in training alone, smoothed targets, names and errors")
{
    const ResidualCNN<double> net(1, {.maps = 2, .dropout = 1, .smoothing = 0.3});
    const Variable<double> x = constant(Random(1).normal<double>({2, 1, 28, 28}, 0, 1));
    Random random(1);
    const Array<double> dropped = net(x, Mode::training(random)).value();
    for (std::size_t k = 0; k < 10; ++k)
        CHECK(dropped(0, k) == dropped(1, k)); // all that is left is the bias
    const Array<double> y = net(x).value();
    CHECK(y(0, 0) != y(1, 0));

    const Labels labels{1, 7};
    double expected = 0;
    for (std::size_t n = 0; n < 2; ++n) {
        double sum = 0;
        for (std::size_t k = 0; k < 10; ++k)
            sum += std::exp(y(n, k));
        for (std::size_t k = 0; k < 10; ++k)
            expected -= (0.03 + (k == static_cast<std::size_t>(labels(n)) ? 0.7 : 0)) * (y(n, k) - std::log(sum)) / 2;
    }
    CHECK(net.loss(constant(y), labels).item() == doctest::Approx(expected).epsilon(1e-12));

    CHECK(net.parameters().name(0) == "stem.weight");
    CHECK(net.parameters().name(net.parameters().size() - 1) == "full.bias");
    CHECK(net.state().name(0) == "stem.norm.running_mean");
    check_shape_error([&] { net(leaf<double>({2, 1, 32, 32})); }, {"[residual_cnn]", "(2,1,32,32)", "28"});
    check_shape_error([] { ResidualCNN<double>(1, {.maps = 0}); }, {"[residual_cnn]", "0 maps"});
    check_shape_error([] { ResidualCNN<double>(1, {.dropout = 2}); }, {"[dropout layer]"});
}

TEST_CASE("residual cnn: options by name, and a checkpoint that claims a huge network")
{
    const Classifier small = make_classifier("residual-cnn", 1, {{"maps", "3"}, {"blocks", "2"}});
    CHECK(small.parameter_count() == small.parameters.element_count());
    CHECK(small.parameter_count() == architecture("residual-cnn")
                                         .parameter_count({{"maps", "3"},
                                                           {"blocks", "2"},
                                                           {"dropout", "0.2"},
                                                           {"smoothing", "0.1"},
                                                           {"norm", "batch"},
                                                           {"size", "28"},
                                                           {"channels", "1"},
                                                           {"classes", "10"}}));
    CHECK(small.looks_at_whole_batch);
    const Classifier grouped = make_classifier("residual-cnn", 1, {{"maps", "12"}, {"norm", "group"}});
    CHECK(grouped.parameter_count() == grouped.parameters.element_count());
    CHECK(!grouped.looks_at_whole_batch);
    CHECK(contains(message_of<Error>([] { make_classifier("residual-cnn", 1, {{"maps", "0"}}); }), "from 1 to"));
    Checkpoint checkpoint;
    store(small, checkpoint);
    checkpoint.metadata["model.maps"] = "1024";
    CHECK(contains(message_of<DataError>([&] { load_classifier(checkpoint); }), "some are missing"));
}

TEST_CASE("residual cnn: a few steps make the loss smaller")
{
    TrainingOptions options{.epochs = 6, .batch = 25, .learning_rate = 0.05, .schedule = "one-cycle", .seed = 1};
    options.augmentation.shift = 1;
    Training training(make_classifier("residual-cnn", 1, {{"maps", "8"}}), digits(), options);
    double first = 0;
    while (!training.finished())
        if (training.epoch_complete()) {
            if (const EpochReport report = training.finish_epoch(); report.epoch == 1)
                first = report.train_loss;
        } else
            training.step();
    CHECK(first > 2);
    CHECK(training.last()->train_loss < 0.6 * first);
}
