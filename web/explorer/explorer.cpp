#include "explorer.hpp"

#include "comparing.hpp"
#include "derivation.hpp"
#include "lesson.hpp"
#include "network.hpp"
#include "notation.hpp"
#include "slope.hpp"
#include "sweep.hpp"
#include "unit.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/classifier_graph.hpp>

#include <fmt/core.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <utility>

namespace xgrad::explorer
{

Explorer::Verb Explorer::verb_named(const std::string& name)
{
    static const std::map<std::string, Verb> verbs = {{"models", &Explorer::models},
                                                      {"open", &Explorer::open},
                                                      {"load", &Explorer::load},
                                                      {"record", &Explorer::record},
                                                      {"predict", &Explorer::predict},
                                                      {"unit", &Explorer::unit},
                                                      {"derive", &Explorer::derive},
                                                      {"problems", &Explorer::problems},
                                                      {"evaluate", &Explorer::evaluate},
                                                      {"check", &Explorer::check},
                                                      {"mistakes", &Explorer::mistakes},
                                                      {"plant", &Explorer::plant},
                                                      {"slope", &Explorer::slope},
                                                      {"data", &Explorer::data},
                                                      {"train", &Explorer::train},
                                                      {"step", &Explorer::step},
                                                      {"histograms", &Explorer::histograms},
                                                      {"adopt", &Explorer::adopt},
                                                      {"save", &Explorer::save},
                                                      {"onnx", &Explorer::onnx}};
    const auto found = verbs.find(name);
    if (found == verbs.end())
        throw DataError(fmt::format("[explorer] there is no request '{}'", name));
    return found->second;
}

Answer Explorer::answer(std::string_view json, std::span<const std::byte> blob)
{
    Answer failed;
    try {
        const Json message = Json::parse(json);
        const Verb verb = verb_named(message.at("name").get<std::string>());
        Answer given;
        (this->*verb)({message.at("request"), blob}, given);
        given.json = {{"answer", std::move(given.json)}};
        return given;
    } catch (const NotationError& error) {
        failed.json = {{"error", error.what()}, {"at", error.place()}};
    } catch (const std::exception& error) {
        failed.json = {{"error", error.what()}, {"at", nullptr}};
    }
    return failed;
}

const Classifier& Explorer::classifier() const
{
    if (!classifier_)
        throw Error("[explorer] no network is open");
    return *classifier_;
}

const Dataset& Explorer::digits() const
{
    if (!digits_)
        throw Error("[explorer] there are no digits yet");
    return *digits_;
}

Training& Explorer::training()
{
    if (!training_)
        throw Error("[explorer] no training has begun");
    return *training_;
}

void Explorer::models(const Request&, Answer& answer)
{
    answer.json = {{"models", explorer::models()}, {"version", XGRAD_VERSION}};
}

void Explorer::open(const Request& request, Answer& answer)
{
    classifier_ = make_classifier(request.get<std::string>("model"), request.get<std::size_t>("seed"),
                                  request.get<Choices>("choices"));
    answer.json = described(*classifier_);
}

void Explorer::load(const Request& request, Answer& answer)
{
    classifier_ = read_checkpoint(request.file("checkpoint"));
    answer.json = described(*classifier_);
}

void Explorer::record(const Request& request, Answer& answer)
{
    const Array<float> image = prepared(classifier(), request.tensor("image"));
    Aim aim{.label = request.get<int>("label")};
    std::string of = "loss";
    if (const int score = request.get<int>("score"); score >= 0) {
        aim.score = static_cast<std::size_t>(score);
        of = fmt::format("score {}", score);
    }
    const auto start = std::chrono::steady_clock::now();
    recording_ = recorded(classifier(), image, aim);
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;

    const Derivation derivation(recording_);
    Values values(recording_, derivation, answer);
    answer.json = prediction(classifier(), image);
    answer.json["of"] = of;
    answer.json["loss"] = recording_.values[recording_.loss].value.data()[0];
    answer.json["values"] = values.json(0, recording_.forward);
    answer.json["backward"] = values.json(recording_.forward, recording_.values.size());
    answer.json["steps"] = steps_of(recording_, derivation, values);
    answer.json["derivation"] = derivation.json();
    answer.json["milliseconds"] = time.count();
}

void Explorer::predict(const Request& request, Answer& answer)
{
    answer.json = prediction(classifier(), prepared(classifier(), request.tensor("image")));
}

void Explorer::unit(const Request& request, Answer& answer)
{
    answer.json = unit_of(recording_, request.get<std::size_t>("place"), request.get<std::vector<std::size_t>>("index"),
                          classifier().preparation.padding);
}

void Explorer::derive(const Request& request, Answer& answer)
{
    constexpr std::uint64_t seed = 1; // the command's
    const Classifier network =
        make_classifier(request.get<std::string>("model"), seed, request.get<Choices>("choices"));
    const Graph graph = graph_of(network, seed, true);
    const Derivation derivation(graph);
    Values values(graph, derivation, answer);
    answer.json = {{"derivation", derivation.json()},
                   {"values", values.json(0, graph.forward)},
                   {"backward", values.json(graph.forward, graph.values.size())}};
}

void Explorer::problems(const Request&, Answer& answer)
{
    Json functions = Json::array();
    for (const NotationFunction& each : notation_functions())
        functions.push_back({{"sample", each.sample}, {"meaning", each.meaning}});
    answer.json["problems"] = explorer::problems(answer);
    answer.json["functions"] = functions;
}

void Explorer::evaluate(const Request& request, Answer& answer)
{
    std::map<std::string, Array<double>> given;
    for (const Json& each : request.at("given"))
        given[each.at("name").get<std::string>()] = request.tensor_of(each.at("value"), "given");
    answer.json["value"] = answer.add(explorer::evaluate(request.get<std::string>("formula"), given));
}

void Explorer::check(const Request& request, Answer& answer)
{
    answer.json = explorer::check(request.get<std::string>("problem"), request.tensor("gradient"), answer);
}

void Explorer::mistakes(const Request& request, Answer& answer)
{
    answer.json["mistakes"] = explorer::mistakes(request.get<std::string>("model"));
}

void Explorer::plant(const Request& request, Answer& answer)
{
    answer.json = explorer::plant(request.get<std::string>("model"), request.get<std::string>("mistake"),
                                  digits().train, request.get<std::size_t>("samples"), answer);
}

void Explorer::slope(const Request& request, Answer& answer)
{
    std::optional<Array<double>> g;
    if (!request.at("g").is_null())
        g = request.tensor("g");
    const Slope found =
        slope_of(request.get<std::string>("function"), request.tensor("x"), g, request.get<double>("step"));
    answer.json = {{"value", answer.add(found.value)},
                   {"gradient", answer.add(found.gradient)},
                   {"finite", answer.add(found.finite)}};
}

void Explorer::data(const Request& request, Answer& answer)
{
    training_.reset();
    digits_ = std::make_unique<Dataset>(read_digits(request.file("train_images"), request.file("train_labels"),
                                                    request.file("test_images"), request.file("test_labels")));
    answer.json = {{"train", digits_->train.size()}, {"test", digits_->test.size()}};
}

void Explorer::train(const Request& request, Answer& answer)
{
    training_ = std::make_unique<Training>(begun(request, digits()));
    answer.json = taken_steps(*training_, 0);
}

void Explorer::step(const Request& request, Answer& answer)
{
    training().scale_learning_rate(request.get<double>("factor"));
    answer.json = taken_steps(training(), request.get<std::size_t>("steps"));
}

void Explorer::histograms(const Request&, Answer& answer)
{
    answer.json["gradients"] = explorer::histograms(training());
    const Parameters<float>& parameters = training().classifier().parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i)
        if (parameters[i].value().dimension() == 4) {
            answer.json["kernels"] = {{"name", parameters.name(i)}, {"value", answer.add(parameters[i].value())}};
            break;
        }
}

void Explorer::adopt(const Request&, Answer& answer)
{
    const Classifier& trained = training().classifier();
    Checkpoint weights;
    store(trained, weights);
    classifier_ = load_classifier(weights); // a copy: the training goes on
    answer.json = described(*classifier_);
}

void Explorer::save(const Request&, Answer& answer)
{
    answer.json["file"] = answer.add_file(checkpoint_of(classifier()));
}

void Explorer::onnx(const Request&, Answer& answer) { answer.json["file"] = answer.add_file(onnx_of(classifier())); }

} // namespace xgrad::explorer
