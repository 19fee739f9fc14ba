#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>

namespace xgrad
{

namespace detail
{

[[noreturn]] void throw_too_many_axes(std::size_t axes);

/** A container of integers, such as a shape of xtensor, a std::vector or a std::array. */
template <class Container>
concept Integers = std::integral<std::decay_t<decltype(*std::begin(std::declval<const Container&>()))>> &&
    requires(const Container& numbers)
{
    numbers.size();
};

/** A container with a conversion of its own, such as xtensor's view of a part of a shape. */
template <class Container, class To>
concept ConvertsItself = requires(const Container& numbers)
{
    numbers.operator To();
};

} // namespace detail

/** A vector of up to eight numbers, one for each axis of an array. They lie in the object itself and are copied as
 *  plain bytes, because an op on a small array copies little more than shapes and strides. */
template <class T>
class Extents
{
  public:
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

    static constexpr std::size_t capacity = 8;

    Extents() = default;
    /** @throws ShapeError if there are more than `capacity` numbers; so does every function that adds numbers */
    explicit Extents(std::size_t count, T value = T{}) { resize(count, value); }
    Extents(std::initializer_list<T> values) : Extents(values.begin(), values.end()) {}
    template <std::input_iterator It>
    Extents(It first, It last)
    {
        for (; first != last; ++first)
            push_back(static_cast<T>(*first));
    }

    template <detail::Integers Container>
    requires(!std::same_as<Container, Extents> && !detail::ConvertsItself<Container, Extents>)
        Extents(const Container& numbers)
        : Extents(std::begin(numbers), std::end(numbers))
    {}

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    void resize(std::size_t count, T value = T{})
    {
        if (count > capacity)
            detail::throw_too_many_axes(count);
        std::fill(values_.data() + size_, values_.data() + std::max(count, size_), value);
        size_ = count;
    }
    void push_back(T value) { resize(size_ + 1, value); }
    void pop_back() { --size_; }
    iterator erase(const_iterator place)
    {
        const iterator hole = begin() + (place - begin());
        std::copy(hole + 1, end(), hole);
        --size_;
        return hole;
    }

    T& operator[](std::size_t i) { return values_[i]; }
    const T& operator[](std::size_t i) const { return values_[i]; }
    T& front() { return values_[0]; }
    const T& front() const { return values_[0]; }
    T& back() { return values_[size_ - 1]; }
    const T& back() const { return values_[size_ - 1]; }
    T* data() { return values_.data(); }
    const T* data() const { return values_.data(); }

    iterator begin() { return data(); }
    iterator end() { return data() + size_; }
    const_iterator begin() const { return data(); }
    const_iterator end() const { return data() + size_; }
    const_iterator cbegin() const { return begin(); }
    const_iterator cend() const { return end(); }
    reverse_iterator rbegin() { return reverse_iterator(end()); }
    reverse_iterator rend() { return reverse_iterator(begin()); }
    const_reverse_iterator rbegin() const { return const_reverse_iterator(end()); }
    const_reverse_iterator rend() const { return const_reverse_iterator(begin()); }
    const_reverse_iterator crbegin() const { return rbegin(); }
    const_reverse_iterator crend() const { return rend(); }

    friend bool operator==(const Extents& a, const Extents& b)
    {
        if (a.size() != b.size())
            return false;
        for (std::size_t i = 0; i < a.size(); ++i) // not std::equal: a call of memcmp takes longer than an op's checks
            if (a[i] != b[i])
                return false;
        return true;
    }
    friend bool operator<(const Extents& a, const Extents& b)
    {
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
    }

  private:
    std::array<T, capacity> values_{};
    std::size_t size_ = 0;
};

/** Returns whether another container has the same numbers. */
template <class T, detail::Integers Container>
requires(!std::same_as<Container, Extents<T>>) bool operator==(const Extents<T>& a, const Container& b)
{
    return std::equal(a.begin(), a.end(), std::begin(b), std::end(b),
                      [](T x, auto y) { return x == static_cast<T>(y); });
}

} // namespace xgrad
