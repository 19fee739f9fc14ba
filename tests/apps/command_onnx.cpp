// The verbs with a network in ONNX in place of a model.
#ifdef XGRAD_COMMAND

#include "command.hpp"
#include <xgrad/formats/arrays.hpp>
#include <xgrad/formats/onnx/load_onnx.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/onnx.hpp>
#include <xgrad/ops/loss.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** The trained LeNet-5, as a file of ONNX. */
const Folder& exported()
{
    static const Folder folder;
    if (folder.count() == 0)
        REQUIRE(call(folder, {"export", (trained() / best).string(), "lenet5.onnx"}).code == 0);
    return folder;
}

const std::string network() { return (exported() / "lenet5.onnx").string(); }

/** The text behind another one, up to the end of the line. */
std::string after(const std::string& text, const std::string& begin)
{
    const std::size_t at = text.find(begin);
    REQUIRE(at != std::string::npos);
    return text.substr(at + begin.size(), text.find('\n', at) - at - begin.size());
}

} // namespace

TEST_CASE("command: evaluate and predict give for an ONNX file what they give for its checkpoint")
{
    const Folder folder;
    const Result own = call(trained(), {"evaluate", best}), again = call(folder, {"evaluate", network()});
    CHECK(again.code == 0);
    CHECK(after(own.out, " on ") == after(again.out, " on "));
    CHECK(own.out.substr(own.out.find('\n')) == again.out.substr(again.out.find('\n'))); // the confusion
    const Words three = {"--index", "0", "1", "2"};
    Words of_own = {"predict", best}, of_file = {"predict", network()};
    of_own.insert(of_own.end(), three.begin(), three.end());
    of_file.insert(of_file.end(), three.begin(), three.end());
    CHECK(call(trained(), of_own).out == call(folder, of_file).out);
}

TEST_CASE("command: summary and graph show an ONNX file")
{
    const Folder folder;
    const Result summary = call(folder, {"summary", network()});
    CHECK(summary.code == 0);
    CHECK(contains(summary.out, "Conv 5x5"));
    CHECK(contains(summary.out, "total"));
    CHECK(contains(summary.out, "61,706"));
    const Result own = call(trained(), {"graph", best, "--backward"}),
                 again = call(folder, {"graph", network(), "--backward"});
    CHECK(again.code == 0);
    CHECK(again.out == own.out); // the derivation reads as the original's
    check_error(call(folder, {"summary", network(), "--pooling", "mean"}), 2, "--pooling");
}

TEST_CASE("command: train goes on with an ONNX file, and export writes it again")
{
    const Folder folder;
    const Words words = train(network(), {"--epochs", "2", "--seed", "5"});
    const Result first = call(folder, words);
    CHECK(first.code == 0);
    CHECK(contains(first.out, "onnx: 61,706 parameters"));
    CHECK(contains(first.out, "xgrad-runs/lenet5/best.safetensors"));
    CHECK(call(folder, {"evaluate", "xgrad-runs/lenet5/last.safetensors"}).code == 0);
    Words longer = train(network(), {"--epochs", "3", "--seed", "5", "--resume"});
    const Result resumed = call(folder, longer);
    CHECK(resumed.code == 0);
    CHECK(contains(resumed.err, "note: continues in epoch 3 of 3"));
    const Result out = call(folder, {"export", "xgrad-runs/lenet5/last.safetensors", "new.onnx"});
    CHECK(out.code == 0);
    CHECK(contains(out.out, "new.onnx: onnx, 12 nodes, 61,706 numbers; images (N,1,32,32) to logits (N,10)"));
    CHECK(call(folder, {"evaluate", "new.onnx"}).out.substr(4) ==
          call(folder, {"evaluate", "xgrad-runs/lenet5/last.safetensors"}).out.substr(4));
}

TEST_CASE("command: train begins with the weights of a checkpoint")
{
    const Folder folder;
    const std::string file = (trained() / best).string();
    const Result result = call(folder, train(file, {"--epochs", "1", "--learning-rate", "1e-9"}));
    CHECK(result.code == 0);
    CHECK(contains(result.out, "lenet5: 61,706 parameters"));
    const Checkpoint before = load_checkpoint(file),
                     now = load_checkpoint(folder / "xgrad-runs/lenet5-from-best/last.safetensors");
    const Array<float>&a = before.tensors.at("f6.weight"), &b = now.tensors.at("f6.weight");
    for (std::size_t i = 0; i < a.size(); ++i)
        CHECK(std::abs(a.data()[i] - b.data()[i]) < 1e-4f);
    check_error(call(folder, train(file, {"--pooling", "mean"})), 2, "leave --pooling out");
    check_error(call(folder, {"train", "absent.onnx"}), 2, "absent.onnx");
}

