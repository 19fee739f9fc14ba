#pragma once

#include "given_files.hpp"

#include <filesystem>

namespace xgrad::command
{

/** Writes a folder to begin with: the weights of the perceptron and a batch, for NumPy and for Octave, and a backward
 *  pass by hand in NumPy, in Octave and in C++, which writes its gradients for `xgrad compare`.
 *  @throws DataError if a file cannot be written */
void write_example(const std::filesystem::path& folder, const Parameters<double>& parameters, const Prepared& batch);

} // namespace xgrad::command
