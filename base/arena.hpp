#pragma once

#include <xgrad/base/memory.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace xgrad::detail
{

/** Memory that is handed out from large blocks and taken back all at once. */
class Arena
{
  public:
    Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    ~Arena() { shrink(0); }

    /** Returns storage of that many bytes. @param alignment  a power of two, at most 64 */
    void* take(std::size_t bytes, std::size_t alignment)
    {
        used_ = (used_ + alignment - 1) & ~(alignment - 1);
        while (current_ < blocks_.size() && used_ + bytes > blocks_[current_].bytes) {
            ++current_;
            used_ = 0;
        }
        if (current_ == blocks_.size()) {
            blocks_.reserve(current_ + 1);
            const std::size_t capacity = std::max(bytes, block_bytes);
            blocks_.push_back({static_cast<std::byte*>(allocate(capacity)), capacity});
        }
        void* place = blocks_[current_].begin + used_;
        used_ += bytes;
        return place;
    }

    /** Takes all memory back. Objects in it must have been destroyed before. A few blocks are kept for the next use. */
    void clear()
    {
        shrink(kept_blocks);
        current_ = 0;
        used_ = 0;
    }

    /** Gives blocks back until so many are left. Nothing may be in use. */
    void shrink(std::size_t count)
    {
        for (; blocks_.size() > count; blocks_.pop_back())
            deallocate(blocks_.back().begin, blocks_.back().bytes);
    }

  private:
    struct Block
    {
        std::byte* begin;
        std::size_t bytes;
    };
    static constexpr std::size_t block_bytes = std::size_t{1} << 16;
    static constexpr std::size_t kept_blocks = 64;

    std::vector<Block, PooledAllocator<Block>> blocks_;
    std::size_t current_ = 0, used_ = 0;
};

} // namespace xgrad::detail
