#include <xgrad/base/error.hpp>
#include <xgrad/formats/onnx/to_onnx.hpp>
#include <xgrad/formats/onnx/writing.hpp>

namespace xgrad::onnx
{

namespace
{

template <class T>
Recording record_network(const std::function<Variable<T>(const Variable<T>&)>& network, const Parameters<T>& parameters,
                         const Array<T>& input, const std::string& name)
{
    const Variable<T> x = variable(input);
    return {graph_of_loss<T>([&] { return network(x); }, parameters, Parameters<T>{{name, x}}),
            xt::cast<double>(input)};
}

} // namespace

Model to_onnx(const Recording& smaller, const Recording& larger, const ExportOptions& options)
{
    if (options.type != ElementType::float32 && options.type != ElementType::float64)
        throw Error("[onnx] a model is exported in float32 or float64");
    const Recordings recordings(smaller, larger, options);
    return {.producer = "xgrad", .graph = GraphWriter(recordings, options).write(), .metadata = options.metadata};
}

template <class T>
Model to_onnx(const std::function<Variable<T>(const Variable<T>&)>& network, const Parameters<T>& parameters,
              const Array<T>& smaller, const Array<T>& larger, const ExportOptions& options)
{
    return to_onnx(record_network(network, parameters, smaller, options.input),
                   record_network(network, parameters, larger, options.input), options);
}

template Model to_onnx(const std::function<Variable<float>(const Variable<float>&)>&, const Parameters<float>&,
                       const Array<float>&, const Array<float>&, const ExportOptions&);
template Model to_onnx(const std::function<Variable<double>(const Variable<double>&)>&, const Parameters<double>&,
                       const Array<double>&, const Array<double>&, const ExportOptions&);

} // namespace xgrad::onnx
