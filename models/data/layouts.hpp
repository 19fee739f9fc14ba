#pragma once
// The ways in which others lay out data sets of images (docs/data.md). Each reader gives a data set without a name.

#include <xgrad/models/data/dataset.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace xgrad::detail
{

// Readers of folders. Nothing comes back if the folder has another layout, a DataError if it has this one with a fault.

/** IDX files in a folder, or in folders of their names in it.
 *  @param prefix   what their names begin with, such as "emnist-letters"; empty: whatever there is
 *  @param classes  the number of classes, 0: one more than the largest label */
std::optional<Dataset> read_idx_folder(const std::filesystem::path& folder, const std::string& prefix,
                                       std::size_t classes);

/** CIFAR-10's or CIFAR-100's binary files. */
std::optional<Dataset> read_cifar_folder(const std::filesystem::path& folder);

/** Tables …train.csv and …test.csv, in a folder or in folders of their names in it. */
std::optional<Dataset> read_table_folder(const std::filesystem::path& folder);

/** A folder of images for each class. */
std::optional<Dataset> read_image_folder(const std::filesystem::path& folder);

// Readers of files.

/** An archive of arrays x_train, y_train, x_test and y_test. */
Dataset read_array_file(const std::filesystem::path& file);

/** A table with a label and pixels in each row. */
Dataset read_table_file(const std::filesystem::path& file);

// Parts of these.

/** The largest number of bytes that the images of a data set may have. */
inline constexpr std::size_t most_image_bytes = std::size_t{2} << 30;

/** Makes a test set of every sixth image of each class.
 *  @throws DataError with the name if no class has six */
Dataset with_sixths_as_test(const Images& all, const std::string& name);

/** Sets the number of classes to one more than the largest label. If all labels are greater than 0, they become one
 *  smaller, and their texts the names of the classes. */
void settle_classes(Dataset& data);

/** Checks that training and test images have one size. @throws DataError with the name if they have not */
void check_sizes(const Dataset& data, const std::string& name);

/** The files in a folder, and in those of its folders whose names end in `suffix` but for .gz; sorted. */
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder, std::string_view part_of_name);

/** A text in small letters. */
std::string lowered(std::string text);

} // namespace xgrad::detail
