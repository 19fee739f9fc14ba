#include <xgrad/base/error.hpp>
#include <xgrad/ranks/threads.hpp>

#include <fmt/core.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace xgrad
{

namespace
{

using Bytes = std::vector<unsigned char>;

/** A rank that waits for another one, which is gone. */
class Gone : public Error
{
  public:
    explicit Gone(std::size_t rank) : Error(fmt::format("[ranks] rank {} is gone", rank)) {}
};

/** The messages on their way. */
class Post
{
  public:
    explicit Post(std::size_t count) : is_gone_(count) {}

    void send(std::size_t from, std::size_t to, Bytes bytes)
    {
        const std::lock_guard lock(mutex_);
        if (is_gone_[to])
            throw Gone(to);
        messages_[{from, to}].push_back(std::move(bytes));
        changed_.notify_all();
    }
    Bytes receive(std::size_t from, std::size_t to)
    {
        std::unique_lock lock(mutex_);
        auto& queue = messages_[{from, to}];
        changed_.wait(lock, [&] { return !queue.empty() || is_gone_[from]; });
        if (queue.empty())
            throw Gone(from);
        Bytes bytes = std::move(queue.front());
        queue.pop_front();
        return bytes;
    }
    void leave(std::size_t rank)
    {
        const std::lock_guard lock(mutex_);
        is_gone_[rank] = true;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::pair<std::size_t, std::size_t>, std::deque<Bytes>> messages_;
    std::vector<bool> is_gone_;
};

class ThreadRank final : public Ranks
{
  public:
    ThreadRank(Post& post, std::size_t rank, std::size_t size) : post_(post), rank_(rank), size_(size) {}

    std::size_t rank() const override { return rank_; }
    std::size_t size() const override { return size_; }
    void send(const void* bytes, std::size_t count, std::size_t to) override
    {
        if (count == 0)
            return;
        const auto* const first = static_cast<const unsigned char*>(bytes);
        post_.send(rank_, to, Bytes(first, first + count));
    }
    void receive(void* bytes, std::size_t count, std::size_t from) override
    {
        if (count == 0)
            return;
        const Bytes message = post_.receive(from, rank_);
        if (message.size() != count)
            throw Error(
                fmt::format("[ranks] rank {} sent {} bytes, rank {} expected {}", from, message.size(), rank_, count));
        std::memcpy(bytes, message.data(), count);
    }
    void exchange(const void* sent, std::size_t sent_count, void* received, std::size_t received_count,
                  std::size_t other) override
    {
        send(sent, sent_count, other);
        receive(received, received_count, other);
    }
    void broadcast(void* bytes, std::size_t count, std::size_t from) override
    {
        if (rank_ != from)
            return receive(bytes, count, from);
        for (std::size_t to = 0; to < size_; ++to)
            if (to != rank_)
                send(bytes, count, to);
    }

  private:
    Post& post_;
    std::size_t rank_, size_;
};

} // namespace

void run_as_ranks(std::size_t count, const std::function<void(Ranks&)>& f)
{
    if (count == 0)
        throw Error("[ranks] 0 ranks: one or more are needed");
    Post post(count);
    std::vector<std::exception_ptr> errors(count);
    std::vector<char> by_itself(count, 0);
    const auto run = [&](std::size_t rank) {
        ThreadRank ranks(post, rank, count);
        try {
            f(ranks);
        } catch (const Gone&) {
            errors[rank] = std::current_exception();
        } catch (...) {
            errors[rank] = std::current_exception();
            by_itself[rank] = 1;
        }
        post.leave(rank);
    };
    std::vector<std::jthread> others;
    for (std::size_t rank = 1; rank < count; ++rank)
        others.emplace_back(run, rank);
    run(0);
    others.clear();
    for (const bool reasons : {true, false}) // before their consequences
        for (std::size_t rank = 0; rank < count; ++rank)
            if (errors[rank] && (by_itself[rank] != 0) == reasons)
                std::rethrow_exception(errors[rank]);
}

} // namespace xgrad
