#include <xgrad/formats/arrays.hpp>
#include <xgrad/xgrad.hpp>

#include <filesystem>
#include <iostream>

using namespace xgrad;

int main()
{
    //! [save]
    NamedArrays layer;
    layer["x"] = Array<double>{{1, -1}, {0.5, 2}};
    layer["w"] = Array<float>{{0.25f, 0.5f}, {1, -1}};
    layer["labels"] = Array<std::int64_t>{1, 0};
    save_npz("layer.npz", layer);
    //! [save]

    //! [load]
    const NamedArrays arrays = load_arrays("layer.npz", {"x", "w"});
    const auto x = constant(arrays.at("x").as<double>());
    const auto w = variable(arrays.at("w").as<double>());
    Tape tape;
    const auto gradient = tape.gradient(sum(square(matmul(x, w))), w);
    save_npy("gradient.npy", gradient.value());
    //! [load]
    std::cout << gradient.value() << "\n";

    //! [types]
    for (const auto& [name, array] : load_arrays("layer.npz"))
        std::cout << name << " " << element_name(array.type()) << " " << array.size() << "\n";
    try {
        arrays.at("x").as<std::int32_t>();
    } catch (const DataError& error) {
        std::cout << error.what() << "\n";
    }
    //! [types]

    std::filesystem::remove("layer.npz");
    std::filesystem::remove("gradient.npy");
}
