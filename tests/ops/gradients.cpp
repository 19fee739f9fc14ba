#include "apps/gradcheck/cases.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

using namespace xgrad;
using test::GradientCase;

namespace
{

using Names = std::set<std::string>;

const std::vector<GradientCase>& cases()
{
    static const std::vector<GradientCase> all = test::gradient_cases();
    return all;
}

Names& tested()
{
    static Names names;
    return names;
}

void check_cases_of(const std::string& op)
{
    std::size_t count = 0;
    for (const GradientCase& one : cases())
        if (one.op == op) {
            ++count;
            const GradientReport report = check_gradient(op + ", " + one.variant, one.function, one.inputs);
            CHECK_MESSAGE(report.passed(), report);
        }
    CHECK(count > 0);
}

/** What the first group of a pattern matches in the files of a folder whose names end like that. */
Names in_sources(const std::string& folder, const std::string& ending, const std::string& pattern)
{
    Names names;
    for (const auto& entry : std::filesystem::directory_iterator(XGRAD_SOURCE_DATA "/../" + folder)) {
        if (!entry.path().filename().string().ends_with(ending))
            continue;
        std::ifstream file(entry.path());
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        const std::regex expression(pattern);
        for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match)
            names.insert((*match)[1]);
    }
    return names;
}

Names declared_ops() { return in_sources("ops", ".hpp", "template <class[^>]*>\\s+Variable<\\w+> ([a-z]\\w*)\\("); }

/** The structs that have parameters. */
Names declared_layers()
{
    const std::string pattern = "struct (\\w+)\n\\{(?:\n(?: .*)?)*?\n +Parameters<T> parameters\\(\\)";
    Names names = in_sources("models", "layers.hpp", pattern);
    names.merge(in_sources("models/layers", ".hpp", pattern));
    return names;
}

std::string in_snake_case(const std::string& name)
{
    std::string snake;
    for (const char letter : name) {
        const bool capital = letter >= 'A' && letter <= 'Z';
        if (capital && !snake.empty())
            snake += '_';
        snake += capital ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return snake;
}

/** The names that are in `all` and not in `some`. */
std::string missing(const Names& all, const Names& some)
{
    std::string names;
    for (const std::string& name : all)
        if (!some.count(name))
            names += name + " ";
    return names;
}

struct Collector final : OpObserver
{
    Names names;
    void observe(const ObservedOp& op) override { names.insert(op.name); }
};

} // namespace

