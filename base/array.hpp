#pragma once
// xgrad's headers take xtensor's arrays from this one alone. xtensor's SIMD assignment must be switched on before its
// first header. The container type must be the same in every translation unit, whatever its -m flags.

#include <xgrad/base/requirements.hpp>

#ifndef XTENSOR_USE_XSIMD
#define XTENSOR_USE_XSIMD
#endif

#include <xgrad/base/buffer.hpp>
#include <xgrad/base/extents.hpp>
#include <xgrad/base/sizes.hpp>

#if __has_include(<xtensor/containers/xarray.hpp>) // since 0.26
#include <xtensor/containers/xarray.hpp>
#include <xtensor/core/xnoalias.hpp>
#else
#include <xtensor/xarray.hpp>
#include <xtensor/xnoalias.hpp>
#endif

#include <cstddef>
#include <cstdint>

#if XTENSOR_VERSION_MAJOR == 0 && XTENSOR_VERSION_MINOR < 24
#error "xgrad needs xtensor 0.24 or newer"
#include <xgrad_needs_xtensor>
#endif

#if XTENSOR_VERSION_MAJOR == 0 && XTENSOR_VERSION_MINOR < 26 && defined(__cpp_template_template_args) &&               \
    __cplusplus > 201703L
/** The type of a temporary array for the shape of an xarray. xtensor before 0.26 declares it for C++17 alone. Under g++
 *  and C++20 it takes such a shape for one of four axes, and `variance`, `pad` or `tile` read beyond their arrays. */
template <template <class, std::size_t, class, bool> class S, class X, std::size_t N, class A, bool Init>
struct xt::detail::xtype_for_shape<S<X, N, A, Init>>
{
    template <class T, xt::layout_type L>
    using type = xt::xarray<T, L>;
};
#endif

/** Traits that tell xtensor the type of an array's strides, and of an array with another element type. */
template <class To, class From>
struct xt::rebind_container<To, xgrad::Extents<From>>
{
    using type = xgrad::Extents<To>;
};
template <class To, class From>
struct xt::rebind_container<To, xgrad::Buffer<From>>
{
    using type = xgrad::Buffer<To>;
};

namespace xgrad
{

/** The extents of an array, outermost first. */
using Shape = Extents<std::size_t>;

/** A row-major xtensor container. It owns pooled, 64-byte aligned storage, or it refers to somebody else's elements,
 *  wherever they lie. It can be made from any xtensor expression. */
template <class T>
using Array = xt::xarray_container<Buffer<T>, xt::layout_type::row_major, Shape>;

/** Class indices, one for each sample. */
using Labels = Array<std::int32_t>;

namespace detail
{

[[noreturn]] void throw_too_many_elements(const Shape& shape);

} // namespace detail

/** The number of elements of a shape: 1 for a scalar's empty shape.
 *  @throws ShapeError if it is above 2^40, where extents of 0 are not counted: no such array can exist */
inline std::size_t element_count(const Shape& shape)
{
    std::size_t count = 1, room = 1; // room: the product of all extents but those of 0
    for (const std::size_t extent : shape) {
        count *= extent;
        if (extent != 0 && (__builtin_mul_overflow(room, extent, &room) || room > detail::largest_size)) [[unlikely]]
            detail::throw_too_many_elements(shape);
    }
    return count;
}

/** An uninitialised array of the given shape. */
template <class T>
Array<T> empty_array(const Shape& shape)
{
    element_count(shape); // throws what xtensor would not notice
    return Array<T>::from_shape(shape);
}

/** An array of the given shape, filled with one value. */
template <class T>
Array<T> filled_array(const Shape& shape, T value)
{
    Array<T> values = empty_array<T>(shape);
    values.fill(value);
    return values;
}

/** Not a function of xgrad: beside `using namespace std` it would be std::empty, whose bool makes an array. */
template <class T>
Array<T> empty(std::initializer_list<int> shape) = delete; // empty_array(shape)

/** An array that refers to somebody else's elements, which must outlive it. They may only be read; a copy has its
 *  own. */
template <class T>
Array<T> referring_to(const T* elements, const Shape& shape)
{
    typename Array<T>::strides_type strides(shape.size());
    const std::size_t size = xt::compute_strides(shape, xt::layout_type::row_major, strides);
    return Array<T>(Buffer<T>::referring_to(elements, size), Shape(shape), std::move(strides));
}

} // namespace xgrad
