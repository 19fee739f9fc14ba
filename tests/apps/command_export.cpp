// The verb export: a checkpoint or a model as an ONNX file.
#ifdef XGRAD_COMMAND

#include "command.hpp"
#include <xgrad/formats/onnx/model.hpp>
#include <xgrad/models/networks/architecture.hpp>

using namespace xgrad;
using namespace xgrad::test;

TEST_CASE("command: export writes a model by its name, with the weights of a seed")
{
    const Folder folder;
    const Result result = call(folder, {"export", "mlp", "m.onnx", "--hidden", "20", "--seed", "3"});
    CHECK(result.code == 0);
    CHECK(result.out == "m.onnx: mlp, 4 nodes, 15,910 numbers; images (N,1,28,28) to logits (N,10)\n");
    const onnx::Model model = onnx::read_model(folder / "m.onnx");
    CHECK(model.metadata.at("option hidden") == "20");
    const Classifier same = make_classifier("mlp", 3, {{"hidden", "20"}});
    CHECK(model.graph.find("layer1.weight")->array().as<float>() == same.parameters["layer1.weight"].value());
    check_error(call(folder, {"export", "variants", "v.onnx"}), 2, "a file holds one network: give --kind, one of");
    check_error(call(folder, {"export", "mlp"}), 2, "FILE");
    check_error(call(folder, {"export", "mlp", "missing/m.onnx"}), 1, "missing");
}

TEST_CASE("command: export writes the weights of a checkpoint")
{
    const Folder folder;
    Classifier classifier = make_classifier("lenet5", 7);
    Checkpoint checkpoint;
    store(classifier, checkpoint);
    save_checkpoint(folder / "c.safetensors", checkpoint);
    const Result result = call(folder, {"export", "c.safetensors", "c.onnx"});
    CHECK(result.out == "c.onnx: lenet5, 12 nodes, 61,706 numbers; images (N,1,32,32) to logits (N,10)\n");
    const onnx::Model model = onnx::read_model(folder / "c.onnx");
    CHECK(model.graph.find("c3.weight")->array().as<float>() == classifier.parameters["c3.weight"].value());
    check_error(call(folder, {"export", "c.safetensors", "c.onnx", "--pooling", "mean"}), 2, "leave --pooling out");
    write(folder / "bad.safetensors", "no checkpoint");
    check_error(call(folder, {"export", "bad.safetensors", "c.onnx"}), 1, "bad.safetensors");
}
#endif
