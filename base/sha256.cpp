#include <xgrad/base/sha256.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace xgrad
{

namespace
{

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
constexpr std::array<std::uint32_t, 64> constants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t big_endian(const std::uint8_t* bytes)
{
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

} // namespace

void Sha256::mix(const std::uint8_t* block)
{
    std::array<std::uint32_t, 64> w;
    for (std::size_t t = 0; t < 16; ++t)
        w[t] = big_endian(block + 4 * t);
    for (std::size_t t = 16; t < 64; ++t) {
        const std::uint32_t x = w[t - 2], y = w[t - 15];
        w[t] = (std::rotr(x, 17) ^ std::rotr(x, 19) ^ x >> 10) + w[t - 7] +
               (std::rotr(y, 7) ^ std::rotr(y, 18) ^ y >> 3) + w[t - 16];
    }
    auto [a, b, c, d, e, f, g, h] = state_;
    for (std::size_t t = 0; t < 64; ++t) {
        const std::uint32_t first =
            h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + constants[t] + w[t];
        const std::uint32_t second =
            (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    const std::array<std::uint32_t, 8> mixed = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < mixed.size(); ++i)
        state_[i] += mixed[i];
}

void Sha256::append(const void* bytes, std::size_t count)
{
    const auto* next = static_cast<const std::uint8_t*>(bytes);
    while (count > 0) {
        const std::size_t used = count_ % block_size;
        const std::size_t taken = std::min(count, block_size - used);
        if (taken == block_size) {
            mix(next);
        } else {
            std::memcpy(block_.data() + used, next, taken);
            if (used + taken == block_size)
                mix(block_.data());
        }
        count_ += taken;
        next += taken;
        count -= taken;
    }
}

std::string Sha256::digest() const
{
    Sha256 padded = *this;
    const std::uint64_t bits = 8 * count_;
    const std::size_t used = count_ % block_size, length = sizeof(bits);
    std::array<std::uint8_t, 2 * block_size> end{0x80};
    const std::size_t zeros = (used < block_size - length ? block_size : 2 * block_size) - used - length;
    for (std::size_t i = 0; i < length; ++i)
        end[zeros + i] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
    padded.append(end.data(), zeros + length);
    std::string text;
    for (const std::uint32_t word : padded.state_)
        text += fmt::format("{:08x}", word);
    return text;
}

} // namespace xgrad
