// Tests of every network: a new one needs no test file to be tested. training.cpp and training_ways.cpp test it too
// (the same bits on two threads, a step with every choice), as does inspect/derivation.cpp (an equation for each
// parameter).
#include "networks.hpp"

#include "files.hpp"
#include "training.hpp"
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/inspect/drawing/drawing.hpp>
#include <xgrad/models/training/checkpoint.hpp>

#include <cmath>
#include <set>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** The first digits, or windows of text, prepared for the network. */
Batch some_samples(const Classifier& classifier)
{
    const Batch batch = data_for(classifier).train.batches(4, classifier.preparation)[0];
    Random random(1);
    return classifier.compose ? classifier.compose(batch, random) : batch;
}

double norm(const Array<float>& x)
{
    double total = 0;
    for (const float each : x)
        total += static_cast<double>(each) * static_cast<double>(each);
    return std::sqrt(total);
}

} // namespace

TEST_CASE("networks: a summary ends in the classes and has a kind in each line")
{
    for_each_network([](const Classifier& classifier) {
        std::set<std::string> names;
        for (const LayerSummary& line : classifier.summary) {
            CHECK_MESSAGE(names.insert(line.name).second, line.name);
            CHECK_MESSAGE(!line.kind.empty(), line.name);
        }
        CHECK(classifier.parameter_count() <= classifier.parameters.element_count()); // less, if there is a table
        CHECK(classifier.summary.back().output[0] == classifier.classes);
    });
}

TEST_CASE("networks: the gradient of each parameter is the slope of the loss along it")
{
    for_each_network([](const Classifier& classifier) {
        // Away from kinks: no pixel is like another one, no bias is 0.
        Random random(1);
        Batch batch = some_samples(classifier);
        batch.images = random.normal<float>(batch.images.shape(), 0, 1);
        for (Variable<float> parameter : classifier.parameters)
            for (float& w : parameter.mutable_value())
                w += static_cast<float>(random.uniform(-0.1, 0.1));
        const auto loss = [&] { return classifier.loss(constant(Array<float>(batch.images)), batch.labels); };
        const Variables<float> gradients = value_and_gradient(classifier.parameters, loss).gradients;
        for (std::size_t p = 0; p < gradients.size(); ++p) {
            CAPTURE(classifier.parameters.name(p));
            Variable<float> parameter = classifier.parameters[p];
            const Array<float> before = parameter.value(), &gradient = gradients[p].value();
            const double slope = norm(gradient), step = 3e-4 / slope;
            const auto loss_at = [&](double distance) {
                const auto factor = static_cast<float>(distance / slope);
                std::transform(before.begin(), before.end(), gradient.begin(), parameter.mutable_value().begin(),
                               [factor](float w, float g) { return w + factor * g; });
                return static_cast<double>(loss().item());
            };
            const double difference = (loss_at(step) - loss_at(-step)) / (2 * step);
            loss_at(0);
            CHECK(difference == doctest::Approx(slope).epsilon(0.03));
        }
    });
}

TEST_CASE("networks: each comes back from the file of a checkpoint, with its choices")
{
    const Folder folder;
    for_each_network([&](const Classifier& classifier) {
        Checkpoint checkpoint;
        store(classifier, checkpoint);
        save_checkpoint(folder / "network", checkpoint);
        const Classifier found = load_classifier(load_checkpoint(folder / "network"));
        CHECK(found.name == classifier.name);
        CHECK(found.choices == classifier.choices);
        const auto images = constant(some_samples(classifier).images);
        CHECK(found.logits(images).value() == classifier.logits(images).value());
    });
}

TEST_CASE("networks: a drawing of a gradient names each parameter")
{
    for_each_network([](const Classifier& classifier) {
        const Batch batch = some_samples(classifier);
        const auto images = variable(batch.images);
        const Graph recording = graph_of_gradient<float>([&] { return classifier.loss(images, batch.labels); },
                                                         classifier.parameters, {{"x", images}});
        const std::string dot = to_dot(recording), svg = to_svg(recording);
        for (std::size_t p = 0; p < classifier.parameters.size(); ++p)
            for (const std::string* drawing : {&dot, &svg})
                CHECK_MESSAGE(contains(*drawing, "∂E/∂" + classifier.parameters.name(p)),
                              classifier.parameters.name(p));
    });
}
