#include <xgrad/base/joining.hpp>

#include <algorithm>
#include <cstring>
#include <new>

namespace xgrad::detail
{

namespace
{

using Range = Pieces::Range;

/** The longest message, so that the buffers stay in the caches. */
constexpr std::size_t longest = std::size_t{1} << 20;
/** Up to here a copy of the numbers costs less than a message of its own for the state. */
constexpr std::size_t longest_with_state = std::size_t{1} << 17;

/** The blocks in which numbers are shared out: several for each rank, but not too small ones. */
struct Blocks
{
    std::size_t count, bytes, size;

    Blocks(std::size_t all, std::size_t ranks) : size(all)
    {
        constexpr std::size_t smallest = 4096, aligned = 64; // no number lies in two blocks
        const std::size_t wanted = std::clamp<std::size_t>(size / smallest, 1, 8 * ranks);
        bytes = (size / wanted / aligned + 1) * aligned;
        count = size / bytes + 1;
    }
    Range operator()(std::size_t begin, std::size_t end) const
    {
        return {std::min(begin * bytes, size), std::min(end * bytes, size)};
    }
};

void replace(void* to, const void* from, std::size_t count) { std::memcpy(to, from, count); }

} // namespace

void Pieces::append(void* bytes, std::size_t count)
{
    pieces_.push_back({static_cast<char*>(bytes), size_, size_ + count});
    size_ += count;
}

const Pieces::Piece& Pieces::piece_at(std::size_t byte) const
{
    return *std::upper_bound(pieces_.begin(), pieces_.end(), byte,
                             [](std::size_t at, const Piece& piece) { return at < piece.end; });
}

char* Pieces::in_place(Range range) const
{
    if (range.size() == 0)
        return nullptr;
    const Piece& piece = piece_at(range.begin);
    return piece.bytes != nullptr && range.end <= piece.end ? piece.bytes + (range.begin - piece.offset) : nullptr;
}

/** Calls f(bytes, count, offset) for each part of a range that lies in one piece, and its offset in the range. */
template <class F>
void Pieces::for_each(Range range, F f) const
{
    for (std::size_t at = range.begin; at < range.end;) {
        const Piece& piece = piece_at(at);
        const std::size_t end = std::min(range.end, piece.end);
        f(piece.bytes != nullptr ? piece.bytes + (at - piece.offset) : nullptr, end - at, at - range.begin);
        at = end;
    }
}

void Pieces::copy(Range range, char* to) const
{
    for_each(range, [&](const char* bytes, std::size_t count, std::size_t offset) {
        if (bytes != nullptr)
            std::memcpy(to + offset, bytes, count);
        else
            std::memset(to + offset, 0, count);
    });
}

void Pieces::put(Range range, const char* numbers, Put put) const
{
    for_each(range, [&](char* bytes, std::size_t count, std::size_t offset) {
        if (bytes != nullptr)
            put(bytes, numbers + offset, count);
    });
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

void Joining::unite(const State& other)
{
    state_.flags |= other.flags;
    if (other.failed < state_.failed) {
        state_.failed = other.failed;
        state_.length = other.length;
    }
}

/** Gives another rank a range of the numbers, and takes a range from it, which is put into this rank's. The states go
 *  in the first message; a short range goes with them. */
void Joining::exchange(std::size_t other, const Pieces& pieces, Range given, Range taken, Pieces::Put put)
{
    const auto with_state = [](Range& range) {
        return range.cut(range.size() <= longest_with_state ? longest_with_state : 0);
    };
    Range out = with_state(given), in = with_state(taken);
    sent_.resize(std::max(sent_.size(), sizeof(State) + out.size()));
    received_.resize(std::max(received_.size(), sizeof(State) + in.size()));
    std::memcpy(sent_.data(), &state_, sizeof(State));
    pieces.copy(out, sent_.data() + sizeof(State));
    ranks_.exchange(sent_.data(), sizeof(State) + out.size(), received_.data(), sizeof(State) + in.size(), other);
    State state;
    std::memcpy(&state, received_.data(), sizeof(State));
    unite(state);
    pieces.put(in, received_.data() + sizeof(State), put);

    while (given.size() + taken.size() > 0) {
        out = given.cut(longest);
        in = taken.cut(longest);
        const char* sent = pieces.in_place(out);
        if (sent == nullptr) {
            sent_.resize(std::max(sent_.size(), out.size()));
            pieces.copy(out, sent_.data());
            sent = sent_.data();
        }
        if (char* const place = put == replace ? pieces.in_place(in) : nullptr) {
            ranks_.exchange(sent, out.size(), place, in.size(), other);
        } else {
            received_.resize(std::max(received_.size(), in.size()));
            ranks_.exchange(sent, out.size(), received_.data(), in.size(), other);
            pieces.put(in, received_.data(), put);
        }
    }
}

void Joining::sum(const Shares& shares, const Pieces& pieces, Pieces::Put add)
{
    const std::size_t rank = ranks_.rank();
    const Blocks blocks(pieces.size(), ranks_.size());
    const Shares::Meetings meetings = shares.meetings(rank, blocks.count);
    struct Part
    {
        std::size_t other;
        Range own, others;
    };
    const auto part_of = [&](const Meeting& each) {
        const Range lefts = blocks(each.begin, each.middle), rights = blocks(each.middle, each.end);
        return rank == each.left ? Part{each.right, lefts, rights} : Part{each.left, rights, lefts};
    };
    for (const Meeting& each : meetings) {
        const auto [other, own, others] = part_of(each);
        if (each.adds)
            exchange(other, pieces, others, own, add);
        else
            exchange(other, pieces, {}, {}, add);
    }
    for (auto each = meetings.rbegin(); each != meetings.rend(); ++each) {
        const auto [other, own, others] = part_of(*each);
        exchange(other, pieces, own, others, replace);
    }
    throw_if_failed();
}

void Joining::meet() { sum(Shares(ranks_.size(), ranks_.size()), {}, nullptr); }

void Joining::throw_if_failed()
{
    if (!has_failed())
        return;
    if (state_.failed != ranks_.rank())
        text_.assign(state_.length, ' ');
    ranks_.broadcast(text_.data(), text_.size(), state_.failed);
    if (caught_)
        std::rethrow_exception(caught_);
    throw RankError(state_.failed, text_);
}

} // namespace xgrad::detail
