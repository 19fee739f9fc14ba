#include "words.hpp"

#include "command.hpp"
#include <xgrad/base/nearest.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>

namespace xgrad::command
{

namespace
{

std::optional<double> as_number(const std::string& text)
{
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    const bool is_number = !text.empty() && std::isspace(static_cast<unsigned char>(text[0])) == 0 && *end == '\0';
    return is_number ? std::optional(number) : std::nullopt;
}

std::string or_empty(const std::string& text) { return text.empty() ? "an empty text" : text; }

/** Checks a number; the command computes with 32 bits. */
Check number_that(const char* what, bool (*good)(double))
{
    const auto check = [=](const std::string& text) -> std::string {
        const std::optional<double> number = as_number(text);
        if (!number || !std::isfinite(*number) || !good(*number))
            return fmt::format("{}, not {}", what, or_empty(text));
        const auto used = static_cast<float>(*number);
        if (!std::isfinite(used) || (used == 0 && *number != 0))
            return fmt::format("{} becomes {} as a 32-bit number", text, used == 0 ? "0" : "infinite");
        return "";
    };
    return {check};
}

/** Checks a whole number. CLI11 would take 010 for 8, and numbers of more than 64 bits for the largest one. */
std::string check_whole(std::string& text)
{
    constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc::result_out_of_range)
        return fmt::format("must be at most {}, not {}", largest, text);
    const std::optional<double> other = as_number(text);
    if (error == std::errc() && rest == end)
        text = fmt::to_string(number);
    else if (!other || *other > 0) // what is below 0 has an error of its own
        return fmt::format("must be a whole number such as 20, not {}", or_empty(text));
    return "";
}

std::string check_text(const std::string& text) { return text.empty() ? "must not be an empty text" : ""; }

/** The words of a verb that begin with a dash and are no number, without what follows "=". */
std::vector<std::string> options_among(const std::vector<std::string>& words)
{
    std::vector<std::string> options;
    for (const std::string& word : words) {
        if (word == "--")
            break;
        if (word.size() > 1 && word[0] == '-' && !as_number(word))
            options.push_back(word.substr(0, word.find('=')));
    }
    return options;
}

} // namespace

Check positive()
{
    return number_that("must be a number greater than 0", [](double x) { return x > 0; });
}

Check not_negative()
{
    return number_that("must be a number of at least 0", [](double x) { return x >= 0; });
}

Check below_one()
{
    return number_that("must be a number of at least 0 and less than 1",
                       [](double x) { return x >= 0 && static_cast<float>(x) < 1; });
}

Check between(std::size_t least, std::size_t most)
{
    const auto check = [=](const std::string& text) -> std::string {
        const std::optional<double> number = as_number(text);
        if (!number || *number < static_cast<double>(least) || *number > static_cast<double>(most))
            return fmt::format("must be a number from {} to {}, not {}", least, most, or_empty(text));
        return "";
    };
    return {check, fmt::format("in [{} - {}]", least, most)};
}

Check one_of(const std::vector<std::string>& words)
{
    const auto check = [words](const std::string& word) {
        const bool known = std::find(words.begin(), words.end(), word) != words.end();
        return known ? std::string() : detail::no_such("", word, words);
    };
    return {check, fmt::format("{{{}}}", fmt::join(words, ","))};
}

void check_types(const Options& verb)
{
    for (CLI::Option* const option : verb.parser().get_options()) {
        const std::string type = option->get_type_name();
        if (type.starts_with("UINT"))
            option->transform(CLI::Validator(check_whole, ""));
        else if (option->get_items_expected_min() > 0) // --resume has no text if it stands alone
            option->transform(CLI::Validator(check_text, ""));
    }
}

void check_options(const Options& verb, const std::vector<std::string>& words)
{
    std::vector<std::string> known, short_ones;
    for (const CLI::Option* const option : verb.parser().get_options()) {
        known.insert(known.end(), option->get_lnames().begin(), option->get_lnames().end());
        short_ones.insert(short_ones.end(), option->get_snames().begin(), option->get_snames().end());
    }
    const auto is_in = [](const std::vector<std::string>& names, const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (const std::string& option : options_among(words)) {
        const bool is_long = option.starts_with("--");
        const std::string name = option.substr(is_long ? 2 : 1);
        if (is_in(is_long ? known : short_ones, name))
            continue;
        const std::string meant = detail::nearest(name, known);
        throw UsageError(
            fmt::format("there is no option {}; {}", option,
                        meant.empty() ? "--help lists those that there are" : "did you mean --" + meant + "?"));
    }
}

std::string message_of(const CLI::ParseError& error, const Options& verb)
{
    const std::string message = error.what();
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
        std::vector<std::string> left = verb.parser().remaining();
        if (verb.parser().get_parent() != nullptr) // it gets what follows "--"
            for (const std::string& word : verb.parser().get_parent()->remaining())
                left.push_back(word);
        const auto word = std::find_if(left.begin(), left.end(), [](const std::string& each) { return each != "--"; });
        return fmt::format("there is no use for the argument '{}'", word == left.end() ? "--" : *word);
    }
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
        for (const CLI::Option* const option : verb.parser().get_options())
            if (const std::string name = option->get_name(); message.starts_with(name + ":"))
                return name + (option->count() > 1 ? " is given more than once: give it once" : " needs a value");
    return message;
}

} // namespace xgrad::command
