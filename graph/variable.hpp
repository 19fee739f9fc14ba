#pragma once

#include <xgrad/base/numbers.hpp>
#include <xgrad/base/print.hpp>
#include <xgrad/base/stored_value.hpp>

#include <compare>
#include <type_traits>

namespace xgrad
{

namespace detail
{

/** The place that a variable comes from: none (a constant), a leaf, or an op on a tape. */
struct Origin
{
    static constexpr std::uint64_t constant = 0, leaf = 1; // every tape has a larger number

    std::uint64_t tape = constant;
    std::uint64_t index = 0; // the leaf's number, or the op's place on the tape

    friend auto operator<=>(const Origin&, const Origin&) = default;
};

/** A number that no other leaf or tape has. */
std::uint64_t next_number();
[[noreturn]] void throw_empty_variable();
[[noreturn]] void throw_other_scalar(Scalar held);

struct Access;

} // namespace detail

/** A variable of either scalar type, as observers see them: a shared value and its origin. */
class AnyVariable
{
  public:
    AnyVariable() = default;
    /** A constant. */
    explicit AnyVariable(detail::ValueHolder value) noexcept : value_(std::move(value)) {}

    /** Returns whether it has a value. It is empty if it was default-constructed or moved from. */
    bool has_value() const { return static_cast<bool>(value_); }
    const Shape& shape() const { return stored().shape(); }
    std::size_t dimension() const { return shape().size(); }

    /** Returns whether a gradient can flow to it: true for leaves and for what was recorded from them. */
    bool requires_gradient() const { return value_ && origin_.tape != detail::Origin::constant; }
    bool is_leaf() const { return value_ && origin_.tape == detail::Origin::leaf; }

    /** Returns whether its scalar type is T, so that it can be made a Variable<T>. */
    template <class T>
    bool holds() const
    {
        return value_ && value_->scalar == detail::scalar_of<T>;
    }

  protected:
    detail::StoredValue& stored() const
    {
        if (!value_)
            detail::throw_empty_variable();
        return *value_;
    }

  private:
    friend struct detail::Access;

    detail::ValueHolder value_;
    detail::Origin origin_{};
};

/** An array whose use is recorded: the operand and the result of every op.
 *
 *  Copies share the value, as copies of a shared pointer do. A variable is a constant, the result of a recorded op, or
 *  a leaf. Gradients are taken with respect to leaves, which live outside any tape and can be read by many threads. */
template <class T>
class Variable : public AnyVariable
{
  public:
    using value_type = T;

    Variable() = default;
    /** A constant. */
    explicit Variable(Array<T>&& values)
        : AnyVariable(detail::ValueHolder(new detail::StoredArray<T>(std::move(values))))
    {}
    /** The variable with its type. @throws GraphError if it holds the other scalar type */
    explicit Variable(AnyVariable any) : AnyVariable(std::move(any))
    {
        if (has_value() && !holds<T>()) [[unlikely]]
            detail::throw_other_scalar(stored().scalar);
    }

    /** Not a condition: `if (x > 0)` would take one branch for all elements. Ask has_value() for an empty variable. */
    template <std::same_as<bool> Bool>
    explicit operator Bool() const
    {
        static_assert(!std::same_as<Bool, bool>, "a variable is no condition: compare a number, as in "
                                                 "if (loss.item() < 0.5), or choose by element, where(x > 0, a, b)");
        return true;
    }

    /** The value, an xtensor container. @throws GraphError if the variable is empty */
    const Array<T>& value() const& { return array().array(); }
    /** The value of a temporary variable, as in `tanh(x).value()`: the array itself, because no variable is left to
     *  refer to. */
    Array<T> value() &&
    {
        detail::StoredArray<T>& stored = array();
        return stored.has_one_holder() ? stored.taken() : Array<T>(stored.array());
    }

    /** The one element of a scalar (or of an array with one element). @throws ShapeError if there are more */
    T item() const;

