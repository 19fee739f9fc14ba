// Sizes that no array can have are refused before anything is allocated or written.

#include "ops.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/models/layers/blocks.hpp>
#include <xgrad/models/layers/combination.hpp>
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/models/layers/local.hpp>
#include <xgrad/models/layers/normalization.hpp>
#include <xgrad/ops/ops.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

constexpr std::size_t huge = std::size_t{1} << 62;
constexpr std::ptrdiff_t long_way = std::ptrdiff_t{1} << 40;

const auto row = [] { return variable<double>({1, 2, 3, 4}); };
const auto image = [] { return variable(Array<double>(Shape{1, 1, 1, 1}, 1.0)); };
const auto none = [](Shape shape) { return variable(Array<double>(shape)); };

} // namespace

TEST_CASE("sizes: what wraps around, or comes from a negative number, is a ShapeError")
{
    const auto minus_three = static_cast<std::size_t>(-3);
    Random random(1);
    const std::vector<std::pair<std::string, std::function<void()>>> calls = {
        {"pad before",
         [&] {
             pad(row(), {{minus_three, 0}});
         }},
        {"pad after",
         [&] {
             pad(row(), {{0, minus_three}});
         }},
        {"pad both, which add up to 0",
         [&] {
             pad(row(), {{minus_three, 3}});
         }},
        {"pad far",
         [] {
             pad(row(), {{std::size_t{1} << 40, std::size_t{1} << 40}});
         }},
        {"reshape",
         [] {
             reshape(row(), {huge + 1, 4});
         }},
        {"broadcast_to",
         [] {
             broadcast_to(image(), {(std::size_t{1} << 63) + 1, 2, 1, 1});
         }},
        {"embed",
         [] {
             embed(none({1, 1}), {std::size_t{1} << 32, std::size_t{1} << 32}, {{0, 1, 1}, {0, 1, 1}});
         }},
        {"embed far away",
         [] {
             embed(none({1, 1}), {(std::size_t{1} << 63) + 1, 2}, {{1, 1, 1}, {0, 1, 1}});
         }},
        {"one_hot", [] { one_hot<double>(Labels(Shape{2}, 0), std::size_t{1} << 63, 0.0, 1.0); }},
        {"scatter_add", [] { scatter_add(row(), Labels(Shape{4}, 1), std::size_t{1} << 63); }},
        {"place_last", [] { place_last(row(), Labels(Shape{4}, 1), std::size_t{1} << 63); }},
        {"matmul",
         [] {
             matmul(none({std::size_t{1} << 32, 0}), none({0, std::size_t{1} << 32}));
         }},
        {"max_pool2d",
         [] {
             max_pool2d(image(), {.size = 1, .padding = Padding((1l << 31) - 1, 1l << 31, (1l << 31) - 1, 1l << 31)});
         }},
        {"mean_pool2d", [] { mean_pool2d(image(), {.size = 1, .padding = Padding(1l << 31)}); }},
        {"a wide and dilated window",
         [] {
             max_pool2d(none({1, 1, 2, 2}), {.size = {long_way, 1}, .dilation = {long_way, 1}});
         }},
        {"patches", [] { patches(image(), 1, {.padding = Padding(1l << 32)}); }},
        {"correlate2d", [] { correlate2d(image(), image(), {.padding = Padding(1l << 32)}); }},
        {"correlate2d_input", [] { correlate2d_input(image(), image(), 1l << 32, {.stride = 1l << 32}); }},
        {"upsample", [] { upsample(image(), (1l << 62) + 1); }},
        {"upsample to a square", [] { upsample(image(), 1l << 32); }},
        {"circulant", [] { circulant(row(), 1l << 32); }},
        {"a full layer", [&] { Linear<double>(minus_three, 2, random); }},
        {"a full layer of many units", [&] { Linear<double>(huge, 4, random); }},
        {"a convolution layer", [&] { Convolution<double>(1, minus_three, 3, random); }},
        {"a convolution layer of large kernels", [&] { Convolution<double>(1, 1, 1l << 32, random); }},
        {"subsampling", [&] { Subsampling<double>(minus_three, 2); }},
        {"subsampling of large blocks", [] { Subsampling<double>(1, 1l << 32); }},
        {"batch norm", [&] { BatchNorm<double>{minus_three}; }},
        {"a tiled layer", [&] { Tiled<double>(1, 1, 1, 1l << 32, random); }},
        {"a maxout layer", [&] { Maxout<double>(1, 8, huge, random); }},
        {"a combination", [&] { Combination<double>(1, minus_three, 3, random); }},
    };
    for (const auto& [name, call] : calls) {
        const std::string called = name;
        CAPTURE(called);
        CHECK_THROWS_AS(call(), ShapeError);
    }
    CHECK_THROWS_WITH_AS(pad(row(), {{minus_three, 0}}), "[pad] the border is -3: 0 … 2^40 are possible", ShapeError);
}

TEST_CASE("sizes: empty arrays of many parts cost nothing, and a long step takes the first element")
{
    CHECK(maxout(none({2, 0}), std::size_t{1} << 40).shape() == Shape{2, 0});
    CHECK(slice(row(), 0, 1, 3, SIZE_MAX).value() == Array<double>{2});
    CHECK(slice(reshape(row(), {2, 2}), 0, 1, 2, (std::size_t{1} << 62) + 1).value() == Array<double>{{3, 4}});
    CHECK(slice(row(), 0, 2, 2, SIZE_MAX).size() == 0);
    CHECK(slice(row(), 0, 0, 4, 3).value() == Array<double>{1, 4});
    CHECK(element_count(Shape{std::size_t{1} << 32, 0}) == 0);
    CHECK_THROWS_AS(element_count(Shape{huge, 0, huge}), ShapeError);
    CHECK(element_count(Shape{std::size_t{1} << 20, std::size_t{1} << 20}) == std::size_t{1} << 40);
    CHECK_THROWS_AS(element_count(Shape{(std::size_t{1} << 20) + 1, std::size_t{1} << 20}), ShapeError);
}

TEST_CASE("sizes: an array without elements costs nothing, however long its extents are")
{
    CHECK(softmax(none({0, std::size_t{1} << 40}), 0).size() == 0); // not after 2^40 columns
    CHECK(embed(none({0, 0}), {2, 0}, {{1, 0, 1}, {0, 0, 1}}).size() == 0);
    CHECK_THROWS_AS(block_sum(none({0, 0}), {long_way, long_way}), ShapeError); // an area that wraps around
    CHECK_THROWS_AS(upsample(none({0, 0}), {long_way, long_way}), ShapeError);
}
