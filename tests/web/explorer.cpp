// The explorer's requests: what the page shows is what the library computes.

#include "files.hpp"
#include "page.hpp"
#include <xgrad/graph/tape.hpp>
#include <xgrad/inspect/derivation/derivation.hpp>
#include <xgrad/models/data/idx.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/classifier_graph.hpp>
#include <xgrad/models/training/training.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <web/explorer/network.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

Json recorded(Page& page, std::size_t n, int score = -1)
{
    const Json image = page.array(digit(n));
    return page.ask("record", {{"image", image}, {"label", 3}, {"score", score}});
}

/** The bytes of the sample's digits as a request has them. */
Json sample(Page& page, const Dataset& data)
{
    const Folder folder;
    write_idx_images(folder / "i", data.train.pixels);
    write_idx_labels(folder / "l", data.train.labels);
    write_idx_images(folder / "ti", data.test.pixels);
    write_idx_labels(folder / "tl", data.test.labels);
    return {{"train_images", page.file(contents(folder / "i"))},
            {"train_labels", page.file(contents(folder / "l"))},
            {"test_images", page.file(contents(folder / "ti"))},
            {"test_labels", page.file(contents(folder / "tl"))}};
}

const Json networks = {{{"model", "lenet5"}, {"choices", Json::object()}},
                       {{"model", "lenet5"}, {"choices", {{"variant", "1998"}}}},
                       {{"model", "bouvrie"}, {"choices", Json::object()}},
                       {{"model", "cnn"}, {"choices", {{"pooling", "mean"}, {"product", "correlation"}}}},
                       {{"model", "cnn"}, {"choices", {{"combination", "yes"}, {"loss", "squared-error"}}}}};

} // namespace

TEST_CASE("explorer: every gradient of a recording is the tape's")
{
    for (const int score : {-1, 5}) {
        Page page;
        page.open("bouvrie");
        const Json recording = recorded(page, 0, score);
        const Classifier net = make_classifier("bouvrie", 1);
        const Variable<float> x = variable(explorer::prepared(net, digit(0)));
        Tape tape;
        const auto outputs = net.logits(x);
        const auto loss = score < 0 ? net.criterion(outputs, Labels({1}, 3)) : sum(slice(outputs, 1, 5, 6));
        Parameters<float> all = net.parameters;
        all.add("x", x);
        const auto gradients = tape.gradient(loss, all);
        CHECK(recording["loss"].get<double>() == loss.item());
        std::size_t found = 0;
        for (const Json& value : recording["values"])
            for (std::size_t i = 0; i < all.size(); ++i)
                if (value["name"] == all.name(i)) {
                    ++found;
                    const Array<double> shown = page.read(value["gradient"]);
                    for (std::size_t k = 0; k < shown.size(); ++k)
                        CHECK(shown.data()[k] == doctest::Approx(gradients[i].data()[k]).epsilon(1e-5));
                }
        CHECK(found == all.size());
    }
}

TEST_CASE("explorer: the terms of a sensitivity, rule by rule, add up to it; nothing is held at the end")
{
    for (const Json& network : networks) {
        CAPTURE(network.dump());
        Page page;
        page.open(network["model"], network["choices"]);
        const Json recording = recorded(page, 1);
        std::map<std::size_t, Array<double>> sums;
        std::size_t rules = 0, gradients = 0, most = 0;
        for (const Json& step : recording["steps"]) {
            most = std::max(most, step["bytes"].get<std::size_t>());
            if (step["kind"] != "rule")
                continue;
            ++rules;
            const Array<double> term = page.read(step["result"]);
            const auto input = step["input"].get<std::size_t>();
            if (step["summed"] == 0)
                CHECK(sums.count(input) == 0);
            if (auto [sum, is_new] = sums.try_emplace(input, term); !is_new)
                for (std::size_t i = 0; i < term.size(); ++i)
                    sum->second.data()[i] += term.data()[i];
        }
        for (const auto& [place, sum] : sums) {
            const Json value = recording["values"][place];
            CAPTURE(value["op"].get<std::string>());
            const Array<double> gradient = page.read(value["gradient"]);
            gradients += value["op"] == "" ? gradient.size() : 0;
            for (std::size_t i = 0; i < sum.size(); ++i)
                CHECK(sum.data()[i] == doctest::Approx(gradient.data()[i]).epsilon(1e-4));
        }
        CHECK(rules > 15);
        const auto last = recording["steps"].back()["bytes"].get<std::size_t>();
        CHECK(last == gradients * sizeof(float)); // the gradients of the parameters and of the image
        CHECK(most > last / 2);
    }
}

