#include <xgrad/models/training/checkpoint.hpp>
#include <xgrad/xgrad.hpp>

#include <filesystem>
#include <iostream>

using namespace xgrad;

int main()
{
    const MLP<float> net({4, 3, 2}, 1), other({4, 3, 2}, 2);
    const std::filesystem::path path = "own.safetensors";

    //! [save]
    Checkpoint saved;
    const Parameters<float> parameters = net.parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i)
        saved.tensors[parameters.name(i)] = parameters[i].value();
    saved.metadata["model"] = "4-3-2";
    save_checkpoint(path, saved);
    //! [save]

    //! [load]
    const Checkpoint loaded = load_checkpoint(path);
    const Parameters<float> targets = other.parameters();
    for (std::size_t i = 0; i < targets.size(); ++i) {
        Variable<float> parameter = targets[i]; // a copy shares the value
        parameter.mutable_value() = loaded.tensors.at(targets.name(i));
    }
    //! [load]

    std::filesystem::remove(path);
    for (std::size_t i = 0; i < targets.size(); ++i)
        std::cout << targets.name(i) << " " << (targets[i].value() == parameters[i].value() ? "same" : "differs")
                  << "\n";
}
