#pragma once

#include <xgrad/base/memory.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>

namespace xgrad
{

/** The elements of an array, with the interface that xtensor asks of a container's storage. A buffer owns
 *  uninitialised, 64-byte aligned memory of the pool, or it only refers to somebody else's elements. A copy has
 *  elements of its own. */
template <class T>
class Buffer
{
  public:
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>,
                  "arrays hold numbers: their elements are neither constructed nor destroyed");

    using allocator_type = PooledAllocator<T>;
    using value_type = T;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using reference = T&;
    using const_reference = const T&;
    using pointer = T*;
    using const_pointer = const T*;
    using iterator = T*;
    using const_iterator = const T*;
    using reverse_iterator = std::reverse_iterator<iterator>;
    using const_reverse_iterator = std::reverse_iterator<const_iterator>;

    Buffer() = default;
    explicit Buffer(std::size_t size, const allocator_type& = {}) : data_(allocated(size)), size_(size) {}
    Buffer(std::size_t size, const T& value, const allocator_type& = {}) : Buffer(size)
    {
        std::fill_n(data_, size_, value);
    }
    template <std::forward_iterator It>
    Buffer(It first, It last, const allocator_type& = {}) : Buffer(static_cast<std::size_t>(std::distance(first, last)))
    {
        std::copy(first, last, data_);
    }
    Buffer(std::initializer_list<T> values, const allocator_type& = {}) : Buffer(values.begin(), values.end()) {}
    Buffer(const Buffer& other) : Buffer(other.begin(), other.end()) {}
    Buffer(Buffer&& other) noexcept { swap(other); }
    Buffer& operator=(const Buffer& other)
    {
        if (this != &other) {
            resize(other.size_);
            std::copy(other.begin(), other.end(), data_);
        }
        return *this;
    }
    Buffer& operator=(Buffer&& other) noexcept
    {
        Buffer(std::move(other)).swap(*this);
        return *this;
    }
    ~Buffer()
    {
        if (!refers_)
            PooledAllocator<T>().deallocate(data_, size_);
    }

    /** A buffer that refers to somebody else's elements. They must outlive it and every buffer that it is moved to. */
    static Buffer referring_to(const T* data, std::size_t size)
    {
        Buffer buffer;
        buffer.data_ = const_cast<T*>(data);
        buffer.size_ = size;
        buffer.refers_ = true;
        return buffer;
    }
    /** Returns whether the elements are somebody else's. Then they may only be read. */
    bool refers() const { return refers_; }

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    /** Makes the buffer own `size` elements. They are uninitialised if their number changes or they were somebody
     *  else's. */
    void resize(std::size_t size)
    {
        if (size != size_ || refers_)
            *this = Buffer(size);
    }
    void clear() { resize(0); }
    void swap(Buffer& other) noexcept
    {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(refers_, other.refers_);
    }

    T& operator[](std::size_t i) { return data_[i]; }
    const T& operator[](std::size_t i) const { return data_[i]; }
    T& front() { return data_[0]; }
    const T& front() const { return data_[0]; }
    T& back() { return data_[size_ - 1]; }
    const T& back() const { return data_[size_ - 1]; }
    T* data() { return data_; }
    const T* data() const { return data_; }

    iterator begin() { return data_; }
    iterator end() { return data_ + size_; }
    const_iterator begin() const { return data_; }
    const_iterator end() const { return data_ + size_; }
    const_iterator cbegin() const { return data_; }
    const_iterator cend() const { return data_ + size_; }
    reverse_iterator rbegin() { return reverse_iterator(end()); }
    reverse_iterator rend() { return reverse_iterator(begin()); }
    const_reverse_iterator rbegin() const { return const_reverse_iterator(end()); }
    const_reverse_iterator rend() const { return const_reverse_iterator(begin()); }
    const_reverse_iterator crbegin() const { return rbegin(); }
    const_reverse_iterator crend() const { return rend(); }

    friend bool operator==(const Buffer& a, const Buffer& b)
    {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

  private:
    static T* allocated(std::size_t size) { return size == 0 ? nullptr : PooledAllocator<T>().allocate(size); }

    T* data_ = nullptr;
    std::size_t size_ = 0;
    bool refers_ = false;
};

} // namespace xgrad