TEST_CASE("explorer: a unit is the sum of its terms, and depends on its receptive field alone")
{
    Random random(3);
    for (const Json& network : networks) {
        CAPTURE(network.dump());
        Page page;
        page.open(network["model"], network["choices"]);
        const Json recording = recorded(page, 2);
        for (const Json& value : recording["values"]) {
            const auto extents = value["value"]["shape"].get<std::vector<std::size_t>>();
            if (value["op"] == "" || extents.empty())
                continue;
            std::vector<std::size_t> index;
            for (const std::size_t extent : extents)
                index.push_back(random.below(extent));
            CAPTURE(value["op"].get<std::string>());
            const Json unit = page.ask("unit", {{"place", value["place"]}, {"index", index}});
            double sum = 0, largest = -INFINITY;
            for (const Json& term : unit["terms"]) {
                sum += term["x"].get<double>() * term["weight"].get<double>();
                largest = std::max(largest, term["x"].get<double>());
            }
            const std::string kind = unit["kind"];
            const double result = unit["result"];
            if (kind == "products" || kind == "sum")
                CHECK(sum + unit["constant"].get<double>() == doctest::Approx(result).epsilon(1e-4));
            if (kind == "mean")
                CHECK(sum / static_cast<double>(unit["terms"].size()) == doctest::Approx(result).epsilon(1e-4));
            if (kind == "largest")
                CHECK(largest == result);
            if (kind == "moved")
                CHECK(unit["terms"][0]["x"] == result);
        }
        CHECK(contains(page.error("unit", {{"place", 1}, {"index", {99, 0, 0, 0}}}), "no element"));
        CHECK(contains(page.error("unit", {{"place", 9999}, {"index", {0}}}), "no value 9999"));
    }
}

TEST_CASE("explorer: a pixel outside of a unit's field changes nothing, and the field is no larger than it has to be")
{
    Page page;
    page.open("lenet5");
    const Array<double> image = digit(3);
    const auto s4_of = [&](const Array<double>& pixels) {
        const Json array = page.array(pixels);
        const Json recording = page.ask("record", {{"image", array}, {"label", 0}, {"score", -1}});
        for (const Json& value : recording["values"])
            if (value["op"] == "correlate2d" && value["layer"] == "c3")
                return std::pair(value["place"].get<std::size_t>(), page.read(value["value"]));
        FAIL("there is no C3");
        return std::pair(std::size_t{0}, Array<double>({0}, 0.0));
    };
    const auto [place, before] = s4_of(image);
    const Json field = page.ask("unit", {{"place", place}, {"index", {0, 4, 5, 3}}})["field"];
    const auto top = field["top"].get<int>(), left = field["left"].get<int>();
    const auto bottom = field["bottom"].get<int>(), right = field["right"].get<int>();
    CHECK(bottom - top + 1 == 14); // 5 + 2·(5 − 1) + 1: C3's window of S2's windows of C1's
    CHECK(right - left + 1 == 14);
    CHECK(top == 2 * 5 - 2); // two pixels of border
    for (const auto& [row, column, inside] :
         {std::tuple(top, left, true), std::tuple(bottom, right, true), std::tuple(top - 1, left + 5, false),
          std::tuple(bottom + 1, left + 5, false), std::tuple(top + 5, left - 1, false),
          std::tuple(top + 5, right + 1, false)})
    {
        if (row < 0 || column < 0 || row > 27 || column > 27)
            continue;
        Array<double> changed = image;
        for (const double value : {0.0, 255.0}) { // one of them is the largest of its block
            changed(row, column) = value;
            const double after = s4_of(changed).second(0, 4, 5, 3);
            if (!inside)
                CHECK(after == before(0, 4, 5, 3));
        }
    }
}

