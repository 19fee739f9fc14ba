#include "threads.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/models/networks/mlp.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace xgrad;
using test::Threads;

namespace
{

template <class T>
bool same_bits(const ValueAndGradient<T>& a, const ValueAndGradient<T>& b)
{
    if (std::memcmp(&a.value, &b.value, sizeof(T)) != 0 || a.gradients.size() != b.gradients.size())
        return false;
    for (std::size_t i = 0; i < a.gradients.size(); ++i)
        if (a.gradients[i].shape() != b.gradients[i].shape() ||
            std::memcmp(a.gradients[i].data(), b.gradients[i].data(), a.gradients[i].size() * sizeof(T)) != 0)
            return false;
    return true;
}

template <class T>
Array<T> random_array(const Shape& shape, std::uint64_t seed = 1)
{
    Random random(seed);
    return random.normal<T>(shape, 0, 1);
}

Labels random_labels(std::size_t count)
{
    Random random(2);
    Labels labels(Shape{count}, 0);
    for (std::int32_t& label : labels)
        label = static_cast<std::int32_t>(random.below(10));
    return labels;
}

/** The loss mean of w·x² of a number x per sample; its gradient is the mean of x². */
struct MeanSquare
{
    Variable<double> w = variable<double>(2);
    Parameters<double> parameters{{"w", w}};
    Variable<double> operator()(const Variable<double>& x) const { return mean(square(x)) * w; }
};

} // namespace

TEST_CASE("value and gradient of a loss without samples")
{
    const auto w = variable<double>(3);
    const auto [value, gradients] = value_and_gradient(Parameters<double>{{"w", w}}, [&] { return w * w; });
    CHECK(value == 9);
    CHECK(gradients[0].item() == 6);
}

namespace
{

Variable<double> square_of_two() { return square(variable<double>(2)); }

} // namespace

TEST_CASE("a plain function is a loss, and targets may be any container of integers")
{
    const Parameters<double> parameters = {{"x", variable<double>(3)}};
    CHECK_THROWS_AS(value_and_gradient(parameters, square_of_two), GraphError); // depends on no parameter
    const xt::xarray<int> targets = {2, 0, 1};
    const auto loss = [&](const Variable<double>& x, const Labels& t) {
        return mean(x) * parameters[0] * static_cast<double>(t(0));
    };
    const auto [value, gradients] = value_and_gradient(parameters, Array<double>{1, 2, 3}, targets, loss, {.chunk = 1});
    CHECK(value == doctest::Approx(3 * (1 * 2 + 2 * 0 + 3 * 1) / 3.0));
}

TEST_CASE("chunks are weighted by their size")
{
    // Chunks of 3, 3 and 1: a mean of their means would be wrong.
    const MeanSquare loss;
    Array<double> x(Shape{7}, 0.0);
    double expected = 0;
    for (std::size_t i = 0; i < 7; ++i) {
        x.data()[i] = static_cast<double>(i * i);
        expected += x.data()[i] * x.data()[i] / 7;
    }
    for (std::size_t chunk : {1u, 2u, 3u, 6u, 7u, 100u}) {
        CAPTURE(chunk);
        const auto [value, gradients] = value_and_gradient(loss.parameters, x, loss, {.chunk = chunk});
        CHECK(value == doctest::Approx(2 * expected).epsilon(1e-14));
        CHECK(gradients[0].item() == doctest::Approx(expected).epsilon(1e-14));
    }
}

TEST_CASE("every sample is seen once, in chunks of at most the given size, with its own target")
{
    const auto w = variable<double>(1);
    Array<double> x = empty_array<double>({53, 2});
    Labels y(Shape{53}, 0);
    for (std::size_t i = 0; i < 53; ++i) {
        x(i, 0) = x(i, 1) = static_cast<double>(i);
        y.data()[i] = static_cast<std::int32_t>(i);
    }
    std::vector<std::atomic<int>> seen(53);
    std::atomic<bool> as_promised{true};
    value_and_gradient(Parameters<double>{{"w", w}}, x, y,
                       [&](const Variable<double>& part, const Labels& labels) {
                           as_promised = as_promised && part.shape()[0] <= 8 && part.shape()[0] == labels.size() &&
                                         !part.requires_gradient();
                           for (std::size_t i = 0; i < labels.size(); ++i) {
                               as_promised = as_promised && part.data()[2 * i + 1] == labels.data()[i];
                               ++seen[static_cast<std::size_t>(labels.data()[i])];
                           }
                           return mean(part) * w;
                       },
                       {.chunk = 8});
    CHECK(as_promised);
    for (const auto& times : seen)
        CHECK(times == 1);
}

