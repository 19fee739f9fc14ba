#pragma once
// The value that variables share: an array of float or double, with a count of its holders.

#include <xgrad/base/array.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace xgrad::detail
{

enum class Scalar : std::uint8_t
{
    float32,
    float64
};
template <class T>
constexpr Scalar scalar_of = std::is_same_v<T, float> ? Scalar::float32 : Scalar::float64;

/** The common part of the arrays of both scalar types. */
struct StoredValue
{
    std::atomic<std::uint32_t> holders{1};
    const Scalar scalar;

    explicit StoredValue(Scalar type) : scalar(type) {}
    StoredValue(const StoredValue&) = delete;
    StoredValue& operator=(const StoredValue&) = delete;

    bool has_one_holder() const { return holders.load(std::memory_order_acquire) == 1; }
    void drop_holder() noexcept
    {
        if (has_one_holder() || holders.fetch_sub(1, std::memory_order_acq_rel) == 1)
            destroy();
    }
    const Shape& shape() const;

    static void* operator new(std::size_t bytes) { return allocate_object(bytes); }
    static void operator delete(void* block, std::size_t bytes) { deallocate_object(block, bytes); }

  protected:
    ~StoredValue() = default;

  private:
    void destroy() noexcept;
};

/** A shape and its elements. The xtensor array that shows them to a user is made only when somebody asks for it.
 *  Otherwise ops on small arrays would spend most of their time on its strides. */
template <class T>
class StoredArray final : public StoredValue
{
  public:
    /** A stored array with uninitialised elements. */
    explicit StoredArray(const Shape& shape) : StoredValue(scalar_of<T>), shape_(shape), elements_(element_count(shape))
    {}
    explicit StoredArray(Array<T>&& values)
        : StoredValue(scalar_of<T>), shape_(values.shape()), elements_(std::move(values.storage()))
    {}
    ~StoredArray() { delete array_.load(std::memory_order_relaxed); }

    const Shape& shape() const { return owner_ ? owner_->shape() : shape_; }
    const Buffer<T>& elements() const { return owner_ ? owner_->storage() : elements_; }
    std::size_t size() const { return elements().size(); }
    const T* data() const { return elements().data(); }

    /** The array, for reading. Several threads may call this at once. */
    const Array<T>& array() const
    {
        PooledArray* shown = array_.load(std::memory_order_acquire);
        if (!shown) {
            auto made = std::make_unique<PooledArray>(referring_to(elements_.data(), shape_));
            if (array_.compare_exchange_strong(shown, made.get(), std::memory_order_acq_rel))
                shown = made.release();
        }
        return *shown;
    }
    /** Makes the array the owner of the elements and returns it. Other elements may be assigned to it. */
    Array<T>& owner()
    {
        if (!owner_) {
            array();
            owner_ = array_.load(std::memory_order_relaxed);
            owner_->storage() = std::move(elements_);
        }
        return *owner_;
    }

    /** Makes the elements writable: copies them if they are somebody else's. */
    void own()
    {
        if (!elements().refers()) [[likely]]
            return;
        Buffer<T>& borrowed = array_.load(std::memory_order_relaxed) ? owner().storage() : elements_;
        borrowed = Buffer<T>(std::as_const(borrowed));
    }
    /** Makes it an array without elements. */
    void clear() noexcept
    {
        if (array_.load(std::memory_order_relaxed))
            owner().resize(Shape{0});
        else
            elements_ = Buffer<T>();
        shape_ = Shape{0};
    }
    T* mutable_data()
    {
        own();
        return (owner_ ? owner_->storage() : elements_).data();
    }
    /** Changes the shape. @param shape  has as many elements */
    void reshape(const Shape& shape)
    {
        if (array_.load(std::memory_order_relaxed))
            owner().reshape(shape);
        else
            shape_ = shape;
    }
    /** Moves the array out. Only the single holder of the value may call it. */
    Array<T> taken() { return std::move(owner()); }

  private:
    struct PooledArray final : Array<T>
    {
        explicit PooledArray(Array<T>&& array) : Array<T>(std::move(array)) {}
        static void* operator new(std::size_t bytes) { return allocate_object(bytes); }
        static void operator delete(void* block, std::size_t bytes) { deallocate_object(block, bytes); }
    };

    Shape shape_;        // the shape of elements_
    Buffer<T> elements_; // empty once an array owns them
    mutable std::atomic<PooledArray*> array_{nullptr};
    PooledArray* owner_ = nullptr; // the array, once it owns the elements
};

inline const Shape& StoredValue::shape() const
{
    return scalar == Scalar::float32 ? static_cast<const StoredArray<float>*>(this)->shape()
                                     : static_cast<const StoredArray<double>*>(this)->shape();
}

inline void StoredValue::destroy() noexcept
{
    if (scalar == Scalar::float32)
        delete static_cast<StoredArray<float>*>(this);
    else
        delete static_cast<StoredArray<double>*>(this);
}

/** A counted reference to a value, or to none. */
class ValueHolder
{
  public:
    ValueHolder() = default;
    /** Takes over a new value. */
    explicit ValueHolder(StoredValue* value) noexcept : value_(value) {}
    ValueHolder(const ValueHolder& other) noexcept : value_(other.value_)
    {
        if (value_)
            value_->holders.fetch_add(1, std::memory_order_relaxed);
    }
    ValueHolder(ValueHolder&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
    ValueHolder& operator=(ValueHolder other) noexcept
    {
        std::swap(value_, other.value_);
        return *this;
    }
    ~ValueHolder()
    {
        if (value_)
            value_->drop_holder();
    }

    explicit operator bool() const { return value_ != nullptr; }
    StoredValue* get() const { return value_; }
    StoredValue* operator->() const { return value_; }
    StoredValue& operator*() const { return *value_; }

  private:
    StoredValue* value_ = nullptr;
};

} // namespace xgrad::detail
