#include <xgrad/base/nearest.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <utility>

namespace xgrad::detail
{

namespace
{

std::string lower(std::string_view word)
{
    std::string text(word);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/** The least number of letters to insert, to remove, to replace, or to swap with their neighbours. */
std::size_t distance(const std::string& a, const std::string& b)
{
    std::vector<std::size_t> before, last(b.size() + 1), row(b.size() + 1); // the rows of i - 2, i - 1 and i letters
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before = std::exchange(last, row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row.back();
}

} // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& names)
{
    constexpr std::size_t longest = 100; // the work grows with the square of the length
    if (word.empty() || word.size() > longest)
        return "";
    const std::string wanted = lower(word);
    const std::size_t most = std::max<std::size_t>(wanted.size() / 3, 1);
    std::string found;
    std::pair<std::size_t, std::size_t> least = {most + 1, 0}; // the distance, then the length of the name
    for (const std::string& name : names) {
        if (name.size() > longest)
            continue;
        const std::string known = lower(name);
        const bool begins = wanted.size() > 2 && known.size() > wanted.size() && known.starts_with(wanted);
        const std::pair own(begins ? 1 : distance(wanted, known), known.size());
        if (own < least && own.first < std::max(wanted.size(), known.size())) {
            least = own;
            found = name;
        }
    }
    return found;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names)
{
    const std::string found = nearest(word, names);
    return found.empty() ? "" : fmt::format("; did you mean '{}'?", found);
}

std::string no_such(std::string_view kind, std::string_view word, const std::vector<std::string>& names)
{
    constexpr std::size_t few = 40; // more would hide the name that is meant
    const std::string meant = did_you_mean(word, names);
    const std::string begin = fmt::format("there is no {}{}'{}'{}", kind, kind.empty() ? "" : " ", word, meant);
    if (!meant.empty() && names.size() > few)
        return begin;
    return fmt::format("{}{} {}", begin, meant.empty() ? "; there are:" : " There are:", fmt::join(names, ", "));
}

} // namespace xgrad::detail
