#pragma once

#include <xgrad/base/array.hpp>

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <utility>

namespace xgrad
{

namespace detail
{

/** A reference-counted array of any scalar type. */
struct StoredValue
{
    std::atomic<std::uint32_t> holders{1};

    StoredValue() = default;
    StoredValue(const StoredValue&) = delete;
    StoredValue& operator=(const StoredValue&) = delete;
    virtual ~StoredValue() = default;

    static void* operator new(std::size_t bytes) { return allocate(bytes); }
    static void operator delete(void* block, std::size_t bytes) { deallocate(block, bytes); }
};

template <class T>
struct StoredArray final : StoredValue
{
    Array<T> array;
    explicit StoredArray(Array<T>&& values) : array(std::move(values)) {}
    explicit StoredArray(const Shape& shape) : array(shape) {} // uninitialised
};

/** Where a value comes from: nowhere (a constant), a leaf, or a place on a tape. */
struct Origin
{
    static constexpr std::uint64_t constant = 0, leaf = 1; // every tape has a larger number

    std::uint64_t tape = constant;
    std::uint64_t index = 0; // the leaf's number, or the position on the tape

    friend bool operator==(const Origin&, const Origin&) = default;
};

std::uint64_t next_leaf_number();

/** Whether somebody on this thread wants to see an op's inputs as they were. */
extern constinit thread_local bool inputs_are_kept;

/** A variable of any scalar type: a shared value and its origin. */
class Handle
{
  public:
    Handle() = default;
    Handle(StoredValue* value, Origin origin) noexcept : value_(value), origin_(origin) {} // takes over one count
    Handle(const Handle& other) noexcept : value_(other.value_), origin_(other.origin_)
    {
        if (value_)
            value_->holders.fetch_add(1, std::memory_order_relaxed);
    }
    Handle(Handle&& other) noexcept
        : value_(std::exchange(other.value_, nullptr)), origin_(std::exchange(other.origin_, {}))
    {}
    Handle& operator=(Handle other) noexcept
    {
        std::swap(value_, other.value_);
        origin_ = other.origin_;
        return *this;
    }
    ~Handle() { release(); }

    StoredValue* stored() const { return value_; }
    Origin origin() const { return origin_; }
    void set_origin(Origin origin) { origin_ = origin; }
    explicit operator bool() const { return value_ != nullptr; }
    /** Whether an op may write its result over the value. */
    bool is_reusable() const { return is_only_holder() && !inputs_are_kept; }
    bool is_only_holder() const { return value_ && value_->holders.load(std::memory_order_acquire) == 1; }

  private:
    void release() noexcept
    {
        if (value_ && (is_only_holder() || value_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1))
            delete value_;
    }

    StoredValue* value_ = nullptr;
    Origin origin_{};
};

[[noreturn]] void throw_empty_variable();

} // namespace detail

/** An array whose use is recorded: the operand and the result of every op.
 *
 *  Copies share the value, as copies of a shared pointer do. A variable is a constant, a leaf (what gradients are taken
 *  with respect to; it lives outside any tape and can be read by many threads), or the result of a recorded op. */
template <class T>
class Variable : public detail::Handle
{
  public:
    static_assert(std::is_floating_point_v<T>, "variables hold float or double; class indices are Labels");
    using value_type = T;

    Variable() = default;
    explicit Variable(Array<T>&& values, detail::Origin origin = {})
        : Handle(new detail::StoredArray<T>(std::move(values)), origin)
    {}
    /** A typed view of a handle that is known to hold T. */
    explicit Variable(Handle handle) : Handle(std::move(handle)) {}

    /** The value, an xtensor container. @throws GraphError if the variable is empty */
    const Array<T>& value() const& { return array(); }
    /** That of a variable about to go, as in `tanh(x).value()`: the array itself, for there is nothing left to refer
     * to.
     */
    Array<T> value() && { return is_reusable() ? std::move(array()) : Array<T>(array()); }

    /** The one element of a scalar (or of an array with one element). @throws ShapeError if there are more */
    T item() const;

