#include <xgrad/base/error.hpp>
#include <xgrad/graph/tape_store.hpp>

#include <fmt/core.h>

namespace xgrad::detail
{

constinit thread_local Context context{};

TapeStore::TapeStore() : number_(next_number()) {}

Origin TapeStore::push_node(const char* op, const Shape& shape)
{
    // Neighbours mostly have the same shape, and share it.
    const Shape* shared = nodes_.empty() ? nullptr : nodes_.back().shape;
    if (!shared || *shared != shape)
        shared = new (arena_.take(sizeof(Shape), alignof(Shape))) Shape(shape);
    nodes_.push_back({op, shared, nullptr});
    return {number_, nodes_.size() - 1};
}

void TapeStore::pop_nodes(std::size_t place) noexcept
{
    while (nodes_.size() > place) {
        destroy_rules(nodes_.size() - 1);
        nodes_.pop_back();
    }
}

void TapeStore::destroy_rules(std::size_t node) noexcept
{
    for (StoredRule* rule = std::exchange(nodes_[node].rules, nullptr); rule;) {
        StoredRule* const next = rule->next;
        rule->type->destroy(*rule);
        rule = next;
    }
}

void TapeStore::clear() noexcept
{
    pop_nodes(0);
    arena_.clear();
    consumed_ = 0;
    number_ = next_number();
}

void TapeStore::consume() noexcept
{
    const std::uint64_t number = number_;
    clear();
    consumed_ = number;
}

void TapeStore::shrink() noexcept
{
    arena_.shrink(0);
    spare_ = {};
}

bool can_reach(const TapeStore* store)
{
    const TapeStore* each = context.live;
    while (each && each != store)
        each = each->enclosing;
    return each && each->has_tape();
}

void throw_missing_rule(const char* op, std::size_t position)
{
    throw GraphError(fmt::format("[{}] there is no gradient rule for input {}: give one with wrt(x, rule), or pass the "
                                 "input through stop_gradient",
                                 op, position));
}

void check_origin(const char* op, std::size_t position, Origin input)
{
    if (input.tape <= Origin::leaf)
        return;
    for (const TapeStore* store = context.live; store; store = store->enclosing) {
        if (store->number() == input.tape && store->has_tape())
            return;
        if (store->was_consumed(input.tape))
            throw GraphError(fmt::format("[{}] input {} was recorded before gradient() consumed the tape: set "
                                         "keep_tape, or continue with stop_gradient(x)",
                                         op, position));
    }
    if (context.chunks > 0)
        throw GraphError(fmt::format("[{}] input {} was recorded outside of the loss function: a chunk's loss may use "
                                     "leaves and what it records itself; pass the value in as an array, or continue "
                                     "with stop_gradient(x)",
                                     op, position));
    throw GraphError(
        fmt::format("[{}] input {} was recorded on a tape that is gone or belongs to another thread: continue "
                    "with stop_gradient(x), or keep the tape in scope",
                    op, position));
}

} // namespace xgrad::detail
