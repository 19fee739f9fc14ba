// Networks on images that are larger than theirs, against the same networks on every crop.

#include "ops.hpp"
#include "training.hpp"
#include <xgrad/models/layers/positions.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/models/networks/lenet5_1998.hpp>
#include <xgrad/ops/ops.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

constexpr LeNet5Of1998Options with_softmax{.outputs = LeNet5Of1998Options::Outputs::softmax};

/** The 32×32 images (N, 1, 32, 32) whose upper left corner is in the given row and column. */
template <class T>
Variable<T> crop(const Variable<T>& images, std::size_t row, std::size_t column)
{
    return slice(slice(images, 2, row, row + 32), 3, column, column + 32);
}

template <class T, class Network>
void check_sliding(const Network& net, const Array<T>& pixels = numbers<T>({2, 1, 64, 48}, -0.1, 1.175))
{
    const auto images = constant(pixels);
    const std::size_t count = pixels.shape()[0];
    const Array<T> scores = net.slide(images).value();
    REQUIRE(scores.shape() == Shape{count, 10, 9, 5});
    for (std::size_t i = 0; i < 9; ++i)
        for (std::size_t j = 0; j < 5; ++j) {
            const Array<T> here =
                generate<T>({count, 10}, [&](const Index& index) { return scores(index[0], index[1], i, j); });
            CAPTURE(i);
            CAPTURE(j);
            check_close(here, net(crop(images, 4 * i, 4 * j)).value(), sizeof(T) == 4 ? 1e-5 : 1e-12);
        }
}

} // namespace

TEST_CASE_TEMPLATE("a network that slides sees what it sees on every crop (N19)", T, float, double)
{
    SUBCASE("LeNet-5") { check_sliding<T>(LeNet5<T>(1)); }
    SUBCASE("LeNet-5, connection table, mean pooling, scaled tanh")
    {
        check_sliding<T>(
            LeNet5<T>(1, {.connection_table = true, .mean_pooling = true, .activation = Activation::scaled_tanh}));
    }
    SUBCASE("LeNet-5 of 1998") { check_sliding<T>(LeNet5Of1998<T>(1)); }
    SUBCASE("LeNet-5 of 1998, softmax") { check_sliding<T>(LeNet5Of1998<T>(1, with_softmax)); }
}

TEST_CASE("a network that was trained on single digits finds them in a larger image")
{
    const LeNet5<float> net(1);
    const Classifier classifier = classifier_of("lenet5", net);
    Training training(classifier, digits(), {.epochs = 15, .batch = 10, .learning_rate = 0.02});
    finish(training);

    const Batch learned = digits().train.batches(2)[0];
    Array<float> scene(Shape{1, 1, 64, 48}, classifier.preparation.background);
    for (std::size_t n = 0; n < 2; ++n)
        for (std::size_t i = 0; i < 32; ++i)
            for (std::size_t j = 0; j < 32; ++j)
                scene(0, 0, 32 * n + i, 16 * n + j) = learned.images(n, 0, i, j);
    check_sliding<float>(net, scene);

    const Array<float> scores = net.slide(constant(scene)).value();
    for (std::size_t n = 0; n < 2; ++n) {
        const auto label = static_cast<std::size_t>(learned.labels(n));
        for (std::size_t other = 0; other < 10; ++other)
            if (other != label)
                CHECK(scores(0, label, 8 * n, 4 * n) > scores(0, other, 8 * n, 4 * n));
    }
}

TEST_CASE("on an image of its own size a network slides over one position")
{
    const LeNet5<float> net(1);
    const auto images = constant(numbers<float>({3, 1, 32, 32}));
    const auto scores = net.slide(images);
    CHECK(scores.shape() == Shape{3, 10, 1, 1});
    CHECK(reshape(scores, {3, 10}).value() == net(images).value());
}

TEST_CASE("the gradients of a network that slides are the sums of those on the crops")
{
    const LeNet5Of1998<double> net(1);
    const auto images = constant(numbers<double>({2, 1, 36, 40}, -0.1, 1.175));
    const auto upstream = constant(numbers<double>({2, 10, 2, 3}, -1, 1, 2));
    const auto gradients = [&](const auto& loss) {
        Tape tape;
        return tape.gradient(loss(), net.parameters());
    };
    const auto slid = gradients([&] { return sum(net.slide(images) * upstream); });
    const auto cropped = gradients([&] {
        auto total = constant(Array<double>(Shape{}, 0.0));
        for (std::size_t i = 0; i < 2; ++i)
            for (std::size_t j = 0; j < 3; ++j) {
                const auto here = reshape(slice(slice(upstream, 2, i, i + 1), 3, j, j + 1), {2, 10});
                total = total + sum(net(crop(images, 4 * i, 4 * j)) * here);
            }
        return total;
    });
    for (std::size_t p = 0; p < slid.size(); ++p)
        check_close(slid[p].value(), cropped[p].value(), 1e-12);
}

TEST_CASE("images that a network cannot slide over")
{
    const LeNet5<float> modern(1);
    const LeNet5Of1998<float> old(1);
    for (const Shape& shape : {Shape{1, 1, 28, 32}, {1, 1, 32, 34}, {1, 3, 32, 32}, {32, 32}}) {
        check_shape_error([&] { modern.slide(leaf<float>(shape)); }, {"[lenet5]", "32, 36, 40", to_string(shape)});
        check_shape_error([&] { old.slide(leaf<float>(shape)); }, {"[lenet5_1998]", "32, 36, 40", to_string(shape)});
    }
}

TEST_CASE("maps as rows, one for each position, and back")
{
    const Array<float> maps = numbers<float>({2, 3, 4, 5});
    const auto rows = rows_of_positions(constant(Array<float>(maps)));
    check_equal(rows.value(), generate<float>({40, 3}, [&](const Index& index) {
                    const std::size_t row = index[0];
                    return maps(row / 20, index[1], row / 5 % 4, row % 5);
                }));
    check_equal(maps_of_rows(rows, {2, 4, 5}).value(), maps);
    check_shape_error([] { rows_of_positions(leaf<float>({2, 3})); }, {"[rows_of_positions]", "(2,3)"});
    check_shape_error([] { maps_of_rows(leaf<float>({6, 3}), {1, 2, 2}); }, {"[maps_of_rows]", "(6,3)", "(1,2,2)"});
    check_shape_error([] { maps_of_rows(leaf<float>({4, 3}), {2, 2}); }, {"[maps_of_rows]", "(2,2)"});
}
