#pragma once
// The explorer's interface, asked as the page asks it.

#include "models/digits.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>
#include <web/explorer/explorer.hpp>

namespace xgrad::test
{

using explorer::Json;

/** A page with the library behind it. */
class Page
{
  public:
    /** An array in a request. */
    Json array(const Array<double>& array)
    {
        const std::size_t at = request_.size();
        request_.resize(at + array.size() * sizeof(double));
        std::memcpy(request_.data() + at, array.data(), array.size() * sizeof(double));
        return {{"shape", std::vector<std::size_t>(array.shape().begin(), array.shape().end())},
                {"type", "f64"},
                {"at", at}};
    }
    /** A file in a request. */
    Json file(const std::string& bytes)
    {
        const std::size_t at = request_.size();
        request_.resize((at + bytes.size() + 7) / 8 * 8);
        std::memcpy(request_.data() + at, bytes.data(), bytes.size());
        return {{"bytes", bytes.size()}, {"at", at}};
    }

    /** The answer, whole: {"answer": …} or {"error": …}. */
    Json ask_plainly(const std::string& name, const Json& request = Json::object())
    {
        answer_ = explorer_.answer(Json{{"name", name}, {"request", request}}.dump(), request_);
        request_.clear();
        return answer_.json;
    }
    Json ask(const std::string& name, const Json& request = Json::object())
    {
        const Json answer = ask_plainly(name, request);
        CAPTURE(answer.value("error", ""));
        REQUIRE(answer.contains("answer"));
        return answer["answer"];
    }
    std::string error(const std::string& name, const Json& request = Json::object())
    {
        return ask_plainly(name, request).value("error", "");
    }

    /** An array of the last answer. */
    Array<double> read(const Json& tensor) const
    {
        const auto extents = tensor["shape"].get<std::vector<std::size_t>>();
        auto array = empty_array<double>(Shape(extents.begin(), extents.end()));
        const bool is_float = tensor["type"] == "f32";
        for (std::size_t i = 0; i < array.size(); ++i) {
            const std::byte* const place =
                answer_.blob.data() + tensor["at"].get<std::size_t>() + i * (is_float ? sizeof(float) : sizeof(double));
            float single = 0;
            std::memcpy(is_float ? static_cast<void*>(&single) : array.data() + i, place,
                        is_float ? sizeof(float) : sizeof(double));
            if (is_float)
                array.data()[i] = single;
        }
        return array;
    }
    std::string read_file(const Json& file) const
    {
        const auto* const begin = reinterpret_cast<const char*>(answer_.blob.data()) + file["at"].get<std::size_t>();
        return {begin, file["bytes"].get<std::size_t>()};
    }

    Json open(const std::string& model, const Json& choices = Json::object())
    {
        return ask("open", {{"model", model}, {"choices", choices}, {"seed", 1}});
    }

  private:
    explorer::Explorer explorer_;
    explorer::Blob request_;
    explorer::Answer answer_;
};

/** A digit of the sample, (28, 28). */
inline Array<double> digit(std::size_t n)
{
    const Dataset data = first_digits(n + 1, 1);
    auto image = empty_array<double>({28, 28});
    std::copy_n(data.train.pixels.data() + n * image.size(), image.size(), image.data());
    return image;
}

} // namespace xgrad::test
