// Texts as data, and what a model writes.
#include "files.hpp"
#include "training.hpp"
#include <xgrad/models/data/text.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/models/training/generation.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

std::string characters_of(const Images& windows, std::size_t n)
{
    const std::size_t length = windows.pixels.shape()[3];
    std::string text(length, '\0');
    std::memcpy(text.data(), windows.pixels.data() + n * length, length);
    return text;
}

/** A model for which character c is followed by c + 1, with probability 1 up to e^−scale. */
CharacterModel successor(float scale)
{
    return [scale](const Variable<float>& text) {
        const std::size_t length = text.shape()[1];
        Array<float> logits(Shape{text.shape()[0], character_classes, length}, 0.0f);
        for (std::size_t n = 0; n < text.shape()[0]; ++n)
            for (std::size_t t = 0; t < length; ++t)
                logits(n, (static_cast<std::size_t>(text.value()(n, t)) + 1) % character_classes, t) = scale;
        return constant(logits);
    };
}

} // namespace

TEST_CASE("text: the book is cut into windows that share one character, the last tenth for the test")
{
    const Dataset alice = load_dataset("alice");
    const std::string book = read_text(XGRAD_SOURCE_DATA "/alice/alice.txt");
    CHECK(book.size() == 148480);
    CHECK(alice.name == "alice");
    CHECK(alice.train.size() == 1044);
    CHECK(alice.test.size() == 115);
    CHECK(alice.train.classes == character_classes);
    CHECK(alice.train.pixels.shape() == Shape{1044, 1, 1, text_context + 1});
    for (const std::size_t n : {0UL, 1UL, 500UL, 1043UL})
        CHECK(characters_of(alice.train, n) == book.substr(n * text_context, text_context + 1));
    for (const std::size_t n : {0UL, 114UL})
        CHECK(characters_of(alice.test, n) == book.substr((1044 + n) * text_context, text_context + 1));
}

TEST_CASE("text: a file is a text, of any bytes; a short one or none is an error")
{
    const Folder folder;
    std::string bytes(2 * text_context + 1, 'x');
    bytes[0] = '\0';
    bytes[text_context + 1] = '\xff';
    write(folder / "text", bytes);
    const Dataset data = load_dataset((folder / "text").string());
    CHECK(data.train.size() == 1);
    CHECK(data.test.size() == 1);
    CHECK(characters_of(data.train, 0) == bytes.substr(0, text_context + 1));
    CHECK(data.test.pixels(0, 0, 0, 1) == 255);
    write(folder / "text", bytes.substr(1));
    CHECK(contains(message_of<DataError>([&] { load_dataset((folder / "text").string()); }),
                   "has 256 characters: 257 or more are needed"));
    CHECK(contains(message_of<DataError>([] { text_dataset("none", ""); }), "none has 0 characters"));
    CHECK(contains(message_of<DataError>([&] { read_text(folder / "missing"); }), "No such file"));
}

TEST_CASE("text: a model sees all characters of a window but the last, and predicts all but the first")
{
    const Batch windows{Array<float>{{{{65, 0, 255, 7}}}, {{{1, 2, 3, 4}}}}, Labels{0, 0}};
    const auto [seen, next] = next_characters(windows);
    CHECK(seen == Array<float>{{65, 0, 255}, {1, 2, 3}});
    CHECK(next == Labels{{0, 255, 7}, {2, 3, 4}});
    CHECK(next_characters({Array<float>(Shape{0, 1, 2, 2}), Labels(Shape{0})}).labels.shape() == Shape{0, 3});
    for (const Shape& shape : {Shape{2, 1, 1, 1}, Shape{2, 2, 1, 4}, Shape{2, 4}, Shape{2, 1, 0, 4}})
        CHECK(contains(message_of<ShapeError>([&] {
                           next_characters({Array<float>(shape, 0.0f), Labels()});
                       }),
                       "[next_characters]"));
}

TEST_CASE("text: numbers become the nearest characters")
{
    const float nan = std::nanf("");
    CHECK(characters(constant<float>({-3, 0.4, 0.6, 254.7, 1e30, nan})) == Labels{0, 0, 1, 255, 255, 0});
    CHECK(characters(constant<double>({{97, 98}})) == Labels{{97, 98}});
}