TEST_CASE("batches may be variables")
{
    const MeanSquare loss;
    const auto x = variable<double>({1, 2, 3});
    CHECK(value_and_gradient(loss.parameters, x, loss).gradients[0].item() == doctest::Approx(14.0 / 3));
}

TEST_CASE("the loss function reads the batch in its place, and no op writes to it")
{
    const Parameters<float> parameters = {{"w", variable<float>({1, 2, 3})}};
    const Array<float> batch = random_array<float>({5, 3}), before = batch;
    std::atomic<int> in_place = 0;
    const auto loss = [&](Variable<float> x) {
        const auto* const place = x.data();
        in_place += place >= batch.data() && place < batch.data() + batch.size();
        x = tanh(std::move(x)); // would write to its operand if nobody else held it
        return mean(x * parameters[0]);
    };
    value_and_gradient(parameters, batch, loss, {.chunk = 2});
    CHECK(in_place == 3);
    CHECK(batch == before);
    value_and_gradient(parameters, constant(Array<float>(batch)), loss, {.chunk = 2});
    CHECK(in_place == 3);

    value_and_gradient(parameters, batch,
                       [&](Variable<float> x) {
                           x.mutable_value().fill(7);
                           CHECK(x.value()(0, 2) == 7);
                           return mean(x * parameters[0]);
                       },
                       {.chunk = 2});
    CHECK(batch == before);
}

TEST_CASE("what the loss function keeps of the batch is a copy")
{
    const Parameters<float> parameters = {{"w", variable<float>({1, 2, 3})}};
    const Array<float> expected = random_array<float>({5, 3});
    for (const bool throws : {false, true}) {
        Array<float> batch = expected;
        Variable<float> kept;
        try {
            value_and_gradient(parameters, batch,
                               [&](const Variable<float>& x) {
                                   if (x.shape()[0] == 1) {
                                       kept = x;
                                       if (throws)
                                           throw std::runtime_error("the last chunk");
                                   }
                                   return mean(x * parameters[0]);
                               },
                               {.chunk = 2});
            CHECK(!throws);
        } catch (const std::runtime_error&) {
            CHECK(throws);
        }
        batch.fill(0);
        REQUIRE(kept.shape() == Shape{1, 3});
        for (std::size_t j = 0; j < 3; ++j)
            CHECK(kept.value()(0, j) == expected(4, j));
        CHECK(kept.mutable_value().storage().data() != batch.data() + 12);
    }
}

TEST_CASE("the same bits for any number of threads")
{
    const MLP<float> net({20, 16, 10}, 3);
    const auto parameters = net.parameters();
    const auto loss = [&](const Variable<float>& x, const Labels& y) { return softmax_cross_entropy(net(x), y); };
    for (std::size_t samples : {1u, 2u, 15u, 16u, 17u, 33u, 100u, 129u, 200u, 333u}) {
        const auto x = random_array<float>({samples, 20});
        const auto y = random_labels(samples);
        const auto run = [&](std::size_t threads) {
            const Threads set(threads);
            return value_and_gradient(parameters, x, y, loss);
        };
        const auto expected = run(1);
        for (std::size_t threads : {2u, 3u, 5u, 8u})
            for (int repeat = 0; repeat < 3; ++repeat) {
                CAPTURE(samples);
                CAPTURE(threads);
                CHECK(same_bits(run(threads), expected));
            }
    }
}

TEST_CASE("the same bits of LeNet-5 for any number of threads")
{
    const LeNet5<float> net(3);
    const auto loss = [&](const Variable<float>& x, const Labels& y) { return softmax_cross_entropy(net(x), y); };
    const auto x = random_array<float>({37, 1, 32, 32});
    const auto y = random_labels(37);
    const auto run = [&](std::size_t threads) {
        const Threads set(threads);
        return value_and_gradient(net.parameters(), x, y, loss, {.chunk = 4});
    };
    const auto expected = run(1);
    for (std::size_t threads : {2u, 3u, 5u})
        CHECK(same_bits(run(threads), expected));
}