TEST_CASE("explorer: a derivation is the text that xgrad graph prints")
{
    Page page;
    for (const Json& network : networks) {
        const Json derived = page.ask("derive", network);
        const Classifier net = make_classifier(network["model"], 1, network["choices"].get<Choices>());
        CHECK(derived["derivation"]["text"] == to_text(graph_of(net, 1, true)));
        std::size_t equations = 0;
        for (const Json& section : derived["derivation"]["backward"])
            for (const Json& equation : section["equations"]) {
                ++equations;
                const int place = equation["place"];
                CHECK(contains(equation["left"].get<std::string>(), "\\htmlData{place=" + std::to_string(place) + "}"));
                const std::size_t all = derived["values"].size() + derived["backward"].size();
                CHECK(static_cast<std::size_t>(place) < all);
            }
        CHECK(equations > 5);
    }
}

TEST_CASE("explorer: a network goes out as a checkpoint and comes back; ONNX is written")
{
    Page page;
    page.open("bouvrie");
    const Json image = page.array(digit(0));
    const Json before = page.ask("predict", {{"image", image}});
    const std::string checkpoint = page.read_file(page.ask("save")["file"]);
    const std::string onnx = page.read_file(page.ask("onnx")["file"]);
    CHECK(onnx.size() > 10'000);
    page.open("mlp");
    const Json file = page.file(checkpoint);
    CHECK(page.ask("load", {{"checkpoint", file}})["model"] == "bouvrie");
    const Json again = page.array(digit(0));
    CHECK(page.ask("predict", {{"image", again}}) == before);
    const Json damaged = page.file(checkpoint.substr(0, checkpoint.size() / 2));
    CHECK_FALSE(page.error("load", {{"checkpoint", damaged}}).empty());
}

TEST_CASE("explorer: training comes to the bits that Training comes to; the factor changes the rate")
{
    const Dataset data = first_digits(256, 40);
    Page page;
    const Json files = sample(page, data);
    CHECK(page.ask("data", files) == Json{{"train", 256}, {"test", 40}});
    const Json begin = {{"model", "lenet5"}, {"choices", Json::object()}, {"recipe", ""}, {"epochs", 2}, {"seed", 5}};
    page.ask("train", begin);
    Json state;
    std::size_t steps = 0;
    do {
        state = page.ask("step", {{"steps", 3}, {"factor", 1}});
        steps += state["losses"].size();
    } while (state["finished"] == false);
    TrainingOptions options = make_classifier("lenet5", 5).defaults;
    options.epochs = 2;
    options.seed = 5;
    Training training(make_classifier("lenet5", 5), data, options);
    while (!training.finished())
        training.epoch_complete() ? (void)training.finish_epoch() : training.step();
    CHECK(state["hash"] == hash_of_weights(training.classifier()));
    CHECK(state["report"]["error"] == training.last()->error);
    CHECK(steps == 2 * training.batches());
    const Json asked = page.ask("histograms");
    CHECK(asked["kernels"]["name"] == "c1.weight");
    CHECK(page.read(asked["kernels"]["value"]) ==
          Array<double>(xt::cast<double>(training.classifier().parameters[0].value())));
    for (const Json& each : asked["gradients"]) {
        const auto counts = each["counts"].get<std::vector<std::size_t>>();
        CHECK(std::accumulate(counts.begin(), counts.end(), std::size_t{0}) > 0);
        CHECK(each["low"] == -each["high"].get<double>());
    }
    page.ask("train", begin);
    const double rate = page.ask("step", {{"steps", 1}, {"factor", 1}})["rate"];
    page.ask("train", begin);
    CHECK(page.ask("step", {{"steps", 1}, {"factor", 0.5}})["rate"].get<double>() == doctest::Approx(rate / 2));
    CHECK(contains(page.error("step", {{"steps", 1}, {"factor", 0}}), "a positive factor"));
    CHECK(page.ask("adopt")["model"] == "lenet5");
}

TEST_CASE("explorer: kinks")
{
    Page page;
    const auto slope = [&](const std::string& function, const Array<double>& x) {
        const Json array = page.array(x);
        return page.ask("slope", {{"function", function}, {"x", array}, {"g", nullptr}, {"step", 1e-3}});
    };
    Array<double> tie({2, 2}, 1.0);
    tie(1, 0) = 0;
    const Json at_tie = slope("max_pool2d", tie);
    CHECK(page.read(at_tie["value"])(0, 0) == 1);
    CHECK(page.read(at_tie["gradient"])(0, 0) == 1);
    CHECK(page.read(at_tie["gradient"])(0, 1) == 0);
    CHECK(page.read(at_tie["finite"])(0, 0) == doctest::Approx(0.5));
    CHECK(page.read(at_tie["finite"])(1, 0) == 0);
    const Json zero = slope("relu", Array<double>({1}, 0.0));
    CHECK(page.read(zero["gradient"]).data()[0] == 0);
    CHECK(page.read(zero["finite"]).data()[0] == doctest::Approx(0.5));
    const Json x = page.array(Array<double>({1}, 0.0));
    CHECK(contains(page.error("slope", {{"function", "rellu"}, {"x", x}, {"g", nullptr}, {"step", 1}}), "relu"));
}

TEST_CASE("explorer: requests that make no sense are told, and the next one works")
{
    Page page;
    CHECK(contains(page.error("nothing"), "no request 'nothing'"));
    CHECK(contains(page.error("save"), "no network is open"));
    CHECK(contains(page.error("histograms"), "no training has begun"));
    CHECK(contains(page.error("plant", {{"model", "mlp"}, {"mistake", ""}, {"samples", 2}}), "no digits"));
    CHECK(contains(page.error("open", {{"model", "lenet"}, {"choices", Json::object()}, {"seed", 1}}), "lenet"));
    CHECK_FALSE(page.error("open", {{"model", 5}, {"choices", Json::object()}, {"seed", 1}}).empty());
    CHECK_FALSE(page.error("open", {{"model", "mlp"}, {"choices", {{"loss", "none"}}}, {"seed", 1}}).empty());
    page.open("mlp");
    const Json far = {{"shape", {28, 28}}, {"type", "f64"}, {"at", 8}};
    CHECK(contains(page.error("predict", {{"image", far}}), "outside"));
    const Json huge = {{"shape", {1ULL << 33, 1ULL << 33}}, {"type", "f64"}, {"at", 0}};
    CHECK_FALSE(page.error("predict", {{"image", huge}}).empty());
    const Json small = page.array(Array<double>({5, 5}, 0.0));
    CHECK(contains(page.error("predict", {{"image", small}}), "28"));
    for (const char* const text : {"", "{", "[]", "{\"name\": 1}", "{\"name\": \"open\"}", "null"}) {
        explorer::Explorer engine;
        CHECK(engine.answer(text, {}).json.contains("error"));
    }
    const Json cut = page.file(std::string(20, '\0'));
    CHECK_FALSE(
        page.error("data", {{"train_images", cut}, {"train_labels", cut}, {"test_images", cut}, {"test_labels", cut}})
            .empty());
    page.open("mlp");
}
