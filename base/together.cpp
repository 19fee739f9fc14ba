#include <xgrad/base/error.hpp>
#include <xgrad/base/joining.hpp>
#include <xgrad/base/together.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace xgrad::detail
{

void together(Ranks* ranks, FunctionRef<void()> f)
{
    if (ranks == nullptr)
        return f();
    Joining joining(*ranks);
    joining.attempt(f);
    joining.meet();
}

void on_first(Ranks* ranks, FunctionRef<void()> f)
{
    together(ranks, [&] {
        if (ranks == nullptr || ranks->rank() == 0)
            f();
    });
}

std::string from_first(Ranks* ranks, FunctionRef<std::string()> make)
{
    std::string text;
    on_first(ranks, [&] { text = make(); });
    if (ranks == nullptr)
        return text;
    std::uint64_t size = text.size();
    ranks->broadcast(&size, sizeof size, 0);
    text.resize(size);
    if (size > 0)
        ranks->broadcast(text.data(), size, 0);
    return text;
}

std::vector<std::string> texts_of_all(Ranks& ranks, const std::string& own)
{
    std::vector<std::string> all(ranks.size());
    for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
        all[rank] = own;
        std::uint64_t size = own.size();
        ranks.broadcast(&size, sizeof size, rank);
        all[rank].resize(size);
        if (size > 0)
            ranks.broadcast(all[rank].data(), size, rank);
    }
    return all;
}

void add_up(Ranks* ranks, std::span<double> numbers)
{
    if (ranks == nullptr)
        return;
    Joining joining(*ranks);
    Pieces pieces;
    pieces.append(numbers.data(), numbers.size_bytes());
    joining.sum(Shares(ranks->size(), ranks->size()), pieces, add_numbers<double>);
}

void agree(Ranks& ranks, const std::map<std::string, std::string>& entries)
{
    using Json = nlohmann::json;
    const std::vector<std::string> all =
        texts_of_all(ranks, Json(entries).dump(-1, ' ', false, Json::error_handler_t::replace));
    on_first(&ranks, [&] {
        const Json own = Json::parse(all[0]);
        for (std::size_t rank = 1; rank < all.size(); ++rank) {
            const Json other = Json::parse(all[rank]);
            const auto value = [](const Json& of, const std::string& key) {
                return of.contains(key) ? of.at(key).get<std::string>() : std::string("none");
            };
            Json keys = own;
            keys.update(other);
            for (const auto& [key, ignored] : keys.items())
                if (value(own, key) != value(other, key))
                    throw Error(
                        fmt::format("[ranks] rank {} has {} '{}', rank 0 has '{}': start all ranks with the same "
                                    "program, options and data",
                                    rank, key, value(other, key), value(own, key)));
        }
    });
}

Machine machine_of(Ranks& ranks)
{
    std::string name(256, '\0');
    gethostname(name.data(), name.size() - 1);
    name.resize(name.find('\0'));
    std::ifstream boot("/proc/sys/kernel/random/boot_id"); // machines may share a name
    const std::vector<std::string> all =
        texts_of_all(ranks, name + std::string(std::istreambuf_iterator<char>(boot), {}));
    Machine machine{.first = ranks.size(), .count = 0, .index = 0};
    for (std::size_t rank = 0; rank < all.size(); ++rank)
        if (all[rank] == all[ranks.rank()]) {
            machine.first = std::min(machine.first, rank);
            machine.index += rank < ranks.rank() ? 1 : 0;
            ++machine.count;
        }
    return machine;
}

} // namespace xgrad::detail