namespace
{

/** The samples of the largest chunk, of so many samples with so many elements each. */
std::size_t largest_chunk(std::size_t weights, std::size_t samples, std::size_t elements = 1)
{
    const Parameters<float> parameters = {{"w", variable(Array<float>(Shape{weights}, 0.0f))}};
    std::atomic<std::size_t> largest = 0;
    (void)value_and_gradient(parameters, Array<float>(Shape{samples, elements}, 1.0f), [&](const Variable<float>& x) {
        std::size_t before = largest;
        while (before < x.shape()[0] && !largest.compare_exchange_weak(before, x.shape()[0]))
            ;
        return sum(x) * sum(parameters[0]);
    });
    return largest;
}

} // namespace

TEST_CASE("the usual chunk: 16, or more for many parameters, but never more than half of a batch")
{
    CHECK(largest_chunk(10, 128) == 16);
    CHECK(largest_chunk(262'143, 128) == 16);
    CHECK(largest_chunk(300'000, 128) == 32);
    CHECK(largest_chunk(700'000, 256) == 64);
    CHECK(largest_chunk(700'000, 64) == 32);
    CHECK(largest_chunk(700'000, 50) == 16);
    CHECK(largest_chunk(10'000'000, 1024) == 64);
    CHECK(largest_chunk(700'000, 3) == 3);
}

TEST_CASE("the usual chunk of large samples has half a megabyte of them, or the least for its parameters")
{
    CHECK(largest_chunk(10, 20, 8'192) == 16);
    CHECK(largest_chunk(10, 20, 8'193) == 8);
    CHECK(largest_chunk(10, 20, 32'768) == 4);
    CHECK(largest_chunk(10, 20, 60'000) == 2);
    CHECK(largest_chunk(10, 20, 500'000) == 1);
    CHECK(largest_chunk(60'000, 20, 500'000) == 4);
    CHECK(largest_chunk(250'000, 20, 500'000) == 16);
}

TEST_CASE("chunks add up to the gradient of the whole batch")
{
    const MLP<double> net({5, 4, 10}, 3);
    const auto parameters = net.parameters();
    const auto x = random_array<double>({21, 5});
    const auto y = random_labels(21);
    const auto chunked = value_and_gradient(
        parameters, x, y,
        [&](const auto& part, const auto& labels) { return softmax_cross_entropy(net(part), labels); }, {.chunk = 4});
    Tape tape;
    const auto loss = softmax_cross_entropy(net(constant(x)), y);
    CHECK(chunked.value == doctest::Approx(loss.item()).epsilon(1e-14));
    const auto whole = tape.gradient(loss, parameters);
    for (std::size_t i = 0; i < whole.size(); ++i)
        for (std::size_t k = 0; k < whole[i].size(); ++k)
            CHECK(chunked.gradients[i].data()[k] == doctest::Approx(whole[i].data()[k]).epsilon(1e-12).scale(1e-3));
}

TEST_CASE("the exception of the lowest chunk that throws comes out, and the workers go on serving")
{
    const MeanSquare loss;
    Array<double> x(Shape{40}, 0.0);
    for (std::size_t i = 0; i < 40; ++i)
        x.data()[i] = static_cast<double>(i);
    for (std::size_t count : {1u, 2u, 5u}) {
        const Threads set(count);
        for (int repeat = 0; repeat < 20; ++repeat) {
            CHECK_THROWS_WITH_AS(value_and_gradient(loss.parameters, x,
                                                    [&](const Variable<double>& part) -> Variable<double> {
                                                        const int first = static_cast<int>(part.data()[0]);
                                                        if (first == 12 || first == 20 || first == 36)
                                                            throw std::runtime_error("chunk at " +
                                                                                     std::to_string(first));
                                                        return loss(part);
                                                    },
                                                    {.chunk = 4}),
                                 "chunk at 12", std::runtime_error);
        }
        CHECK_FALSE(is_recording());
        CHECK(value_and_gradient(loss.parameters, x, loss, {.chunk = 4}).value > 0);
    }
}

TEST_CASE("inside of a tape of the user's the chunks are independent of it")
{
    const MeanSquare loss;
    const auto x = random_array<double>({40});
    Tape tape;
    const auto y = loss.w * loss.w;
    const auto inside = value_and_gradient(loss.parameters, x, loss);
    CHECK(tape.size() == 1);
    CHECK_FALSE(inside.gradients[0].requires_gradient());
    CHECK(is_recording());
    CHECK(tape.gradient(y, loss.w).item() == 4);
    CHECK(same_bits(inside, value_and_gradient(loss.parameters, x, loss)));
}

TEST_CASE("a call inside of a loss function")
{
    const Threads set(3);
    const MeanSquare loss;
    const auto x = random_array<double>({64});
    const auto expected = value_and_gradient(loss.parameters, x, loss, {.chunk = 8});
    std::atomic<int> differing{0};
    const auto outer =
        value_and_gradient(loss.parameters, x,
                           [&](const Variable<double>& part) {
                               if (!same_bits(value_and_gradient(loss.parameters, x, loss, {.chunk = 8}), expected))
                                   ++differing;
                               return loss(part);
                           },
                           {.chunk = 8});
    CHECK(differing == 0);
    CHECK(same_bits(outer, expected));
}

TEST_CASE("threads of the user's own call it at once")
{
    const Threads set(2);
    const MLP<float> net({20, 10}, 3);
    const auto parameters = net.parameters();
    const auto x = random_array<float>({100, 20});
    const auto y = random_labels(100);
    const auto run = [&] {
        return value_and_gradient(parameters, x, y, [&](const auto& part, const auto& labels) {
            return softmax_cross_entropy(net(part), labels);
        });
    };
    const auto expected = run();
    std::atomic<int> differing{0};
    std::vector<std::thread> users;
    for (int user = 0; user < 4; ++user)
        users.emplace_back([&] {
            for (int repeat = 0; repeat < 25; ++repeat)
                if (!same_bits(run(), expected))
                    ++differing;
        });
    for (std::thread& user : users)
        user.join();
    CHECK(differing == 0);
}

// Errors

TEST_CASE("a loss function that gives no scalar")
{
    const MeanSquare loss;
    const auto x = random_array<double>({10});
    CHECK_THROWS_WITH_AS(
        value_and_gradient(loss.parameters, x, [&](const Variable<double>& part) { return part * loss.w; },
                           {.chunk = 5}),
        "[value_and_gradient] the loss function gave an array of shape (5), a scalar is needed: take the "
        "mean over the samples",
        GraphError);
}

TEST_CASE("a parameter that the loss does not depend on is named")
{
    const MeanSquare loss;
    const auto idle = variable<double>({1, 2});
    const Parameters<double> parameters{{"w", loss.w}, {"idle", idle}};
    std::string message;
    try {
        value_and_gradient(parameters, random_array<double>({10}), loss);
    } catch (const GraphError& error) {
        message = error.what();
    }
    CHECK(message.find("parameter 'idle' of shape (2)") != std::string::npos);
}

TEST_CASE("batches that do not fit")
{
    const MeanSquare loss;
    const auto two = [&](const Variable<double>& x, const Variable<double>&) { return loss(x); };
    const auto four = random_array<double>({4}), none = random_array<double>({0});
    CHECK_THROWS_WITH_AS(value_and_gradient(loss.parameters, four, random_array<double>({5}), two),
                         "[value_and_gradient] 4 samples and 5 targets: the first axes must agree", ShapeError);
    CHECK_THROWS_WITH_AS(value_and_gradient(loss.parameters, none, loss),
                         "[value_and_gradient] 0 samples in chunks of 16: both must be 1 or more", ShapeError);
    CHECK_THROWS_WITH_AS(value_and_gradient(loss.parameters, four, loss, {.chunk = 0}),
                         "[value_and_gradient] 4 samples in chunks of 0: both must be 1 or more", ShapeError);
    CHECK_THROWS_WITH_AS(value_and_gradient(loss.parameters, random_array<double>({}), loss),
                         "[value_and_gradient] a scalar holds no samples: they lie along the first axis", ShapeError);
}