#define GRADIENT_TEST(op)                                                                                              \
    [[maybe_unused]] const bool op##_is_tested = tested().insert(#op).second;                                          \
    TEST_CASE("gradients of " #op " at orders 1 and 2") { check_cases_of(#op); }

GRADIENT_TEST(add)
GRADIENT_TEST(subtract)
GRADIENT_TEST(multiply)
GRADIENT_TEST(divide)
GRADIENT_TEST(pow)
GRADIENT_TEST(maximum)
GRADIENT_TEST(minimum)
GRADIENT_TEST(greater)
GRADIENT_TEST(greater_equal)
GRADIENT_TEST(negative)

GRADIENT_TEST(exp)
GRADIENT_TEST(log)
GRADIENT_TEST(log1p)
GRADIENT_TEST(sqrt)
GRADIENT_TEST(abs)
GRADIENT_TEST(sign)
GRADIENT_TEST(square)
GRADIENT_TEST(sin)
GRADIENT_TEST(cos)
GRADIENT_TEST(clip)
GRADIENT_TEST(inside)
GRADIENT_TEST(step)
GRADIENT_TEST(sigmoid)
GRADIENT_TEST(tanh)
GRADIENT_TEST(scaled_tanh)
GRADIENT_TEST(relu)
GRADIENT_TEST(leaky_relu)
GRADIENT_TEST(softplus)

GRADIENT_TEST(reshape)
GRADIENT_TEST(flatten)
GRADIENT_TEST(expand_dims)
GRADIENT_TEST(squeeze)
GRADIENT_TEST(permute)
GRADIENT_TEST(transpose)
GRADIENT_TEST(flip)
GRADIENT_TEST(rot180)
GRADIENT_TEST(slice)
GRADIENT_TEST(embed)
GRADIENT_TEST(pad)
GRADIENT_TEST(concatenate)
GRADIENT_TEST(stack)
GRADIENT_TEST(cast)

GRADIENT_TEST(gather)
GRADIENT_TEST(scatter_add)
GRADIENT_TEST(take_last)
GRADIENT_TEST(place_last)

GRADIENT_TEST(sum)
GRADIENT_TEST(mean)
GRADIENT_TEST(max)
GRADIENT_TEST(log_sum_exp)
GRADIENT_TEST(broadcast_to)
GRADIENT_TEST(sum_to)

GRADIENT_TEST(matmul)
GRADIENT_TEST(outer)
GRADIENT_TEST(kron)

GRADIENT_TEST(softmax)
GRADIENT_TEST(log_softmax)

GRADIENT_TEST(squared_error)
GRADIENT_TEST(binary_cross_entropy)
GRADIENT_TEST(binary_cross_entropy_with_logits)
GRADIENT_TEST(softmax_cross_entropy)
GRADIENT_TEST(one_hot)

GRADIENT_TEST(correlate2d)
GRADIENT_TEST(correlate2d_input)
GRADIENT_TEST(correlate2d_kernel)
GRADIENT_TEST(conv2d)
GRADIENT_TEST(conv2d_input)
GRADIENT_TEST(conv2d_kernel)

GRADIENT_TEST(circulant)
GRADIENT_TEST(doubly_block_circulant)
GRADIENT_TEST(circulant_convolution)

GRADIENT_TEST(max_pool2d)
GRADIENT_TEST(mean_pool2d)
GRADIENT_TEST(square_pool2d)
GRADIENT_TEST(l2_pool2d)
GRADIENT_TEST(weighted_pool2d)
GRADIENT_TEST(distance_weights)
GRADIENT_TEST(stochastic_pool2d)
GRADIENT_TEST(probability_pool2d)
GRADIENT_TEST(global_mean_pool2d)
GRADIENT_TEST(global_max_pool2d)
GRADIENT_TEST(adaptive_mean_pool2d)
GRADIENT_TEST(adaptive_max_pool2d)
GRADIENT_TEST(maxout)

GRADIENT_TEST(block_sum)
GRADIENT_TEST(upsample)

GRADIENT_TEST(patches)
GRADIENT_TEST(patches_sum)
GRADIENT_TEST(locally_connected2d)
GRADIENT_TEST(tiled2d)
GRADIENT_TEST(cycle)
GRADIENT_TEST(channel_shuffle)
GRADIENT_TEST(locally_connected)
GRADIENT_TEST(tiled)

GRADIENT_TEST(linear)
GRADIENT_TEST(convolution)
GRADIENT_TEST(subsampling)
GRADIENT_TEST(combination)
GRADIENT_TEST(l1_penalty)
GRADIENT_TEST(entropy_penalty)
GRADIENT_TEST(power_penalty)
GRADIENT_TEST(network)
GRADIENT_TEST(batch_norm)
GRADIENT_TEST(stacked_small)
GRADIENT_TEST(asymmetric)
GRADIENT_TEST(parallel_block)
GRADIENT_TEST(bottleneck)
GRADIENT_TEST(depthwise_separable)
GRADIENT_TEST(normalized_separable)
GRADIENT_TEST(shuffle_unit)
GRADIENT_TEST(squeeze_excitation)
GRADIENT_TEST(hybrid_dilation)
GRADIENT_TEST(maxout_layer)
GRADIENT_TEST(rbf)
GRADIENT_TEST(rbf_loss)
GRADIENT_TEST(positions)
GRADIENT_TEST(pixel_labeller)

TEST_CASE("every op of the headers has gradient cases")
{
    Names names;
    for (const GradientCase& one : cases())
        names.insert(one.op);
    const Names declared = declared_ops();
    REQUIRE(declared.size() > 60);
    CHECK(missing(declared, names) == "");
}

TEST_CASE("every layer with parameters has gradient cases")
{
    Names names, wanted;
    for (const GradientCase& one : cases())
        names.insert(one.op);
    const Names ops = declared_ops();
    for (const std::string& layer : declared_layers()) {
        const std::string name = in_snake_case(layer);
        wanted.insert(ops.count(name) ? name + "_layer" : name); // the op's cases are not the layer's
    }
    REQUIRE(wanted.size() >= 17);
    CHECK(missing(wanted, names) == "");
}

TEST_CASE("every gradient case is run by a test")
{
    for (const GradientCase& one : cases())
        CHECK_MESSAGE(tested().count(one.op), one.op);
}

TEST_CASE("every name under which an op is recorded appears while the cases run")
{
    const Names recorded = in_sources("ops", ".cpp", "record\\(\\s*\"([^\"]+)\"");
    REQUIRE(recorded.size() > 50);
    Collector seen;
    for (const GradientCase& one : cases())
        check_gradient(one.op, one.function, one.inputs);
    CHECK(missing(recorded, seen.names) == "");
    CHECK(missing(seen.names, recorded) == "");
}

TEST_CASE("the variants of an op have different names")
{
    Names names;
    for (const GradientCase& one : cases())
        CHECK_MESSAGE(names.insert(one.op + ", " + one.variant).second, one.op, ", ", one.variant);
}
