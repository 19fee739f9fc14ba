#include <xgrad/base/error.hpp>
#include <xgrad/base/joining.hpp>

#include <fmt/core.h>

#include <utility>

namespace xgrad::detail
{

void Joining::attempt(FunctionRef<void()> f)
{
    try {
        f();
    } catch (const std::exception& e) {
        caught_ = std::current_exception();
        text_ = e.what();
    } catch (...) {
        caught_ = std::current_exception();
        text_ = "an exception without a text";
    }
    if (caught_)
        header_ = {ranks_.rank(), text_.size()};
}

void Joining::send(std::span<const Piece> pieces, std::size_t to)
{
    ranks_.send(&header_, sizeof(Header), to);
    if (header_.failed != none)
        return ranks_.send(text_.data(), text_.size(), to);
    for (const auto& [bytes, count] : pieces)
        ranks_.send(bytes, count, to);
}

bool Joining::receive(std::span<const Piece> pieces, std::size_t from)
{
    Header header;
    ranks_.receive(&header, sizeof(Header), from);
    if (header.failed == none) {
        for (const auto& [bytes, count] : pieces)
            ranks_.receive(bytes, count, from);
        return true;
    }
    std::string text(header.length, ' ');
    ranks_.receive(text.data(), text.size(), from);
    if (header_.failed == none) {
        header_ = header;
        text_ = std::move(text);
    }
    return false;
}

void Joining::finish()
{
    ranks_.broadcast(&header_, sizeof(Header), 0);
    if (header_.failed == none)
        return;
    text_.resize(header_.length);
    ranks_.broadcast(text_.data(), text_.size(), 0);
    if (caught_)
        std::rethrow_exception(caught_);
    throw Error(fmt::format("rank {}: {}", header_.failed, text_));
}

void Joining::broadcast(std::span<const Piece> pieces)
{
    for (const auto& [bytes, count] : pieces)
        ranks_.broadcast(bytes, count, 0);
}

} // namespace xgrad::detail
