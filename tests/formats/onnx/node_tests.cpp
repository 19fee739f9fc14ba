// The tests of nodes that ONNX publishes: a model of one op each, with inputs and what comes out.
// https://github.com/onnx/onnx/tree/main/onnx/backend/test/data/node; Debian's libonnx-testdata

#include "docs/documents.hpp"
#include "wire.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/formats/onnx/load_onnx.hpp>
#include <xgrad/inspect/check.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/reduction.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

namespace fs = std::filesystem;
const fs::path folder = "/usr/share/libonnx-testdata/data/node";

/** A tensor of a .pb file. */
AnyArray tensor_of(const fs::path& file)
{
    const onnx::Model model = onnx::read_model(wire::model(wire::bytes(5, read_text(file))), file.string());
    return model.graph.initializers.at(0).second.array();
}

/** Numbers are as near as ONNX' own runner asks for. */
std::string difference(const Array<double>& y, const Array<double>& expected)
{
    if (y.shape() != expected.shape())
        return fmt::format("shape {} instead of {}", to_string(y.shape()), to_string(expected.shape()));
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double a = y.data()[i], b = expected.data()[i];
        const bool is_same = a == b || (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= 1e-7 + 1e-3 * std::abs(b);
        if (!is_same)
            return fmt::format("{} instead of {} at {}", a, b, i);
    }
    return "";
}

using Values = std::map<std::string, Variable<double>>;

/** A test: what is wrong, or why xgrad refuses. */
struct Outcome
{
    std::string op, wrong, refused;
    bool has_gradient = false;
};

/** Ops whose tests lie away from kinks: the gradients of their real inputs are compared with differences. */
bool is_checked(const std::string& op)
{
    static const std::set<std::string> ops = {"Add",
                                              "AveragePool",
                                              "BatchNormalization",
                                              "Concat",
                                              "Conv",
                                              "ConvTranspose",
                                              "CumSum",
                                              "DepthToSpace",
                                              "Det",
                                              "Div",
                                              "Einsum",
                                              "Erf",
                                              "Exp",
                                              "Expand",
                                              "Flatten",
                                              "Gather",
                                              "GatherElements",
                                              "GatherND",
                                              "Gemm",
                                              "GlobalAveragePool",
                                              "GRU",
                                              "InstanceNormalization",
                                              "LayerNormalization",
                                              "LogSoftmax",
                                              "LRN",
                                              "LSTM",
                                              "MatMul",
                                              "Mean",
                                              "Mul",
                                              "NegativeLogLikelihoodLoss",
                                              "Pad",
                                              "ReduceLogSumExp",
                                              "ReduceMean",
                                              "ReduceProd",
                                              "ReduceSum",
                                              "ReduceSumSquare",
                                              "Reshape",
                                              "RNN",
                                              "ScatterElements",
                                              "ScatterND",
                                              "Sigmoid",
                                              "Slice",
                                              "Softmax",
                                              "SoftmaxCrossEntropyLoss",
                                              "Softplus",
                                              "SpaceToDepth",
                                              "Split",
                                              "Squeeze",
                                              "Sub",
                                              "Sum",
                                              "Tanh",
                                              "Tile",
                                              "Transpose",
                                              "Trilu",
                                              "Unsqueeze"};
    return ops.contains(op);
}

/** Holds the gradients of all real inputs against central differences. */
std::string wrong_gradient(const OnnxNetwork<double>& network, const std::string& test, const Values& given,
                           const std::vector<std::string>& real)
{
    std::vector<Array<double>> xs;
    for (const std::string& name : real)
        xs.push_back(given.at(name).value());
    const auto f = [&](const Variables<double>& at) {
        Values inputs = given;
        for (std::size_t i = 0; i < real.size(); ++i)
            inputs[real[i]] = at[i];
        Variable<double> total = constant<double>(0);
        for (const auto& [output, y] : network(inputs))
            total = total + sum(y);
        return total;
    };
    const GradientReport report = check_gradient(test, f, xs, {.order = 1});
    return report.passed() ? "" : to_string(report);
}

Outcome outcome_of(const fs::path& test)
{
    Outcome outcome;
    try {
        const onnx::Model model = onnx::read_model(test / "model.onnx");
        std::set<std::string> ops;
        for (const onnx::Node& node : model.graph.nodes)
            ops.insert(node.op);
        outcome.op = ops.size() == 1 ? *ops.begin() : "several";
        const OnnxNetwork<double> network(model);
        Values given;
        std::vector<std::string> real;
        for (std::size_t i = 0; i < network.inputs().size(); ++i) {
            const fs::path file = test / fmt::format("test_data_set_0/input_{}.pb", i);
            if (!fs::exists(file))
                continue;
            const AnyArray array = tensor_of(file);
            given[network.inputs()[i]] = constant(array.as<double>());
            if (std::set{ElementType::float32, ElementType::float64}.contains(array.type()))
                real.push_back(network.inputs()[i]);
        }
        const Values results = network(given);
        for (std::size_t i = 0; i < network.outputs().size() && outcome.wrong.empty(); ++i)
            outcome.wrong = difference(results.at(network.outputs()[i]).value(),
                                       tensor_of(test / fmt::format("test_data_set_0/output_{}.pb", i)).as<double>());
        std::size_t numbers = 0; // two passes for each of them
        for (const std::string& name : real)
            numbers += given.at(name).size();
        if (outcome.wrong.empty() && is_checked(outcome.op) && numbers > 0 && numbers <= 150) {
            outcome.wrong = wrong_gradient(network, test.filename().string(), given, real);
            outcome.has_gradient = true;
        }
    } catch (const Error& error) {
        outcome.refused = error.what();
    }
    return outcome;
}

} // namespace

TEST_CASE("onnx: the tests of nodes pass, or are refused for a stated reason")
{
    if (!fs::exists(folder)) {
        MESSAGE("skipped: libonnx-testdata is not installed");
        return;
    }
    std::size_t passed = 0, gradients = 0, refused = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (contains(name, "BFLOAT16")) // written as uint16
            continue;
        const Outcome outcome = outcome_of(entry.path());
        CHECK_MESSAGE(outcome.wrong.empty(), (name + ": " + outcome.wrong));
        if (!outcome.refused.empty() && std::getenv("XGRAD_SHOW_ONNX") != nullptr)
            MESSAGE(name << ": " << outcome.refused);
        (outcome.refused.empty() ? passed : refused) += 1;
        gradients += outcome.has_gradient ? 1 : 0;
    }
    MESSAGE(passed << " passed, " << gradients << " of them with their gradients; " << refused << " refused");
    CHECK(passed > 700);
    CHECK(gradients > 100);
}