TEST_CASE("command: gradcheck takes a network")
{
    const Folder folder;
    for (const std::string& model : {network(), std::string("mlp")}) {
        CAPTURE(model);
        const Result result = call(folder, {"gradcheck", model, "--elements", "4"});
        CHECK(result.code == 0);
        CHECK(contains(result.out, "all gradients agree with central differences"));
    }
    CHECK(contains(call(folder, {"gradcheck", network(), "--elements", "4"}).out, "c3.weight"));
    check_error(call(folder, {"gradcheck", "lenet"}), 2, "Or give a model, a checkpoint or an ONNX file.");
}

TEST_CASE("command: compare holds gradients of another program against those of an ONNX file")
{
    const Folder folder;
    const OnnxNetwork<double> lenet5 = load_onnx<double>(network());
    Array<double> images(Shape{3, 1, 32, 32});
    for (std::size_t i = 0; i < images.size(); ++i)
        images.data()[i] = 0.01 * static_cast<double>(i * 37 % 101);
    const Labels labels{3, 1, 4};
    save_npz(folder / "batch.npz", {{"x", images}, {"labels", labels}});
    Tape tape;
    const auto gradients = tape.gradient(softmax_cross_entropy(lenet5(constant(images)), labels), lenet5.parameters);
    NamedArrays mine;
    for (std::size_t i = 0; i < gradients.size(); ++i)
        mine.emplace("d_" + lenet5.parameters.name(i), gradients[i].value());
    const auto compared = [&](const NamedArrays& arrays, const Words& more = {}) {
        save_npz(folder / "mine.npz", arrays);
        Words words = {"compare", network(), "--data", "batch.npz", "--gradients", "mine.npz"};
        words.insert(words.end(), more.begin(), more.end());
        return call(folder, words);
    };
    const Result right = compared(mine);
    CAPTURE(right.err);
    CHECK(right.code == 0);
    CHECK(contains(right.out, "all 10 rows agree"));
    CHECK(contains(right.out, "d_c1.weight is c1.weight"));

    NamedArrays wrong = mine;
    Array<double> scaled = mine.at("d_f6.bias").as<double>();
    scaled *= 3; // the mean over three samples is missing
    wrong.at("d_f6.bias") = scaled;
    const Result found = compared(wrong);
    CHECK(found.code == 1);
    CHECK(contains(found.out, "1 of 10 rows differ"));
    CHECK(contains(found.out, "the number of samples"));

    NamedArrays of_floats;
    for (const auto& [name, array] : mine)
        of_floats.emplace(name, array.as<float>());
    const Result rounded = compared(of_floats);
    CHECK(rounded.code == 0);
    CHECK(contains(rounded.out, "not all numbers are of 64 bits"));
    CHECK(compared(of_floats, {"--tolerance", "1e-12"}).code == 1);
    CHECK(compared(mine, {"--loss", "squared-error"}).code == 1);
    check_error(compared(mine, {"--loss", "squared"}), 2, "squared-error");
    check_error(call(folder, {"compare", network()}), 2, "there is no handwritten pass");
    check_error(call(folder, {"compare", "lenet5", "--loss", "squared-error"}), 2, "a loss of its own");
}

TEST_CASE("command: compare takes the sensitivities of an ONNX file, by the names of its values")
{
    const Folder folder;
    const OnnxNetwork<double> lenet5 = load_onnx<double>(network());
    Array<double> images(Shape{2, 1, 32, 32});
    for (std::size_t i = 0; i < images.size(); ++i)
        images.data()[i] = 0.01 * static_cast<double>(i * 41 % 103);
    const Labels labels{7, 2};
    Tape tape;
    std::string name;
    Variable<double> hidden;
    const auto logits = lenet5(constant(images), [&](const onnx::Node& node, const std::string& output, auto& value) {
        if (node.op == "Gemm" && name.empty()) {
            name = output;
            hidden = value;
        }
    });
    const auto gradient = tape.gradient(softmax_cross_entropy(logits, labels), {hidden});
    save_npz(folder / "batch.npz", {{"x", images}, {"labels", labels}});
    save_npz(folder / "mine.npz", {{name, gradient[0].value()}});
    const Result result = call(folder, {"compare", network(), "--data", "batch.npz", "--gradients", "mine.npz"});
    CAPTURE(result.err);
    CHECK(result.code == 0);
    CHECK(contains(result.out, "all 1 rows agree"));
}
#endif
