#pragma once
// The writing of a recorded graph as an ONNX graph: nodes, constants, and the op that is being written. Not for users.

#include <xgrad/formats/onnx/to_onnx.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::onnx
{

/** An extent in the two recordings. It is free if it differs. */
struct Extent
{
    std::size_t smaller = 0, larger = 0;

    bool is_free() const { return smaller != larger; }
    friend bool operator==(const Extent&, const Extent&) = default;
};

/** Two recordings of the same network. */
class Recordings
{
  public:
    /** @throws Error unless they have the same ops */
    Recordings(const Recording& smaller, const Recording& larger, const ExportOptions& options);

    const GraphValue& smaller(std::size_t place) const { return smaller_.graph.values[place]; }
    const GraphValue& larger(std::size_t place) const { return larger_.graph.values[place]; }
    const xgrad::Graph& graph() const { return smaller_.graph; }

    std::vector<Extent> extents(std::size_t place) const;
    std::vector<Extent> input_extents() const;
    bool is_input(std::size_t place) const { return smaller(place).op.empty() && smaller(place).name == input_name_; }
    /** True if a value is computed from the input. */
    bool depends(std::size_t place) const { return depends_[place]; }
    /** True if an op takes the positions that the numbers of the input are: an embedding. */
    bool takes_input(std::size_t place) const;
    /** The number of ops that read a value, and one more if it is the output. */
    std::size_t uses(std::size_t place) const { return uses_[place]; }

    /** The value as errors name it: "the op 'gather' of the layer 'c1'". */
    std::string described(std::size_t place) const;

  private:
    void compare() const;

    const Recording &smaller_, &larger_;
    std::string input_name_;
    std::vector<bool> depends_;
    std::vector<std::size_t> uses_;
};

class RecordedOp;

/** A value of the graph that is being written: the output of a node, an input, or an initializer. */
struct Term
{
    RecordedOp* op;
    std::string name;
};

/** The graph that is being written. */
class GraphWriter
{
  public:
    GraphWriter(const Recordings& recordings, const ExportOptions& options)
        : recordings_(recordings), options_(options), names_{options.input, options.output}
    {}

    /** Writes all ops. @return  the graph */
    Graph write();

    const Recordings& recordings() const { return recordings_; }
    const std::string& input_name() const { return options_.input; }
    ElementType type() const { return options_.type; }

    /** Appends a node. @param name  the name of the node and of its output, unless it is taken */
    std::string node(const std::string& name, const std::string& op, std::vector<std::string> inputs,
                     std::vector<Attribute> attributes);
    /** The node with an output; nullptr if it is an input or an initializer. */
    Node* producer(const std::string& output);
    /** Adds an initializer, or finds one that is the same. @return  its name */
    std::string initializer(const std::string& name, const AnyArray& array);
    std::string number(double number);
    std::string integers(const std::vector<std::int64_t>& numbers);
    /** The name of a value. One that does not depend on the input becomes an initializer.
     *  @param shape  the shape of this initializer, if it is not that of the value */
    std::string name_of(std::size_t place, const std::optional<Shape>& shape = {});
    /** The name of a vector of extents. */
    std::string shape(const std::vector<Extent>& extents);
    /** Numbers in the model's type. */
    AnyArray real(const Array<double>& values) const;

    /** A name for what is made for a value: its layer and the op. */
    std::string base_name(std::size_t place, const std::string& op) const;

  private:
    /** Gives the output its name, removes constants that nothing reads, and declares inputs and outputs. */
    void finish(std::size_t output);
    std::string unique(const std::string& name);
    std::string constant(std::size_t place, const std::optional<Shape>& shape);
    /** A name for a constant of so many numbers: that of the only weight that it is made of, if it has as many; that of
     *  its op, if it is made of weights; else "constant", with its layer. */
    std::string constant_name(std::size_t place, std::size_t size) const;
    /** The name of a vector of one free extent, computed from the input's. */
    std::string free_extent(const Extent& extent);
    Value value_info(const std::string& name, const std::vector<Extent>& extents) const;
    std::string axis_name(const Extent& extent) const;

    const Recordings& recordings_;
    const ExportOptions& options_;
    Graph graph_;
    std::set<std::string> names_;
    std::map<std::string, std::size_t> node_places_; // by output
    std::map<std::size_t, std::string> written_;     // the names of values
};

/** An op of the recordings, as its writer sees it. */
class RecordedOp
{
  public:
    RecordedOp(GraphWriter& graph, std::size_t place) : graph_(graph), place_(place) {}

    const GraphValue& value() const { return graph_.recordings().smaller(place_); }
    const Attributes& attributes() const { return value().attributes; }
    const Attributes& larger_attributes() const { return graph_.recordings().larger(place_).attributes; }
    const std::string& name() const { return value().op; }
    double number(std::size_t i) const { return attributes().numbers.at(i); }

    std::size_t inputs() const { return value().inputs.size(); }
    Term input(std::size_t i = 0) { return {this, graph_.name_of(value().inputs[i])}; }
    std::vector<Term> all_inputs();
    ElementType type() const { return graph_.type(); }
    const GraphValue& recorded_input(std::size_t i) const { return recorded(value().inputs[i]); }
    const GraphValue& recorded(std::size_t place) const { return graph_.recordings().smaller(place); }
    bool is_constant(std::size_t i) const { return !graph_.recordings().depends(value().inputs[i]); }
    const Array<double>& constant(std::size_t i) const { return graph_.recordings().smaller(value().inputs[i]).value; }
    /** A constant input in another shape. */
    Term constant_as(std::size_t i, const Shape& shape) { return {this, graph_.name_of(value().inputs[i], shape)}; }
    bool takes_input() const { return graph_.recordings().takes_input(place_); }
    Term network_input() { return {this, graph_.input_name()}; }
    /** The node that computes an input which nothing else reads; nullptr if there is none. */
    Node* only_producer(std::size_t i);

    std::size_t rank(std::size_t i = 0) const { return extents(i).size(); }
    std::vector<Extent> extents(std::size_t i = 0) const { return graph_.recordings().extents(value().inputs[i]); }
    std::vector<Extent> result() const { return graph_.recordings().extents(place_); }

    Term node(const std::string& op, const std::vector<Term>& inputs, std::vector<Attribute> attributes = {});
    /** An input of a node that is left out. */
    Term none() { return {this, ""}; }
    /** The name of an input. */
    std::string input_name(std::size_t i) { return graph_.name_of(value().inputs[i]); }
    Term number_term(double number) { return {this, graph_.number(number)}; }
    Term integers(const std::vector<std::int64_t>& numbers) { return {this, graph_.integers(numbers)}; }
    /** A constant array. */
    Term array(const std::string& what, const AnyArray& array) { return {this, graph_.initializer(what, array)}; }
    Term reals(const std::string& what, const Array<double>& values) { return array(what, graph_.real(values)); }
    Term shape(const std::vector<Extent>& extents) { return {this, graph_.shape(extents)}; }

    /** @throws Error always: the op cannot be exported */
    [[noreturn]] void refuse(const std::string& why) const;

  private:
    GraphWriter& graph_;
    std::size_t place_;
};

// Terms are written as formulas. A number becomes a constant.

Term operator+(const Term& a, const Term& b);
Term operator-(const Term& a, const Term& b);
Term operator*(const Term& a, const Term& b);
Term operator/(const Term& a, const Term& b);
Term operator+(const Term& a, double b);
Term operator-(double a, const Term& b);
Term operator*(double a, const Term& b);

/** Calls an operator of ONNX. */
Term call(const char* op, const Term& x);
Term call(const char* op, const Term& a, const Term& b);

/** The function that writes an op; nullptr if it has no counterpart in ONNX. */
using WriteOp = std::function<Term(RecordedOp& op)>;
const WriteOp* writer_of(const std::string& op);

/** Writes an operator of two operands. One of them may be a number. */
Term write_of_two(RecordedOp& op, const char* operator_name);
/** A vector of ones. */
Term unit_scale(RecordedOp& op, std::size_t count);
/** Gives x the shape of the op's result. */
Term write_reshaped(RecordedOp& op, const Term& x);

/** Attributes by name. */
Attribute integer(const char* name, std::size_t value);
Attribute integers(const char* name, const std::vector<std::size_t>& values);

// The writers of ops that are more than a row of the table, by family.

Term write_add(RecordedOp& op);
Term write_multiply(RecordedOp& op);
Term write_divide(RecordedOp& op);
Term write_matmul(RecordedOp& op);
Term write_standardize(RecordedOp& op);
Term write_rms_normalize(RecordedOp& op);

Term write_correlation(RecordedOp& op);
Term write_correlation_input(RecordedOp& op);
Term write_max_pooling(RecordedOp& op);
Term write_mean_pooling(RecordedOp& op);
Term write_sum_pooling(RecordedOp& op);
Term write_norm_pooling(RecordedOp& op);
Term write_block_sum(RecordedOp& op);
Term write_upsample(RecordedOp& op);
Term write_patches(RecordedOp& op);

Term write_reshape(RecordedOp& op);
Term write_transpose(RecordedOp& op);
Term write_slice(RecordedOp& op);
Term write_flip(RecordedOp& op);
Term write_rot180(RecordedOp& op);
Term write_pad(RecordedOp& op);
Term write_gather(RecordedOp& op);
Term write_unstack(RecordedOp& op);

} // namespace xgrad::onnx
