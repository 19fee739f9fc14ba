#pragma once

#include <xgrad/graph/variable.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad
{

/** A list of variables: gradients, or the variables that they are taken with respect to. */
template <class T>
using Variables = std::vector<Variable<T>, PooledAllocator<Variable<T>>>;

/** The named leaves of a model, in a fixed order: "c1.weight", "c1.bias", … A leaf that two
 *  layers share is there once, under its first name.
 *
 *      Parameters<T> parameters() const { return {{"weight", weight}, {"bias", bias}}; }             // of a layer
 *      Parameters<T> parameters() const { return {{"c1", c1.parameters()}, {"f6", f6.parameters()}}; } // of a model */
template <class T>
class Parameters
{
  public:
    struct Part
    {
        std::string name; ///< the name of a layer; empty for a leaf
        Parameters parameters;
        Part(std::string leaf_name, const Variable<T>& leaf) { parameters.add(std::move(leaf_name), leaf); }
        Part(std::string part, Parameters inner) : name(std::move(part)), parameters(std::move(inner)) {}
    };

    Parameters() = default;
    Parameters(std::initializer_list<Part> parts)
    {
        for (const Part& part : parts)
            add(part.name, part.parameters);
    }

    /** Appends one leaf, unless it is there under another name. @throws GraphError if it is not a leaf or the name is
     *  taken */
    void add(std::string name, const Variable<T>& leaf);
    /** Appends another list, with "prefix." before its names. */
    void add(const std::string& prefix, const Parameters& parameters);

    std::size_t size() const { return variables_.size(); }
    const std::string& name(std::size_t index) const { return names_[index]; }
    const Variable<T>& operator[](std::size_t index) const { return variables_[index]; }
    /** The parameter of that name. @throws GraphError if there is none */
    const Variable<T>& operator[](std::string_view name) const;
    /** The places of the parameter ("c1.weight") or of the layer's parameters ("c1") of that name, if any. */
    std::vector<std::size_t> places_of(std::string_view name) const;
    const Variables<T>& variables() const { return variables_; }
    /** The total number of elements of all parameters. */
    std::size_t element_count() const;

    auto begin() const { return variables_.begin(); }
    auto end() const { return variables_.end(); }

  private:
    std::vector<std::string> names_;
    Variables<T> variables_;
};

extern template class Parameters<float>;
extern template class Parameters<double>;

} // namespace xgrad
