#pragma once

#include <xgrad/graph/variable.hpp>
#include <xgrad/models/data/dataset.hpp>

#include <filesystem>
#include <string_view>

namespace xgrad
{

// A text is a sequence of bytes, each of which is a character to a model: one of 256 classes. So any encoding will do,
// and a model can read any text. A data set of text has windows of characters in place of images, and its batches are
// made with `as_characters`:
//
//     const Dataset alice = load_dataset("alice");
//     for (const Batch& windows : alice.train.batches(16, 1, as_characters)) {
//         const auto [seen, next] = next_characters(windows);
//         …

constexpr std::size_t character_classes = 256;
/** The number of characters that a model sees in a window of a data set. A window has one more, to be predicted. */
constexpr std::size_t text_context = 128;
/** The preparation that leaves the bytes as they are. */
constexpr Preparation as_characters{.padding = 0, .background = 0, .foreground = 255};

/** A text as windows (N, 1, 1, text_context + 1), one after the other. The first character of a window is the last one
 *  of the window before. Characters behind the last whole window are left out. The labels of the windows are 0. The
 * last tenth of the windows is the test.
 *  @throws DataError if there are not at least two windows */
Dataset text_dataset(const std::string& name, std::string_view text);

/** The text in a file. @throws DataError if it cannot be read */
std::string read_text(const std::filesystem::path& file);

/** Windows of characters as what a model sees and what it has to predict.
 *  @param windows  images (N, 1, H, W) of H·W characters, two or more
 *  @return         images (N, L), the characters of a window but for the last one, L = H·W − 1, and labels (N, L), the
 *                  next one after each
 *  @throws ShapeError for other windows */
Batch next_characters(const Batch& windows);

/** The characters that numbers stand for, in the same shape: the nearest one from 0 to 255. */
template <class T>
Labels characters(const Variable<T>& x);

} // namespace xgrad
