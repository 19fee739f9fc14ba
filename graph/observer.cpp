#include <xgrad/graph/observer.hpp>

#include <algorithm>

namespace xgrad
{

namespace detail
{

constinit thread_local std::size_t observers_of_thread = 0;
std::atomic<std::size_t> observers_of_all{0};

} // namespace detail

namespace
{

using Observers = std::vector<Observer*>;

Observers& of_thread()
{
    static thread_local Observers observers;
    return observers;
}
Observers& of_all()
{
    static Observers observers;
    return observers;
}

/** The observer at a place of the order in which observers see what runs, or null behind the last one. */
Observer* observer_at(std::size_t place)
{
    const Observers &own = of_thread(), &all = of_all();
    if (place < own.size())
        return own[own.size() - 1 - place];
    place -= own.size();
    return place < all.size() ? all[all.size() - 1 - place] : nullptr;
}

} // namespace

void OpCall::run()
{
    if (Observer* const next = observer_at(observers_passed_++))
        return next->op(*this);
    op_(results_);
}

AnyVariable RuleCall::run()
{
    if (Observer* const next = observer_at(observers_passed_++))
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

Observing::Observing(Observer& observer, Threads threads) : observer_(observer), threads_(threads)
{
    (threads == all ? of_all() : of_thread()).push_back(&observer);
    if (threads == all)
        ++detail::observers_of_all;
    else
        ++detail::observers_of_thread;
}

Observing::~Observing()
{
    Observers& observers = threads_ == all ? of_all() : of_thread();
    observers.erase(std::find(observers.begin(), observers.end(), &observer_));
    if (threads_ == all)
        --detail::observers_of_all;
    else
        --detail::observers_of_thread;
}

void detail::tell_chunk(std::size_t chunk)
{
    for (std::size_t place = 0; Observer* const observer = observer_at(place); ++place)
        observer->chunk(chunk);
}

bool detail::an_observer_wants_parts()
{
    for (std::size_t place = 0; Observer* const observer = observer_at(place); ++place)
        if (observer->wants_parts())
            return true;
    return false;
}

} // namespace xgrad
