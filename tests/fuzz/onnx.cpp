// ONNX models. What is read can be written.

#include "input.hpp"
#include <xgrad/formats/onnx/model.hpp>

#include <cstdlib>
#include <string_view>

using namespace xgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::may_refuse([&] {
        const onnx::Model model = onnx::read_model({reinterpret_cast<const char*>(data), size}, "file");
        const std::string written = onnx::model_bytes(model, "file");
        if (onnx::model_bytes(onnx::read_model(written, "file"), "file") != written)
            std::abort();
    });
    return 0;
}
