#include <xgrad/base/sha256.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace xgrad;

namespace
{

std::string digest_of(const std::string& text)
{
    Sha256 sha256;
    sha256.append(text.data(), text.size());
    return sha256.digest();
}

} // namespace

TEST_CASE("sha256: the examples of FIPS 180-4")
{
    CHECK(digest_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(digest_of("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsm"
                    "nopqrstnopqrstu") == "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    CHECK(digest_of(std::string(1000000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("sha256: bytes may come in pieces of any size, and a digest may be asked for in between")
{
    std::string text;
    for (int i = 0; i < 300; ++i)
        text += static_cast<char>(i);
    for (const std::size_t piece : {1u, 3u, 55u, 56u, 63u, 64u, 65u, 129u}) {
        CAPTURE(piece);
        Sha256 sha256;
        for (std::size_t at = 0; at < text.size(); at += piece) {
            CHECK(sha256.digest() == digest_of(text.substr(0, at)));
            sha256.append(text.data() + at, std::min(piece, text.size() - at));
        }
        CHECK(sha256.digest() == digest_of(text));
    }
}