TEST_CASE("text: a continuation is drawn from the model's probabilities")
{
    Random random(1);
    CHECK(continue_text(successor(100), "a", 5, 1, random) == "bcdef");
    CHECK(continue_text(successor(0.01f), "xa", 3, 1e-4, random) == "bcd"); // a low temperature takes the likeliest
    CHECK(continue_text(successor(100), "\xff", 1, 1, random) == std::string(1, '\0'));
    CHECK(continue_text(successor(1), "a", 0, 1, random).empty());

    const CharacterModel two = [](const Variable<float>& text) { // b with 3/4, else c
        Array<float> logits(Shape{1, character_classes, text.shape()[1]}, -1e4f);
        for (std::size_t t = 0; t < text.shape()[1]; ++t) {
            logits(0, 'b', t) = std::log(3.0f);
            logits(0, 'c', t) = 0;
        }
        return constant(logits);
    };
    const std::string drawn = continue_text(two, "a", 1000, 1, random);
    const auto count = std::count(drawn.begin(), drawn.end(), 'b');
    CHECK(count + std::count(drawn.begin(), drawn.end(), 'c') == 1000);
    CHECK(std::abs(static_cast<double>(count) - 750) < 60); // 4 standard deviations
}

TEST_CASE("text: the model sees the last characters of a long text, and as many as there are of a short one")
{
    std::vector<std::size_t> lengths;
    const CharacterModel model = [&](const Variable<float>& text) {
        lengths.push_back(text.shape()[1]);
        CHECK(text.value()(0, text.shape()[1] - 1) == 'z');
        return successor(100)(text) + constant(Array<float>(Shape{1, character_classes, text.shape()[1]}, 0.0f));
    };
    Random random(1);
    continue_text(model, std::string(text_context + 5, 'a') + "z", 1, 1, random);
    continue_text(model, "xyz", 1, 1, random);
    CHECK(lengths == std::vector<std::size_t>{text_context, 3});
}

TEST_CASE("text: what cannot be continued is an error")
{
    Random random(1);
    CHECK(contains(message_of<ShapeError>([&] { continue_text(successor(1), "", 1, 1, random); }), "no text"));
    for (const double temperature : {0.0, -1.0, std::nan("")})
        CHECK(contains(message_of<Error>([&] { continue_text(successor(1), "a", 1, temperature, random); }),
                       "has to be positive"));
    const CharacterModel other = [](const Variable<float>& text) { return text; };
    CHECK(contains(message_of<ShapeError>([&] { continue_text(other, "a", 1, 1, random); }), "(1,256,1) are needed"));
}

TEST_CASE("evaluation: the loss is the mean over all answers, and on one thread and on two the same")
{
    for (const char* model : {"mlp", "character-lstm"}) {
        CAPTURE(model);
        const Classifier classifier = make_classifier(model, 1);
        const Images& data = data_for(classifier).train; // a last chunk that is smaller
        Batch all = data.batches(data.size(), classifier.preparation)[0];
        if (classifier.compose)
            all = next_characters(all);
        const double expected = classifier.loss(constant(all.images), all.labels).item();
        const auto loss_on = [&](std::size_t count) {
            const ThreadCount use(count);
            return evaluate(classifier, data).loss;
        };
        CHECK(loss_on(1) == doctest::Approx(expected).epsilon(1e-5));
        CHECK(loss_on(1) == loss_on(2));
    }
    Images strange = first_images(digits().test, 3);
    strange.classes = 11;
    strange.labels(1) = 10;
    CHECK(std::isinf(evaluate(make_classifier("mlp", 1), strange).loss));
}

TEST_CASE("training: the best epoch of a model of characters is that of the smallest loss, also after a checkpoint")
{
    // So slowly that the error stays as it is.
    const TrainingOptions options{.epochs = 4, .batch = 9, .chunk = 4, .learning_rate = 0.002, .seed = 3};
    const auto make = [&] { return make_classifier("character-lstm", 3, {{"units", "8"}, {"width", "4"}}); };
    Training training(make(), windows(), options);
    std::vector<EpochReport> reports;
    run(training, {.on_epoch = [&](const EpochReport& report) { reports.push_back(report); }});
    double smallest = 1e9;
    for (const EpochReport& report : reports) {
        CHECK(report.judged_by_loss);
        CHECK(report.best);
        CHECK(report.loss < smallest);
        smallest = std::min(smallest, report.loss);
    }
    CHECK(training.best()->loss == smallest);
    CHECK(training.last()->loss == evaluate(training.classifier(), windows().test).loss);

    Training first(make(), windows(), options);
    train_batches(first, 6); // into the second epoch
    Training second(make(), windows(), options);
    second.resume(first.checkpoint());
    finish(second);
    CHECK(same_checkpoints(second.checkpoint(), training.checkpoint()));

    Training resumed(make(), windows(), options);
    resumed.resume(training.checkpoint());
    CHECK(resumed.best()->loss == smallest);
    CHECK(resumed.best()->measure() == smallest);
    Checkpoint damaged = training.checkpoint();
    damaged.metadata.erase("best.test_loss");
    Training other(make(), windows(), options);
    CHECK_THROWS_AS(other.resume(damaged), DataError);
}
