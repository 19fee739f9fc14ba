#pragma once

#include "given_files.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace xgrad::command
{

/** The backward pass of a model by hand, in three languages: the files of apps/examples. Each writes its gradients for
 *  `xgrad compare`. */
struct ExamplePrograms
{
    std::string_view model, numpy, octave, cxx;
};

/** The programs for a model; nullptr if there are none. */
const ExamplePrograms* example_programs(const std::string& model);

/** Writes a folder to begin with: weights and a batch, for NumPy and for Octave, and the programs.
 *  @throws DataError if a file cannot be written */
void write_example(const std::filesystem::path& folder, const ExamplePrograms& by_hand,
                   const Parameters<double>& parameters, const Prepared& batch);

} // namespace xgrad::command
