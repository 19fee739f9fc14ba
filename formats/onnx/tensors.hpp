#pragma once
// Tensors in ONNX files: the elements lie in the message, as bytes or as a list of numbers, or in another file.

#include <xgrad/formats/onnx/model.hpp>
#include <xgrad/formats/protobuf.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace xgrad::onnx
{

/** The type of elements that has a number in the format; none for texts, complex numbers and the like. */
std::optional<ElementType> element_type(std::int64_t number);
std::int64_t element_number(ElementType type);

/** Reads an entry of metadata: key and value. */
std::pair<std::string, std::string> read_entry(protobuf::Message message);

/** Reads tensors. */
class TensorReader
{
  public:
    /** @param name    begins each error: the format and the file
     *  @param folder  the folder with other files that hold tensors, or none */
    TensorReader(const std::string& name, std::optional<std::filesystem::path> folder)
        : name_(std::make_shared<const std::string>(name)), folder_(std::move(folder))
    {}

    /** Returns the name of a tensor, and the tensor. @throws DataError if it is damaged */
    std::pair<std::string, Tensor> read(const protobuf::Message& message);

    /** A tensor that is not read. @param what  continues "tensor 'w' " */
    Tensor unread(const std::string& tensor, const std::string& what) const;

  private:
    std::shared_ptr<const std::string> name_;
    std::optional<std::filesystem::path> folder_;
    std::map<std::string, std::uint64_t> read_; // the bytes that tensors took from each other file
};

/** Writes the fields of a tensor. */
void write_tensor(protobuf::Writer& writer, const std::string& name, const AnyArray& array);

} // namespace xgrad::onnx
