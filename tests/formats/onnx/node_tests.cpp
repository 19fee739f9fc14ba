// The tests of nodes that ONNX publishes: a model of one op each, with inputs and what comes out.
// https://github.com/onnx/onnx/tree/main/onnx/backend/test/data/node; Debian's libonnx-testdata

#include "docs/documents.hpp"
#include "files.hpp"
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
        outcome.op = ops.size() == 1 ? *ops.begin() : "formulas of several";
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

/** The outcomes of an op's tests. */
struct Row
{
    std::size_t passed = 0, gradients = 0, refused = 0;
    std::set<std::string> reasons = {};

    void add(const Outcome& outcome)
    {
        (outcome.refused.empty() ? passed : refused) += 1;
        gradients += outcome.has_gradient ? 1 : 0;
        if (outcome.refused.empty())
            return;
        // "[onnx] node 'y' (Op) why": the name of the node tells nothing here.
        const std::size_t at = outcome.refused.find(") ");
        const std::string why = at == std::string::npos ? outcome.refused : outcome.refused.substr(at + 2);
        const bool is_of_data = contains(outcome.refused, folder.string()); // not of the model, but of its inputs
        reasons.insert(is_of_data ? "reads or gives what is no array of numbers"
                                  : why.substr(0, why.find("; docs/onnx.md")));
    }
};

const char* const about_table =
    R"(# ONNX' own tests of nodes

<!-- Made by a run of the tests: XGRAD_WRITE_ONNX=1 xgrad_tests -tc='onnx: the tests of nodes*' -->

ONNX publishes a model of one node for each of its operators and options, with inputs and outputs. [ONNX](onnx.md#import) tells how they are
read. A test passes if all outputs are within 10⁻³ of the expected ones. Of small ones whose ops have no kinks there, the gradients are held
against central differences. Many operators are given as formulas of others, too: these are the last line. Six tests that write
bfloat16 in a way of their own are left out.

)";

std::string table_of(const std::map<std::string, Row>& rows)
{
    Row all;
    std::string lines;
    for (const auto& [op, row] : rows) {
        std::string reasons;
        for (const std::string& reason : row.reasons)
            reasons += (reasons.empty() ? "" : "; ") + reason;
        lines += fmt::format("| {} | {} | {} | {} | {} |\n", op, row.passed, row.gradients, row.refused, reasons);
        all.passed += row.passed;
        all.gradients += row.gradients;
        all.refused += row.refused;
    }
    return fmt::format("{}{} pass, {} of them with gradients, and {} are refused.\n\n"
                       "| operator | passed | with gradients | refused | why |\n|---|---|---|---|---|\n{}",
                       about_table, all.passed, all.gradients, all.refused, lines);
}

} // namespace

TEST_CASE("onnx: the tests of nodes pass, or are refused for a stated reason")
{
    if (!fs::exists(folder)) {
        MESSAGE("skipped: libonnx-testdata is not installed");
        return;
    }
    std::map<std::string, Row> rows;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (contains(name, "BFLOAT16")) // written as uint16
            continue;
        const Outcome outcome = outcome_of(entry.path());
        CHECK_MESSAGE(outcome.wrong.empty(), (name + ": " + outcome.wrong));
        rows[outcome.op.empty() ? "not read" : outcome.op].add(outcome);
    }
    const fs::path document = source_folder() / "docs" / "onnx-tests.md";
    const std::string found = table_of(rows);
    if (std::getenv("XGRAD_WRITE_ONNX") != nullptr)
        write(document, found);
    const std::vector<std::string> lines = lines_of(found), documented = lines_of(read_text(document));
    CHECK(lines.size() == documented.size());
    for (std::size_t i = 0; i < std::min(lines.size(), documented.size()); ++i)
        CHECK(lines[i] == documented[i]);
}
