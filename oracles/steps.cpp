#include "steps.hpp"

#include "bouvrie.hpp"

namespace oracles
{

bool is_parameter(const std::string& name)
{
    const std::string what = name.substr(name.find('.') + 1);
    return what != "input" && what != "u" && what != "output";
}

Tensors run(const Steps& steps, const Tensors& values)
{
    Tensors delta;
    for (const Step& step : steps)
        delta[step.name] = step.compute(values, delta);
    return delta;
}

Tensor shares(const std::vector<Tensor>& of_samples)
{
    std::vector<std::size_t> shape = of_samples.front().shape;
    shape.insert(shape.begin(), of_samples.size());
    Tensor all(shape);
    std::size_t position = 0;
    for (const Tensor& one : of_samples)
        for (const double element : one.data)
            all.data[position++] = element / static_cast<double>(of_samples.size());
    return all;
}

Tensor joined(const Step& step, const std::vector<Tensor>& of_samples)
{
    if (step.join)
        return step.join(of_samples);
    return is_parameter(step.name) ? b24(of_samples) : shares(of_samples);
}

} // namespace oracles
