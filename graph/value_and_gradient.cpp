#include <xgrad/base/error.hpp>
#include <xgrad/base/for_scope.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/joining.hpp>
#include <xgrad/base/ordered_sum.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/value_and_gradient.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace xgrad
{

template <class T>
ValueAndGradient<T> detail::Chunk<T>::differentiated(FunctionRef<Variable<T>()> loss) const
{
    Tape tape;
    const Variable<T> value = loss();
    if (value.size() != 1)
        throw GraphError(
            fmt::format("[value_and_gradient] the loss function gave an array of shape {}, a scalar is needed: "
                        "take the mean over the samples",
                        to_string(value.shape())));
    const Variable<T> upstream(Array<T>(value.shape(), weight));
    return {weight * value.item(), tape.vector_jacobian_product(value, upstream, parameters)};
}

namespace
{

/** The memory of a sum, which ranks send each other. @param sum  an empty one if the rank has none */
template <class T>
detail::Pieces pieces_of(ValueAndGradient<T>& sum, const Parameters<T>& parameters)
{
    if (sum.gradients.empty())
        for (const Variable<T>& parameter : parameters)
            sum.gradients.push_back(uninitialized<T>(parameter.shape()));
    detail::Pieces pieces;
    pieces.append(&sum.value, sizeof(T));
    for (Variable<T>& gradient : sum.gradients) {
        if (!detail::Access::is_only_holder(gradient)) // parameters that are added have one gradient
            gradient = Variable<T>(Array<T>(gradient.value()));
        pieces.append(gradient.mutable_data(), gradient.size() * sizeof(T));
    }
    return pieces;
}

} // namespace

template <class T>
ValueAndGradient<T> detail::sum_over_chunks(const Parameters<T>& parameters, const Samples& batch,
                                            const ChunkOptions& options,
                                            FunctionRef<ValueAndGradient<T>(const Chunk<T>&)> part)
{
    const std::size_t samples = batch.count;
    const std::size_t size =
        options.chunk ? *options.chunk : usual_chunk(parameters.element_count(), batch.elements * sizeof(T), samples);
    if (samples == 0 || size == 0)
        throw ShapeError(
            fmt::format("[value_and_gradient] {} samples in chunks of {}: both must be 1 or more", samples, size));
    const std::size_t chunks = (samples - 1) / size + 1;
    const auto add = [](ValueAndGradient<T>& sum, ValueAndGradient<T>& part) {
        sum.value += part.value;
        for (std::size_t i = 0; i < sum.gradients.size(); ++i)
            sum.gradients[i] = std::move(sum.gradients[i]) + part.gradients[i];
        part.gradients.clear();
    };
    const std::size_t ranks = options.ranks != nullptr ? options.ranks->size() : 1;
    const std::size_t rank = options.ranks != nullptr ? options.ranks->rank() : 0;
    const std::size_t together = added_together(chunks);
    const Shares shares(leaves_of(chunks), ranks);
    const std::size_t first = std::min(shares.begin(rank) * together, chunks);
    const std::size_t last = std::min(shares.end(rank) * together, chunks);
    OrderedSum<ValueAndGradient<T>, decltype(add)> total(chunks, add, first, last);
    const auto compute = [&](std::size_t i) {
        const std::size_t chunk = first + i;
        const std::size_t begin = chunk * size, end = begin + std::min(size, samples - begin);
        const T weight = static_cast<T>(end - begin) / static_cast<T>(samples);
        // What was recorded outside cannot be used, on any thread, even if this is the only chunk.
        const ForScope apart_from_outer_tapes(context, {.chunks = std::max({chunks, ranks, context.chunks})});
        tell_chunk(chunk);
        total.put(chunk, part({parameters, begin, end, weight}));
    };
    const auto compute_all = [&] { parallel_for_some(last - first, chunks, compute); };
    if (options.ranks == nullptr) {
        compute_all();
        return total.take();
    }
    Joining joining(*options.ranks, options.flags != nullptr ? *options.flags : 0);
    ValueAndGradient<T> result{};
    Pieces pieces;
    joining.attempt([&] {
        compute_all();
        result = total.take();
        pieces = pieces_of(result, parameters);
    });
    if (joining.has_failed()) {
        pieces = {};
        pieces.append(nullptr, (1 + parameters.element_count()) * sizeof(T));
    }
    joining.sum(shares, pieces, add_numbers<T>);
    if (options.flags != nullptr)
        *options.flags = joining.flags();
    return result;
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template struct detail::Chunk<T>;                                                                                  \
    template ValueAndGradient<T> detail::sum_over_chunks(const Parameters<T>&, const Samples&, const ChunkOptions&,    \
                                                         FunctionRef<ValueAndGradient<T>(const Chunk<T>&)>);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)

} // namespace xgrad
