#include "protocol.hpp"

#include <xgrad/base/error.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>

namespace xgrad::gradbench
{

namespace
{

Shape shape_of(const json& lists)
{
    Shape shape;
    for (const json* list = &lists; list->is_array(); list = &list->front()) {
        shape.push_back(list->size());
        if (list->empty())
            break;
    }
    return shape;
}

template <class T>
void collect(const json& lists, std::vector<T>& numbers)
{
    if (!lists.is_array())
        numbers.push_back(lists.get<T>());
    else
        for (const json& each : lists)
            collect(each, numbers);
}

template <class T>
Array<T> copied(const json& lists)
{
    std::vector<T> numbers;
    collect(lists, numbers);
    Array<T> result(shape_of(lists));
    if (numbers.size() != result.size())
        throw Error("[gradbench] the lists of an array have different sizes");
    std::copy(numbers.begin(), numbers.end(), result.data());
    return result;
}

json lists(const double*& from, const std::size_t* extent, std::size_t axes)
{
    if (axes == 0)
        return *from++;
    json result = json::array();
    for (std::size_t i = 0; i < *extent; ++i)
        result.push_back(lists(from, extent + 1, axes - 1));
    return result;
}

} // namespace

Array<double> array_of(const json& lists) { return copied<double>(lists); }
Labels labels_of(const json& lists) { return copied<std::int32_t>(lists); }

json json_of(const Array<double>& x)
{
    const double* from = x.data();
    return lists(from, x.shape().data(), x.dimension());
}

std::vector<Eval> evals()
{
    return {ba(), det(), gmm(), hello(), ht(), kmeans(), llsq(), lse(), lstm(), ode(), particle(), saddle()};
}

void run(const Eval& eval, const std::string& function, const json& input)
{
    using Clock = std::chrono::steady_clock;
    const auto since = [](Clock::time_point begin) {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
    };
    for (const Function& each : eval.functions) {
        if (each.name != function)
            continue;
        const bool counted = input.is_object();
        const std::int64_t runs = counted ? input.value("min_runs", std::int64_t{1}) : 1;
        const double seconds = counted ? input.value("min_seconds", 0.) : 0;

        Clock::time_point begin = Clock::now();
        const Computation computation = each.prepare(input);
        const auto preparation = since(begin);
        std::vector<std::int64_t> times;
        for (double total = 0; times.empty() || std::ssize(times) < runs || total < seconds;
             total += 1e-9 * static_cast<double>(times.back()))
        {
            begin = Clock::now();
            computation.compute();
            times.push_back(since(begin));
        }
        std::printf("%s\n", computation.output().dump().c_str());
        std::printf("%s\n", json{{"name", "prepare"}, {"nanoseconds", preparation}}.dump().c_str());
        for (const std::int64_t time : times)
            std::printf("%s\n", json{{"name", "evaluate"}, {"nanoseconds", time}}.dump().c_str());
        return;
    }
    std::string known;
    for (const Function& each : eval.functions)
        known += (known.empty() ? "" : ", ") + each.name;
    throw Error("[gradbench] " + eval.name + " has no function '" + function + "'; it has " + known);
}

} // namespace xgrad::gradbench
