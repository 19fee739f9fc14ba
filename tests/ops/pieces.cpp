// Passes over large arrays, which are cut for the threads, against the same passes in one of several tasks, which are
// not.

#include "ops.hpp"
#include "threads.hpp"
#include <xgrad/base/workers.hpp>
#include <xgrad/kernels/pieces.hpp>
#include <xgrad/ops/ops.hpp>

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

template <class T>
using Function = std::function<Variable<T>(const Variable<T>& a, const Variable<T>& b)>;

/** The bytes of some arrays. */
template <class T>
std::string bits_of(const std::vector<Array<T>>& arrays)
{
    std::string bits;
    for (const Array<T>& array : arrays)
        bits.append(reinterpret_cast<const char*>(array.data()), array.size() * sizeof(T));
    return bits;
}

/** y = f(a, b), and the gradients of Σy², bit by bit. */
template <class T>
std::string results(const Function<T>& f, const Array<T>& a, const Array<T>& b)
{
    const Variable<T> left = variable(Array<T>(a)), right = variable(Array<T>(b));
    Tape tape;
    const Variable<T> y = f(left, right);
    const Variables<T> gradients = tape.gradient(sum(square(y)), {left, right}, {.unused_is_zero = true});
    return bits_of<T>({y.value(), gradients[0].value(), gradients[1].value()});
}

template <class T>
std::string uncut_results(const Function<T>& f, const Array<T>& a, const Array<T>& b)
{
    std::string found;
    const Threads one(1);
    detail::parallel_for(2, [&](std::size_t task) {
        REQUIRE(detail::is_shared_out());
        if (task == 0)
            found = results(f, a, b);
    });
    return found;
}

const Shape large = {4, 6, 131, 143}; // 449,592 elements, and no multiple of a line of the cache

} // namespace

