#include "files.hpp"
#include "training.hpp"
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

using namespace xgrad;
using namespace xgrad::test;

TEST_CASE("evaluation: the confusion matrix counts each image once, in its true class's row")
{
    const Classifier classifier = make_classifier("lenet5", 1);
    const Images& images = digits().test;
    const Evaluation evaluation = evaluate(classifier, images);
    std::size_t right = 0, all = 0;
    for (std::size_t truth = 0; truth < 10; ++truth) {
        std::size_t row = 0;
        for (const std::size_t cell : evaluation.confusion[truth])
            row += cell;
        CHECK(row == static_cast<std::size_t>(std::count(images.labels.begin(), images.labels.end(), truth)));
        right += evaluation.confusion[truth][truth];
        all += row;
    }
    CHECK(all == evaluation.count);
    CHECK(all - right == evaluation.wrong);
    CHECK(evaluation.error() == doctest::Approx(static_cast<double>(all - right) / static_cast<double>(all)));
}

TEST_CASE("evaluation: predictions are those of single images, on one thread and on two")
{
    const Classifier classifier = make_classifier("lenet5", 1);
    const Batches single = digits().test.batches(1, classifier.preparation);
    for (const std::size_t count : {std::size_t{1}, std::size_t{2}}) {
        const ThreadCount use(count);
        const Labels predicted = predict(classifier, digits().test);
        for (std::size_t n = 0; n < 50; ++n) {
            const Variable<float> logits = classifier.logits(constant(single[n].images));
            const auto largest = std::max_element(logits.data(), logits.data() + 10) - logits.data();
            CHECK(predicted.data()[n] == largest);
        }
    }
}

TEST_CASE("evaluation: without images there is no error rate")
{
    Images none{empty_array<std::uint8_t>({0, 1, 28, 28}), empty_array<std::int32_t>({0}), 10};
    CHECK_THROWS_AS(evaluate(make_classifier("mlp", 1), none), ShapeError);
}

TEST_CASE("classifier: unknown models and options that are not for a model are errors")
{
    CHECK(contains(message_of<Error>([] { make_classifier("lenet6", 1); }), "lenet5, bouvrie, character-lstm"));
    const auto refusal = [](const std::string& model, const Choices& choices) {
        return message_of<Error>([&] { make_classifier(model, 1, choices); });
    };
    CHECK(contains(refusal("mlp", {{"pooling", "mean"}}), "[mlp] it has no option 'pooling'; it has: hidden"));
    CHECK(contains(refusal("lenet5", {{"pooling", "median"}}), "pooling is one of max, mean, not 'median'"));
    CHECK(contains(refusal("lenet5", {{"variant", "1998"}, {"pooling", "mean"}}), "leave these out"));
    CHECK(contains(refusal("lenet5", {{"outputs", "softmax"}}), "variant of 1998"));
    CHECK(contains(refusal("bouvrie", {{"sparsity-weight", "-1"}}), "not a number of at least 0"));
    for (const char* sizes : {"", "300-", "-300", "300,100", "0", "99999999999999999999", "1000000",
                              "1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1", "many"})
        CHECK(contains(refusal("mlp", {{"hidden", sizes}}), "is not like 300-100"));
}

TEST_CASE("classifier: a checkpoint that promises a network without bounds is refused before it is made")
{
    Checkpoint hostile;
    for (const auto& [model, choice, value] :
         {std::array{"pixel-labeller", "maps", "1000000"}, std::array{"pixel-labeller", "steps", "1000000"},
          std::array{"mlp", "hidden", "1000000-1000000"}})
    {
        hostile.metadata = {{"model", model}, {std::string("model.") + choice, value}};
        const MemoryLimit limit;
        CHECK(contains(message_of<DataError>([&] { load_classifier(hostile); }), value));
    }
}

