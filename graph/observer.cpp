#include <xgrad/graph/observer.hpp>

namespace xgrad
{

constinit thread_local Observing* detail::observing_thread = nullptr;
constinit Observing* detail::observing_all = nullptr;

void OpCall::run()
{
    if (Observer* const next = Observing::at(observers_passed_++))
        return next->op(*this);
    op_(results_);
}

AnyVariable RuleCall::run()
{
    if (Observer* const next = Observing::at(observers_passed_++))
        return next->rule(*this);
    std::vector<AnyVariable> upstreams(upstreams_.begin(), upstreams_.end());
    return rule_(upstreams);
}

AnyVariable RuleCall::run(AnyVariable upstream) const
{
    std::vector<AnyVariable> upstreams(upstreams_.begin(), upstreams_.end());
    upstreams[0] = std::move(upstream);
    return rule_(upstreams);
}

Observing::Observing(Observer& observer, Threads threads)
    : observer_(observer),
      innermost_(threads == all ? detail::observing_all : detail::observing_thread),
      outer_(std::exchange(innermost_, this))
{}

Observing::~Observing()
{
    Observing** place = &innermost_;
    while (*place != this)
        place = &(*place)->outer_;
    *place = outer_;
}

Observer* Observing::at(std::size_t place)
{
    for (const Observing* innermost : {detail::observing_thread, detail::observing_all})
        for (const Observing* each = innermost; each; each = each->outer_)
            if (place-- == 0)
                return &each->observer_;
    return nullptr;
}

void detail::tell_chunk(std::size_t chunk)
{
    for (std::size_t place = 0; Observer* const observer = Observing::at(place); ++place)
        observer->chunk(chunk);
}

bool detail::an_observer_wants_parts()
{
    for (std::size_t place = 0; Observer* const observer = Observing::at(place); ++place)
        if (observer->wants_parts())
            return true;
    return false;
}

} // namespace xgrad
