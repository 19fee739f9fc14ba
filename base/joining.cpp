#include <xgrad/base/joining.hpp>
#include <xgrad/base/memory.hpp>

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

namespace xgrad::detail
{

void append_pieces(std::vector<Piece>& pieces, void* bytes, std::size_t count)
{
    constexpr std::size_t most = std::size_t{1} << 20;
    for (std::size_t offset = 0; offset < count; offset += most)
        pieces.push_back({static_cast<char*>(bytes) + offset, std::min(most, count - offset)});
}

void Joining::attempt(FunctionRef<void()> f)
{
    try {
        f();
    } catch (const std::bad_alloc&) {
        caught_ = std::current_exception();
        text_ = "there is not enough memory";
    } catch (const std::exception& e) {
        caught_ = std::current_exception();
        text_ = e.what();
    } catch (...) {
        caught_ = std::current_exception();
        text_ = "an exception without a text";
    }
    if (caught_) {
        state_.failed = ranks_.rank();
        state_.length = text_.size();
    }
}

/** Sends this rank's state. */
void Joining::tell(std::size_t to, bool has_pieces)
{
    state_.has_pieces = has_pieces ? 1 : 0;
    ranks_.send(&state_, sizeof(State), to);
    if (has_failed())
        ranks_.send(text_.data(), text_.size(), to);
}

/** Receives the state of another rank. @return whether pieces follow */
bool Joining::hear(std::size_t from)
{
    State state;
    ranks_.receive(&state, sizeof(State), from);
    state_.flags |= state.flags;
    if (state.failed == none)
        return state.has_pieces != 0;
    std::string text(state.length, ' ');
    ranks_.receive(text.data(), text.size(), from);
    if (!has_failed()) {
        state_.failed = state.failed;
        state_.length = state.length;
        text_ = std::move(text);
    }
    return false;
}

void Joining::add_up(const Shares& shares, std::span<const Piece> pieces,
                     FunctionRef<void(std::size_t k, const void* bytes)> add)
{
    const std::size_t rank = ranks_.rank();
    std::vector<std::size_t, PooledAllocator<std::size_t>> senders;
    std::optional<std::size_t> receiver;
    shares.join(
        rank,
        [&](std::size_t from) {
            if (hear(from))
                senders.push_back(from);
        },
        [&](std::size_t to) {
            const bool has_pieces = !has_failed() && !pieces.empty() && !shares.is_idle(rank);
            tell(to, has_pieces);
            if (has_pieces)
                receiver = to;
        });
    std::vector<char, PooledAllocator<char>> received;
    for (std::size_t k = 0; k < pieces.size(); ++k) {
        for (const std::size_t from : senders) {
            received.resize(std::max(received.size(), pieces[k].count));
            ranks_.receive(received.data(), pieces[k].count, from);
            if (!has_failed())
                add(k, received.data());
        }
        if (receiver)
            ranks_.send(pieces[k].bytes, pieces[k].count, *receiver);
    }
}

void Joining::meet()
{
    add_up(Shares(ranks_.size(), ranks_.size()), {}, [](std::size_t, const void*) {});
}

void Joining::finish()
{
    ranks_.broadcast(&state_, sizeof(State), 0);
    if (!has_failed())
        return;
    text_.resize(state_.length);
    ranks_.broadcast(text_.data(), text_.size(), 0);
    if (caught_)
        std::rethrow_exception(caught_);
    throw RankError(state_.failed, text_);
}

void Joining::broadcast(std::span<const Piece> pieces)
{
    for (const auto& [bytes, count] : pieces)
        ranks_.broadcast(bytes, count, 0);
}

} // namespace xgrad::detail
