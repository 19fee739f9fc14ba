#include "points.hpp"

#include <xgrad/base/random.hpp>

#include <algorithm>
#include <numeric>

namespace xgrad::test
{

Array<double> point(const Shape& shape, std::uint64_t seed) { return Random(seed).uniform<double>(shape, -2, 2); }

Array<double> positive(const Shape& shape, std::uint64_t seed) { return Random(seed).uniform<double>(shape, 0.5, 2); }

Array<double> probabilities(const Shape& shape, std::uint64_t seed)
{
    return Random(seed).uniform<double>(shape, 0.1, 0.9);
}

Array<double> away_from(const std::vector<double>& kinks, const Shape& shape, std::uint64_t seed)
{
    Random random(seed);
    Array<double> values = empty_array<double>(shape);
    std::size_t side = 0;
    for (double& value : values) {
        const double low = side == 0 ? kinks.front() - 2 : kinks[side - 1] + 0.1;
        const double high = side == kinks.size() ? kinks.back() + 2 : kinks[side] - 0.1;
        value = random.uniform(low, high);
        side = (side + 1) % (kinks.size() + 1);
    }
    return values;
}

Array<double> distinct(const Shape& shape, std::uint64_t seed, double shift)
{
    std::vector<double> ranks(element_count(shape));
    std::iota(ranks.begin(), ranks.end(), -static_cast<double>(ranks.size() / 2));
    Random(seed).shuffle(ranks);
    Array<double> values = empty_array<double>(shape);
    std::transform(ranks.begin(), ranks.end(), values.begin(), [shift](double rank) { return 0.2 * rank + shift; });
    return values;
}

Labels labels(std::initializer_list<std::int32_t> values)
{
    Labels result = empty_array<std::int32_t>({values.size()});
    std::copy(values.begin(), values.end(), result.begin());
    return result;
}

} // namespace xgrad::test
