#pragma once
// The library as the page in the browser sees it: requests and answers (web/page/src/protocol.ts).

#include "message.hpp"
#include <xgrad/inspect/graph.hpp>
#include <xgrad/models/training/training.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace xgrad::explorer
{

/** The state of a page: its network, the last recording, the digits, a training. */
class Explorer
{
  public:
    /** Answers a request: {"name": "record", "request": {…}} with its blob.
     *  @return  {"answer": {…}}, or {"error": text, "at": place in a formula or null}; it throws nothing of its own */
    Answer answer(std::string_view json, std::span<const std::byte> blob);

  private:
    using Verb = void (Explorer::*)(const Request&, Answer&);
    static Verb verb_named(const std::string& name);

    void models(const Request&, Answer&);
    void open(const Request&, Answer&);
    void load(const Request&, Answer&);
    void record(const Request&, Answer&);
    void predict(const Request&, Answer&);
    void unit(const Request&, Answer&);
    void derive(const Request&, Answer&);
    void problems(const Request&, Answer&);
    void evaluate(const Request&, Answer&);
    void check(const Request&, Answer&);
    void mistakes(const Request&, Answer&);
    void plant(const Request&, Answer&);
    void slope(const Request&, Answer&);
    void data(const Request&, Answer&);
    void train(const Request&, Answer&);
    void step(const Request&, Answer&);
    void histograms(const Request&, Answer&);
    void adopt(const Request&, Answer&);
    void save(const Request&, Answer&);
    void onnx(const Request&, Answer&);

    const Classifier& classifier() const;
    const Dataset& digits() const;
    Training& training();

    std::optional<Classifier> classifier_;
    Graph recording_;
    std::unique_ptr<Dataset> digits_;
    std::unique_ptr<Training> training_; // refers to the digits
};

} // namespace xgrad::explorer