    const Shape& shape() const { return array().shape(); }
    std::size_t size() const { return array().size(); }
    const T* data() const { return array().data(); }

    /** The value of a leaf or a constant, to be overwritten in place. All variables that share it see the change. It is
     *  for optimizers and for loading parameters, between tapes: a tape that has used the variable would differentiate
     *  with the new value. */
    Array<T>& mutable_value()
    {
        array().own();
        return array().owner();
    }
    /** The elements of mutable_value(), if the shape does not change. */
    T* mutable_data() { return array().mutable_data(); }

  private:
    friend struct detail::Access;

    detail::StoredArray<T>& array() const { return static_cast<detail::StoredArray<T>&>(stored()); }

    static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                  "variables hold float or double; class indices are Labels");
};

namespace detail
{

/** The engine's access to parts of variables that users do not need. */
struct Access
{
    static Origin origin(const AnyVariable& x) { return x.origin_; }
    static void set_origin(AnyVariable& x, Origin origin) { x.origin_ = origin; }
    static const StoredValue* value(const AnyVariable& x) { return x.value_.get(); }
    /** Returns whether an op may write its result over the value. */
    static bool is_only_holder(const AnyVariable& x) { return x.value_ && x.value_->has_one_holder(); }
    template <class T>
    static StoredArray<T>& array(const Variable<T>& x)
    {
        return x.array();
    }
};

inline Origin origin_of(const AnyVariable& x) { return Access::origin(x); }

/** T, or the element type of an xtensor expression if T is void. */
template <class T, class E>
using ScalarOr = std::conditional_t<std::is_void_v<T>, typename std::decay_t<E>::value_type, T>;

} // namespace detail

/** A constant, from any xtensor expression. No gradient flows through it. `constant<float>(x)` makes its elements
 *  floats. */
template <class T = void, class E>
requires xt::is_xexpression<std::decay_t<E>>::value auto constant(E&& values)
{
    using Scalar = detail::ScalarOr<T, E>;
    return Variable<Scalar>(Array<Scalar>(std::forward<E>(values)));
}
/** A constant, from numbers: constant<double>(3), constant<float>({1, 2, 3}), constant<double>({{1, 2}, {3, 4}}).
 *  @throws ShapeError if the parts of a list differ in their shapes */
template <class T>
Variable<T> constant(detail::Numbers<std::type_identity_t<T>> numbers)
{
    return constant(numbers.array());
}

/** A leaf, from all that `constant` takes. Gradients are taken with respect to leaves. */
template <class T = void, class E>
requires xt::is_xexpression<std::decay_t<E>>::value auto variable(E&& values)
{
    auto x = constant<detail::ScalarOr<T, E>>(std::forward<E>(values));
    detail::Access::set_origin(x, {detail::Origin::leaf, detail::next_number()});
    return x;
}
template <class T>
Variable<T> variable(detail::Numbers<std::type_identity_t<T>> numbers)
{
    return variable(numbers.array());
}

/** An uninitialised constant, for an op to write its result into. */
template <class T>
Variable<T> uninitialized(const Shape& shape)
{
    return Variable<T>(AnyVariable(detail::ValueHolder(new detail::StoredArray<T>(shape))));
}

/** A constant with the same value: no gradient flows through it. */
template <class T>
Variable<T> stop_gradient(Variable<T> x)
{
    detail::Access::set_origin(x, {});
    return x;
}

/** The value of x as a new leaf. */
template <class T>
Variable<T> as_leaf(const Variable<T>& x)
{
    return variable(Array<T>(x.value()));
}

/** The sum of two arrays, the one op that the engine itself needs: defined in ops/arithmetic.cpp. */
template <class T>
Variable<T> operator+(Variable<T> a, Variable<T> b);

/** Writes the value as xtensor prints arrays. */
template <class T>
std::ostream& operator<<(std::ostream& out, const Variable<T>& x);

extern template class Variable<float>;
extern template class Variable<double>;

} // namespace xgrad