TEST_CASE("classifier: a checkpoint without the tensors of its network is refused before that is made")
{
    Checkpoint hostile;
    std::string layers = "10000";
    for (int i = 1; i < 20; ++i)
        layers += "-10000";
    hostile.metadata = {{"model", "mlp"}, {"model.hidden", layers}};
    hostile.tensors["layer1.weight"] = Array<float>{1.0f};
    const MemoryLimit limit; // the network would take 7.2 GB
    CHECK(contains(message_of<DataError>([&] { load_classifier(hostile); }), "its tensors have 1 numbers"));
}

TEST_CASE("classifier: control characters of a checkpoint do not come out of an error")
{
    for (const char* key : {"model", "model.pooling", "model.\x1b[2J", "model.variant"}) {
        Checkpoint hostile;
        hostile.metadata = {{"model", "lenet5"}};
        hostile.metadata[key] = "\x1b[2J";
        const std::string message = message_of<DataError>([&] { load_classifier(hostile); });
        CHECK(contains(message, "\\x1b[2J"));
        CHECK(!contains(message, "\x1b"));
    }
}

TEST_CASE("evaluation: images of another size than the network's are refused in words")
{
    const Images images{Array<std::uint8_t>(Shape{2, 1, 16, 16}, 0), Labels(Shape{2}, 1), 10};
    for (const char* model : {"mlp", "lenet5", "bouvrie", "pixel-labeller"})
        CHECK(contains(message_of<ShapeError>([&] { evaluate(make_classifier(model, 1), images); }),
                       "it takes images of 28x28 pixels, these are 16x16: scale them to 28x28"));
}

TEST_CASE("evaluation: classes that the network does not know are counted in rows of their own")
{
    Images images = first_images(digits().test, 20);
    images.classes = 12;
    images.labels.data()[3] = 11;
    const Evaluation evaluation = evaluate(make_classifier("mlp", 1), images);
    CHECK(evaluation.confusion.size() == 12);
    CHECK(std::accumulate(evaluation.confusion[11].begin(), evaluation.confusion[11].end(), std::size_t{0}) == 1);
    images.labels.data()[3] = 12;
    CHECK_THROWS_AS(evaluate(make_classifier("mlp", 1), images), ShapeError);
}

TEST_CASE("classifier: it comes back from a checkpoint with its options and its parameters")
{
    const Choices choices = {{"connection-table", "yes"}, {"pooling", "mean"}, {"activation", "scaled-tanh"}};
    const Classifier classifier = make_classifier("lenet5", 5, choices);
    Checkpoint checkpoint;
    store(classifier, checkpoint);
    const Classifier found = load_classifier(checkpoint);
    CHECK(found.name == "lenet5");
    CHECK(found.choices == classifier.choices);
    CHECK(found.choices.at("pooling") == "mean");
    const Batches batches = digits().test.batches(8, classifier.preparation);
    const auto logits = [&](const Classifier& each) { return each.logits(constant(batches[0].images)).value(); };
    CHECK(logits(found) == logits(classifier));
}

TEST_CASE("classifier: the sizes of its layers")
{
    CHECK(make_classifier("lenet5", 1).parameters.element_count() == 61706);
    CHECK(make_classifier("lenet5", 1, {{"variant", "1998"}}).parameter_count() ==
          60000); // not what the table leaves out
    CHECK(make_classifier("mlp", 1).parameters.element_count() == 785 * 300 + 301 * 100 + 101 * 10);
    CHECK(make_classifier("mlp", 1, {{"hidden", "7-5-3"}}).parameters.element_count() ==
          785 * 7 + 8 * 5 + 6 * 3 + 4 * 10);
    CHECK(make_classifier("mlp", 1, {{"hidden", "none"}}).parameters.element_count() == 785 * 10);
}

TEST_CASE("classifier: recipes are of their model")
{
    CHECK(recipe(architecture("lenet5"), "lecun1998").training.optimizer == "sdlm");
    CHECK(recipe(architecture("lenet5"), "fast").training.epochs == 2);
    CHECK(contains(message_of<Error>([] { recipe(architecture("bouvrie"), "lecun1998"); }),
                   "[bouvrie] it has no recipes"));
    CHECK(
        contains(message_of<Error>([] { recipe(architecture("lenet5"), "lecun1989"); }), "did you mean 'lecun1998'?"));
}
