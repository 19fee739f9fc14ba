#pragma once

#include <xgrad/base/array.hpp>

#include <initializer_list>

namespace xgrad::detail
{

[[noreturn]] void throw_ragged_numbers(const Shape& first, const Shape& other);

/** A number, or numbers in nested braces: {1, 2} has shape (2), {{1, 2}, {3, 4}} shape (2, 2), {{7}, {8}} shape (2, 1).
 *  It refers to what is in the braces, which ends with the call. So use it only as the type of a parameter. */
template <class T>
class Numbers
{
  public:
    template <class N>
    requires std::is_arithmetic_v<N> Numbers(N number) : number_(static_cast<T>(number)) {}
    Numbers(std::initializer_list<Numbers> parts) : parts_(parts), is_list_(true) {}

    /** The numbers as an array.
     *  @throws ShapeError if two parts of a list differ in their shapes, as in {{1, 2}, {3}} */
    Array<T> array() const
    {
        Array<T> values = empty_array<T>(shape());
        write(values.data());
        return values;
    }

  private:
    Shape shape() const
    {
        Shape shape;
        for (const Numbers* part = this; part->is_list_; part = part->parts_.begin()) {
            shape.push_back(part->parts_.size());
            if (part->parts_.size() == 0)
                break;
        }
        return shape;
    }
    T* write(T* to) const
    {
        if (!is_list_)
            *to++ = number_;
        for (const Numbers& part : parts_) {
            if (part.shape() != parts_.begin()->shape())
                throw_ragged_numbers(parts_.begin()->shape(), part.shape());
            to = part.write(to);
        }
        return to;
    }

    T number_{};
    std::initializer_list<Numbers> parts_{};
    bool is_list_ = false;
};

} // namespace xgrad::detail
