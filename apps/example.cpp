#include "example.hpp"

#include <xgrad/base/error.hpp>
#include <xgrad/base/file.hpp>
#include <xgrad/graph/variable.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <system_error>

namespace xgrad::command
{

namespace
{

namespace fs = std::filesystem;

constexpr ExamplePrograms programs[] = {
#include "example_programs.inc"
};

/** An array of more than two axes as Octave's `save -text` writes it: the first index runs fastest. */
std::string octave_block(const std::string& name, const Array<double>& values)
{
    Axes backwards = {};
    for (std::size_t axis = values.dimension(); axis-- > 0;)
        backwards.push_back(static_cast<Axis>(axis));
    const Variable<double> reversed = permute(constant(Array<double>(values)), backwards);
    std::string text = fmt::format("# name: {}\n# type: matrix\n# ndims: {}\n {}\n", name, values.dimension(),
                                   fmt::join(values.shape(), " "));
    for (std::size_t i = 0; i < values.size(); ++i)
        text += fmt::format(" {}\n", reversed.data()[i]);
    return text + "\n\n";
}

/** An array as Octave's `save -text` writes it: a matrix, or a row. */
std::string octave_text(std::string name, const Array<double>& values)
{
    std::replace(name.begin(), name.end(), '.', '_');
    if (values.dimension() > 2)
        return octave_block(name, values);
    const bool is_matrix = values.dimension() == 2;
    const std::size_t rows = is_matrix ? values.shape()[0] : 1, columns = is_matrix ? values.shape()[1] : values.size();
    std::string text = fmt::format("# name: {}\n# type: matrix\n# rows: {}\n# columns: {}\n", name, rows, columns);
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j)
            text += fmt::format(" {}", values.data()[i * columns + j]);
        text += '\n';
    }
    return text + "\n\n";
}

} // namespace

const ExamplePrograms* example_programs(const std::string& model)
{
    const auto found = std::find_if(std::begin(programs), std::end(programs),
                                    [&](const ExamplePrograms& each) { return each.model == model; });
    return found == std::end(programs) ? nullptr : found;
}

void write_example(const fs::path& folder, const ExamplePrograms& by_hand, const Parameters<double>& parameters,
                   const Prepared& batch)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw DataError(fmt::format("[compare] the folder {} cannot be made: {}", folder.string(), error.message()));
    Array<double> x = batch.images;
    x.reshape({batch.labels.size(), x.size() / batch.labels.size()});
    NamedArrays weights;
    std::string for_octave = octave_text("x", x) + octave_text("labels", xt::cast<double>(batch.labels));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        weights.emplace(parameters.name(i), parameters[i].value());
        for_octave += octave_text(parameters.name(i), parameters[i].value());
    }
    save_npz(folder / "weights.npz", weights);
    save_npz(folder / "batch.npz", {{"x", x}, {"labels", batch.labels}});
    write_atomically(folder / "example.txt", for_octave);
    write_atomically(folder / "backward.py", by_hand.numpy);
    write_atomically(folder / "backward.m", by_hand.octave);
    write_atomically(folder / "backward.cpp", by_hand.cxx);
}

} // namespace xgrad::command
