#pragma once
// An ONNX model as it is in a file: https://onnx.ai/onnx/repo-docs/IR.html

#include <xgrad/formats/any_array.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace xgrad::onnx
{

struct Graph;

/** A tensor of a file. A file may have tensors that are not read, such as texts: these have a reason instead. */
class Tensor
{
  public:
    Tensor(AnyArray array) : array_(std::move(array)) {}
    /** A tensor that is not read.
     *  @param file  begins the error of who asks for it; all tensors of a file share it
     *  @param why  ends it */
    static Tensor unread(std::shared_ptr<const std::string> file, std::string why);

    bool is_read() const { return file_ == nullptr; }
    /** The elements. @throws DataError if they are not read */
    const AnyArray& array() const;

  private:
    AnyArray array_;
    std::shared_ptr<const std::string> file_ = nullptr; // of a tensor that is not read
    std::string why_ = {};
};

/** An extent: a number, or a name for one that is free. The name is empty if nothing is known of it. */
using Dimension = std::variant<std::int64_t, std::string>;

/** An input or an output of a graph. */
struct Value
{
    std::string name = {};
    std::optional<ElementType> type = {};             ///< none if it is not a tensor of numbers
    std::optional<std::vector<Dimension>> shape = {}; ///< none if the number of axes is open
};

/** An attribute of a node. */
struct Attribute
{
    /** A kind that is not read, such as a list of tensors. */
    struct Unread
    {};
    using Value = std::variant<Unread, std::int64_t, float, std::string, Tensor, std::vector<std::int64_t>,
                               std::vector<float>, std::vector<std::string>, std::shared_ptr<const Graph>>;

    std::string name = {};
    Value value = {};
};

/** An op of a graph. An input that is left out has an empty name.
 *
 *  The accessors return the value of an attribute, or the alternative if the node has none of this name. They throw
 *  DataError if it is of another kind, or if there is none and no alternative was given. */
struct Node
{
    std::string name = {}, op = {}, domain = {};
    std::vector<std::string> inputs = {}, outputs = {};
    std::vector<Attribute> attributes = {};

    /** An attribute; nullptr if there is none of this name. */
    const Attribute* find(std::string_view attribute) const;

    std::int64_t integer(std::string_view attribute, std::optional<std::int64_t> alternative = {}) const;
    float real(std::string_view attribute, std::optional<float> alternative = {}) const;
    std::string text(std::string_view attribute, std::optional<std::string> alternative = {}) const;
    std::vector<std::int64_t> integers(std::string_view attribute,
                                       std::optional<std::vector<std::int64_t>> alternative = {}) const;
    std::vector<float> reals(std::string_view attribute, std::optional<std::vector<float>> alternative = {}) const;
    std::vector<std::string> texts(std::string_view attribute,
                                   std::optional<std::vector<std::string>> alternative = {}) const;
    const AnyArray& tensor(std::string_view attribute) const;
    const Graph& graph(std::string_view attribute) const;
};

/** The node as errors name it: "node 'conv1' (Conv)", or by its first output if it has no name. */
std::string to_string(const Node& node);

/** Nodes, each behind those whose outputs it reads, and the tensors that they read. */
struct Graph
{
    std::string name = {};
    std::vector<Node> nodes = {};
    std::vector<std::pair<std::string, Tensor>> initializers = {}; ///< the weights, by name
    std::vector<Value> inputs = {};                                ///< old files have the weights among them
    std::vector<Value> outputs = {};

    /** An initializer; nullptr if there is none of this name. */
    const Tensor* find(std::string_view initializer) const;
};

struct Model
{
    std::int64_t ir_version = 8;
    std::int64_t opset = 17; ///< the version of ONNX' own operators; 0 if the file names none
    std::string producer = {};
    Graph graph = {};
    std::map<std::string, std::string> metadata = {};
};

/** Reads a model. Tensors of texts, of complex numbers and sparse ones are errors only for who asks for them. Tensors
 *  in another file are read if it is in the same folder. Descriptions and types of intermediate values are passed over.
 *
 *  It trusts nothing in the file, and takes no more memory than 64 times its size, and once the size of other files
 *  with its tensors.
 *  @throws DataError if the file is missing, damaged or of another format, has no graph, has tensors of more than 8
 *          axes, or nests graphs deeper than 16 */
Model read_model(const std::filesystem::path& path);

/** Reads a model from bytes. Tensors in other files are not read.
 *  @param name  the name of the file, for errors */
Model read_model(std::string_view bytes, const std::string& name);

/** Writes a model. The same model gives the same bytes.
 *
 *  @throws DataError if it takes more than 2 GiB, which the format does not allow, if a tensor was not read, or if the
 *          file cannot be written */
void write_model(const std::filesystem::path& path, const Model& model);

/** The bytes that write_model writes. @param name  the name of the file, for errors */
std::string model_bytes(const Model& model, const std::string& name);

} // namespace xgrad::onnx