TEST_CASE("pieces: a pass over so many elements is cut, and each element is in one piece")
{
    for (const std::size_t count : {std::size_t{1} << 18, std::size_t{449'592}, std::size_t{10'000'001}}) {
        std::vector<int> times(count);
        std::atomic<int> pieces{0};
        kernels::for_pieces_of_elements(count, [&](std::size_t begin, std::size_t n) {
            ++pieces;
            for (std::size_t i = begin; i < begin + n; ++i)
                ++times[i];
        });
        CHECK(pieces > 1);
        CHECK(times == std::vector<int>(count, 1));
    }
}

TEST_CASE_TEMPLATE("pieces: arithmetic of large arrays has the same bits, cut or whole, on any number of threads", T,
                   float, double)
{
    const Array<T> a = numbers<T>(large);
    const Function<T> f = [](const auto& x, const auto& y) { return y - maximum(x * y, x / (y * y + 1)); };
    for (const Shape& shape : {large, Shape{1, 6, 1, 1}, Shape{143}, Shape{131, 1}, Shape{4, 1, 1, 143}, Shape{}}) {
        CAPTURE(to_string(shape));
        const Array<T> b = numbers<T>(shape, -1, 3, 5);
        const auto whole = uncut_results(f, a, b);
        for (const std::size_t threads : {1u, 2u, 3u}) {
            const Threads some(threads);
            CHECK(results(f, a, b) == whole);
        }
    }
}

TEST_CASE_TEMPLATE("pieces: a formula of large arrays has the same bits, cut or whole", T, float, double)
{
    const Function<T> f = [](const auto& a, const auto& b) {
        return elementwise(
            "formula", [](auto x, auto y) { return exp(y) * x - where(x < y, x * x, y); }, a, b);
    };
    const Array<T> a = numbers<T>(large), scalar = numbers<T>({});
    for (const Shape& shape : {large, Shape{1, 6, 1, 1}, Shape{143}, Shape{131, 1}, Shape{}}) {
        CAPTURE(to_string(shape));
        const Array<T> b = numbers<T>(shape, -1, 3, 5);
        const auto whole = uncut_results(f, a, b);
        const Threads some(3);
        CHECK(results(f, a, b) == whole);
    }
    CHECK(results(f, scalar, scalar) == uncut_results(f, scalar, scalar));
}

TEST_CASE_TEMPLATE("pieces: two operands that are both broadcast have the same bits, cut or whole", T, float, double)
{
    const Function<T> f = [](const auto& x, const auto& y) { return x / y; };
    const Array<T> a = numbers<T>({4, 1, 131, 1}), b = numbers<T>({6, 1, 143}, 1, 3, 5);
    const auto whole = uncut_results(f, a, b);
    const Threads some(3);
    CHECK(results(f, a, b) == whole);
}

TEST_CASE_TEMPLATE("pieces: other passes over a large array have the same bits, cut or whole", T, float, double)
{
    const std::vector<std::pair<std::string, Function<T>>> functions = {
        {"tanh", [](const auto& a, const auto&) { return tanh(a); }},
        {"elu", [](const auto& a, const auto&) { return elu(a, 0.5); }},
        {"numbers", [](const auto& a, const auto&) { return 2.5 - a / 3; }},
        {"permute",
         [](const auto& a, const auto&) {
             return permute(a, {1, 3, 0, 2});
         }},
        {"transpose",
         [](const auto& a, const auto&) {
             return transpose(reshape(a, {24 * 131, 143}));
         }},
        {"slice", [](const auto& a, const auto&) { return slice(a, 3, 1, 140); }},
        {"concatenate",
         [](const auto& a, const auto& b) {
             return concatenate({a, b}, 1);
         }},
        {"broadcast_to", [](const auto& a, const auto&) { return broadcast_to(mean(a, {1}, true), large); }},
        {"sum of rows", [](const auto& a, const auto&) { return sum(a, {3}); }},
        {"sum of planes",
         [](const auto& a, const auto&) {
             return sum(a, {0, 2, 3});
         }},
        {"sum of every other axis",
         [](const auto& a, const auto&) {
             return sum(a, {1, 3});
         }},
        {"sum of columns",
         [](const auto& a, const auto&) {
             return sum(a, {0, 1});
         }},
        {"softmax", [](const auto& a, const auto&) { return softmax(a, -1); }},
        {"log_softmax", [](const auto& a, const auto&) { return log_softmax(a, -1); }},
        {"log_softmax of few classes",
         [](const auto& a, const auto&) {
             return log_softmax(reshape(a, {-1, 13}), -1);
         }},
        {"max of rows", [](const auto& a, const auto&) { return max(a, {3}); }},
        {"standardize", [](const auto& a, const auto&) { return standardize(a); }},
        {"rms_normalize", [](const auto& a, const auto&) { return rms_normalize(a); }},
        {"a gradient of max_pool2d's gradient",
         [](const auto& a, const auto& b) {
             const Variable<T> x = variable(Array<T>(a.value()));
             Tape tape;
             const Variable<T> y = max_pool2d(x, {.size = {2, 3}});
             const Variable<T> g = tape.gradient(sum(y * y), x, {.record = true});
             return tape.gradient(sum(g * constant(b.value())), x);
         }},
        {"max_pool2d", [](const auto& a, const auto&) { return max_pool2d(a, {.size = 2}); }},
        {"max_pool2d with overlap", [](const auto& a, const auto&) { return max_pool2d(a, {.size = 3, .stride = 2}); }},
        {"mean_pool2d", [](const auto& a, const auto&) { return mean_pool2d(a, {.size = 2}); }},
        {"mean_pool2d with padding",
         [](const auto& a, const auto&) { return mean_pool2d(a, {.size = 3, .stride = 2, .padding = 1}); }},
    };
    const Array<T> a = numbers<T>(large), b = numbers<T>(large, -1, 1, 5);
    for (const auto& each : functions) {
        CAPTURE(each.first);
        const auto whole = uncut_results(each.second, a, b);
        const Threads some(3);
        CHECK(results(each.second, a, b) == whole);
    }
}