    const Shape& shape() const { return array().shape(); }
    std::size_t size() const { return array().size(); }
    std::size_t dimension() const { return array().dimension(); }
    const T* data() const { return array().data(); }

    /** Whether a gradient can flow to it: true for leaves and for what was recorded from them. */
    bool requires_gradient() const { return origin().tape != detail::Origin::constant; }
    bool is_leaf() const { return origin().tape == detail::Origin::leaf; }

    /** Overwrites a leaf's or a constant's value in place; whoever shares it sees the change. For optimizers and for
     *  loading parameters, between tapes: a tape that has used the variable would differentiate with the new value. */
    Array<T>& mutable_value()
    {
        own();
        return array();
    }
    /** Copies the value if it refers to somebody else's elements, for all who share it. */
    void own()
    {
        if (array().storage().refers()) [[unlikely]]
            array() = Array<T>(std::as_const(array()));
    }

    /** The value's storage if nobody else holds it, for an op to reuse; else nullptr. */
    Array<T>* reusable() { return is_reusable() ? &array() : nullptr; }

  private:
    Array<T>& array() const
    {
        if (!stored())
            detail::throw_empty_variable();
        return static_cast<detail::StoredArray<T>*>(stored())->array;
    }
};

/** A variable through which no gradient flows, from any xtensor expression. */
template <class E>
auto constant(const xt::xexpression<E>& values)
{
    using T = typename E::value_type;
    return Variable<T>(Array<T>(values.derived_cast()));
}
template <class T>
Variable<T> constant(Array<T>&& values)
{
    return Variable<T>(std::move(values));
}

/** A leaf: what gradients are taken with respect to, from any xtensor expression. */
template <class E>
auto variable(const xt::xexpression<E>& values)
{
    using T = typename E::value_type;
    return Variable<T>(Array<T>(values.derived_cast()), {detail::Origin::leaf, detail::next_leaf_number()});
}
template <class T>
Variable<T> variable(Array<T>&& values)
{
    return Variable<T>(std::move(values), {detail::Origin::leaf, detail::next_leaf_number()});
}

// From numbers: constant<double>(3), variable<float>({1, 2, 3}), variable<double>({{1, 2}, {3, 4}}).
// clang-format off
template <class T> Variable<T> constant(std::type_identity_t<T> x) { return constant(Array<T>(Shape{}, x)); }
template <class T> Variable<T> constant(xt::nested_initializer_list_t<T, 1> x) { return constant(Array<T>(x)); }
template <class T> Variable<T> constant(xt::nested_initializer_list_t<T, 2> x) { return constant(Array<T>(x)); }
template <class T> Variable<T> constant(xt::nested_initializer_list_t<T, 3> x) { return constant(Array<T>(x)); }
template <class T> Variable<T> constant(xt::nested_initializer_list_t<T, 4> x) { return constant(Array<T>(x)); }
template <class T> Variable<T> variable(std::type_identity_t<T> x) { return variable(Array<T>(Shape{}, x)); }
template <class T> Variable<T> variable(xt::nested_initializer_list_t<T, 1> x) { return variable(Array<T>(x)); }
template <class T> Variable<T> variable(xt::nested_initializer_list_t<T, 2> x) { return variable(Array<T>(x)); }
template <class T> Variable<T> variable(xt::nested_initializer_list_t<T, 3> x) { return variable(Array<T>(x)); }
template <class T> Variable<T> variable(xt::nested_initializer_list_t<T, 4> x) { return variable(Array<T>(x)); }
// clang-format on

/** An uninitialised constant, for an op to write its result into. */
template <class T>
Variable<T> uninitialized(const Shape& shape)
{
    return Variable<T>(detail::Handle(new detail::StoredArray<T>(shape), {}));
}

/** The same value, and no gradient flows through it. */
template <class T>
Variable<T> stop_gradient(Variable<T> x)
{
    x.set_origin({});
    return x;
}

/** The value of x as a new leaf. */
template <class T>
Variable<T> as_leaf(const Variable<T>& x)
{
    return variable(Array<T>(x.value()));
}

extern template class Variable<float>;
extern template class Variable<double>;

} // namespace xgrad
