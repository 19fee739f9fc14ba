// Exported models beside onnxruntime, which computes the same. Without Node.js and its package onnxruntime-node, only
// the export is tested: npm install --ignore-scripts onnxruntime-node, and NODE_PATH is its node_modules.

#include "../formats.hpp"
#include <xgrad/formats/onnx/to_onnx.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/networks/variants.hpp>
#include <xgrad/models/training/onnx.hpp>
#include <xgrad/models/training/random_batch.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

using Network = std::function<Variable<float>(const Variable<float>&)>;

/** A network for images of a shape, without the number of images. */
struct Case
{
    const char* name;
    Shape shape;
    Network network;
    float low = -2, high = 2;
};

Variable<float> fixed(const Shape& shape)
{
    Array<float> array = empty_array<float>(shape);
    for (std::size_t i = 0; i < array.size(); ++i)
        array.data()[i] = static_cast<float>(static_cast<int>(i * 7 % 11) - 5) / 4;
    return constant(array);
}

Array<float> random_images(const Case& each, std::size_t count)
{
    Shape shape{count};
    for (const std::size_t extent : each.shape)
        shape.push_back(extent);
    Array<float> images = empty_array<float>(shape);
    Random random(count);
    for (float& pixel : images)
        pixel = each.low + (each.high - each.low) * static_cast<float>(random.uniform());
    return images;
}

#define OF_X(name)                                                                                                     \
    {                                                                                                                  \
#name, {5 }, [](const auto& x) { return name(x); }                                                             \
    }
#define POSITIVE(name)                                                                                                 \
    {                                                                                                                  \
#name, {5 }, [](const auto& x) { return name(x); }, 1.25f, 3                                                   \
    }
#define INSIDE_ONE(name)                                                                                               \
    {                                                                                                                  \
#name, {5 }, [](const auto& x) { return name(x); }, -0.9f, 0.9f                                                \
    }
#define OF_TWO(name)                                                                                                   \
    {                                                                                                                  \
#name, {5 }, [](const auto& x) { return name(x, fixed({5})); }                                                 \
    }

const std::vector<Case>& cases()
{
    static const Shape images{2, 6, 7};
    static const std::vector<Case> all = {
        OF_X(abs),
        INSIDE_ONE(acos),
        POSITIVE(acosh),
        INSIDE_ONE(asin),
        OF_X(asinh),
        OF_X(atan),
        INSIDE_ONE(atanh),
        OF_X(cbrt),
        OF_X(ceil),
        OF_X(cos),
        OF_X(cosh),
        OF_X(cube),
        OF_X(deg2rad),
        OF_X(erf),
        INSIDE_ONE(erfc),
        OF_X(exp),
        OF_X(exp2),
        OF_X(expm1),
        OF_X(floor),
        OF_X(gelu),
        OF_X(gelu_tanh),
        OF_X(hard_sigmoid),
        OF_X(hard_swish),
        OF_X(isinf),
        OF_X(isnan),
        POSITIVE(log),
        POSITIVE(log10),
        POSITIVE(log1p),
        POSITIVE(log2),
        OF_X(mish),
        OF_X(rad2deg),
        OF_X(relu),
        OF_X(rint),
        OF_X(round),
        OF_X(scaled_tanh),
        OF_X(selu),
        OF_X(sigmoid),
        OF_X(sign),
        OF_X(silu),
        OF_X(sin),
        OF_X(sinh),
        OF_X(softplus),
        OF_X(softsign),
        POSITIVE(sqrt),
        OF_X(square),
        OF_X(tan),
        OF_X(tanh),
        OF_X(trunc),
        OF_X(leaky_relu),
        OF_X(elu),
        OF_X(step),
        OF_X(transpose),
        OF_X(rot180),
        OF_X(standardize),
        OF_X(rms_normalize),
        OF_TWO(equal),
        OF_TWO(not_equal),
        OF_TWO(fdim),
        OF_TWO(greater),
        OF_TWO(greater_equal),
        OF_TWO(hypot),
        OF_TWO(less),
        OF_TWO(less_equal),
        OF_TWO(logical_and),
        OF_TWO(logical_or),
        OF_TWO(maximum),
        OF_TWO(minimum),
        {"inside", {5}, [](const auto& x) { return inside(x, -1, 0.5); }},
        {"clip", {5}, [](const auto& x) { return clip(x, -1, 0.5); }},
        {"negative", {5}, [](const auto& x) { return -x; }},
        {"add", {5}, [](const auto& x) { return x + fixed({5}) + 2 + x; }},
        {"subtract",
         {5},
         [](const auto& x) {
             return 1 - (x - fixed({1, 5}));
         }},
        {"multiply", {5}, [](const auto& x) { return 3 * x * fixed({5}); }},
        {"divide", {5}, [](const auto& x) { return 2 / x + x / 4 + x / exp(x); }, 1, 2},
        {"pow", {5}, [](const auto& x) { return pow(x, 2.5) + pow(fixed({5}) + 3, x); }, 1, 2},
        {"where", {5}, [](const auto& x) { return where(greater(x, fixed({5})), x, fixed({})); }},
        {"matmul",
         {3, 4},
         [](const auto& x) {
             return matmul(matmul(x, x, {.b = true}), fixed({3, 5}));
         }},
        {"matmul, transposed",
         {3, 4},
         [](const auto& x) {
             return matmul(matmul(x, fixed({2, 4}), {.b = true}), x, {.a = true});
         }},
        {"sum", {3, 4}, [](const auto& x) { return sum(x, {1}) + sum(sum(x, {2}, true), {1}); }},
        {"sum_to",
         {3, 4},
         [](const auto& x) {
             return x + sum_to(x, {4}) + sum_to(x, {1, 3, 1});
         }},
        {"max",
         {3, 4},
         [](const auto& x) {
             return max(x, {1, 2});
         }},
        {"min", {3, 4}, [](const auto& x) { return min(x, {1}, true); }},
        {"log_sum_exp", {3, 4}, [](const auto& x) { return log_sum_exp(x, {1}); }},
        {"norm_l2", {3, 4}, [](const auto& x) { return norm_l2(x, {2}, true); }},
        {"cumsum", {3, 4}, [](const auto& x) { return cumsum(x, 1); }},
        {"softmax", {3, 4}, [](const auto& x) { return softmax(x, 1); }},
        {"log_softmax", {3, 4}, [](const auto& x) { return log_softmax(x); }},
        {"broadcast_to",
         {3, 1},
         [](const auto& x) {
             return broadcast_to(x, {4, x.shape()[0], 3, 2});
         }},
        {"concatenate",
         {3, 4},
         [](const auto& x) {
             return concatenate({x, 2 * x}, 2);
         }},
        {"reshape",
         {3, 4},
         [](const auto& x) {
             return reshape(x, {2, x.shape()[0], 6});
         }},
        {"permute",
         {3, 4},
         [](const auto& x) {
             return permute(x, {2, 0, 1});
         }},
        {"flip",
         {3, 4},
         [](const auto& x) {
             return flip(x, {0, 2});
         }},
        {"slice", {6, 4}, [](const auto& x) { return slice(slice(x, 1, 1, 6, 2), 0, 1, x.shape()[0]); }},
        {"pad",
         {3, 4},
         [](const auto& x) {
             return pad(x, {{0, 1}, {2, 0}, {1, 1}}, 0.5f);
         }},
        {"embed",
         {3},
         [](const auto& x) {
             const std::size_t n = x.shape()[0];
             return embed(x, {n, 6}, {{0, n, 1}, {2, 3, 1}});
         }},
        {"gather",
         {3, 4},
         [](const auto& x) {
             return gather(x, Labels{2, 0, 0}, 1);
         }},
        {"unstack", {3, 4}, [](const auto& x) { return unstack(x, 1)[2] - unstack(x, 1)[0]; }},
        {"correlate2d", images,
         [](const auto& x) {
             return correlate2d(x, fixed({4, 1, 3, 2}), {.padding = Padding::same, .stride = 2, .groups = 2});
         }},
        {"correlate2d_input", images,
         [](const auto& x) {
             return correlate2d_input(x, fixed({2, 3, 3, 2}), {12, 13}, {.padding = 1, .stride = 2}) + fixed({3, 1, 1});
         }},
        {"max_pool2d", images, [](const auto& x) { return max_pool2d(x, {.size = 3, .stride = 2, .padding = 1}); }},
        {"mean_pool2d", images, [](const auto& x) { return mean_pool2d(x, {.size = 3, .stride = 2, .padding = 1}); }},
        {"mean_pool2d, padding counts", images,
         [](const auto& x) { return mean_pool2d(x, {.size = 3, .stride = 2, .padding = 1}, true); }},
        {"sum_pool2d", images, [](const auto& x) { return square_pool2d(x, {.size = 2}); }},
        {"l2_pool2d", images, [](const auto& x) { return l2_pool2d(x, {.size = 2}); }},
        {"block_sum",
         {2, 6, 4},
         [](const auto& x) {
             return block_sum(x, {3, 2});
         }},
        {"upsample", images,
         [](const auto& x) {
             return upsample(x, {3, 2});
         }},
        {"patches", images,
         [](const auto& x) {
             return patches(x, {3, 2}, {.padding = 1, .stride = 2});
         }},
    };
    return all;
}

#undef OF_X
#undef POSITIVE
#undef INSIDE_ONE
#undef OF_TWO

/** Numbers as the script reads them: axes, extents, elements. */
std::string numbers(const Array<float>& array)
{
    std::string bytes = bytes_of(static_cast<std::int32_t>(array.dimension()));
    for (const std::size_t extent : array.shape())
        bytes += bytes_of(static_cast<std::int32_t>(extent));
    return bytes.append(reinterpret_cast<const char*>(array.data()), array.size() * sizeof(float));
}

/** Runs each model of a folder, and prints what differs from the output beside it. */
constexpr const char* script = R"(
const ort = require('onnxruntime-node'), fs = require('fs')
function tensors(file) {
    const bytes = fs.readFileSync(file), all = []
    for (let at = 0; at < bytes.length;) {
        const dims = []
        const axes = bytes.readInt32LE(at)
        at += 4
        for (let i = 0; i < axes; ++i, at += 4) dims.push(bytes.readInt32LE(at))
        const count = dims.reduce((a, b) => a * b, 1), data = new Float32Array(count)
        for (let i = 0; i < count; ++i, at += 4) data[i] = bytes.readFloatLE(at)
        all.push(new ort.Tensor('float32', data, dims))
    }
    return all
}
async function check(name) {
    const [images, wanted] = tensors(name + '.bin')
    const session = await ort.InferenceSession.create(name + '.onnx', {logSeverityLevel: 3})
    const {logits} = await session.run({images})
    if (logits.dims.join() !== wanted.dims.join())
        return `shape ${logits.dims} where ${wanted.dims} was expected`
    let largest = 0, difference = 0
    wanted.data.forEach((y, i) => {
        largest = Math.max(largest, Math.abs(y))
        difference = Math.max(difference, Math.abs(y - logits.data[i]))
    })
    return difference <= 1e-5 * largest ? 'same' : `off by ${difference / largest}`
}
(async () => {
    for (const file of fs.readdirSync('.').filter(f => f.endsWith('.onnx')).sort()) {
        const name = file.slice(0, -5)
        let result
        try { result = await check(name) } catch (error) { result = error.message }
        console.log(`${name}: ${result}`)
    }
    console.log('done')
})()
)";

bool has_runtime()
{
    static const bool found = contains(output_of("node -e \"require('onnxruntime-node'); console.log(21 * 2)\""), "42");
    return found;
}

/** Compares all models of a folder; what differs is an error. */
void compare(const Folder& folder)
{
    write(folder / "check.js", script);
    std::string output = output_of("cd " + folder.path().string() + " && node check.js");
    CHECK(contains(output, "done\n"));
    for (std::size_t end; (end = output.find('\n')) != std::string::npos; output.erase(0, end + 1)) {
        const std::string line = output.substr(0, end);
        CHECK_MESSAGE((line == "done" || line.ends_with(": same")), line);
    }
}

/** Writes each case as a model, and beside it an input and what the network makes of it. Adds the ops that it met. */
void write_cases(const Folder& folder, std::set<std::string>& recorded)
{
    for (const Case& each : cases()) {
        CAPTURE(each.name);
        onnx::Recording recordings[2];
        for (std::size_t i = 0; i < 2; ++i) {
            const Variable<float> x = variable(random_images(each, 2 + i));
            recordings[i] = {graph_of_loss<float>([&] { return each.network(x); }, {}, {{"images", x}}),
                             xt::cast<double>(x.value())};
        }
        for (const GraphValue& value : recordings[0].graph.values)
            recorded.insert(value.op);
        write_model(folder / (std::string(each.name) + ".onnx"), onnx::to_onnx(recordings[0], recordings[1]));
        const Array<float> images = random_images(each, 5);
        write(folder / (std::string(each.name) + ".bin"),
              numbers(images) + numbers(each.network(constant(images)).value()));
    }
}

} // namespace

TEST_CASE("onnxruntime: every op that is exported")
{
    std::set<std::string> recorded;
    const Folder folder;
    write_cases(folder, recorded);
    for (const std::string& op : onnx::exported_ops())
        CHECK_MESSAGE(recorded.contains(op), op);
    if (has_runtime())
        compare(folder);
    else
        MESSAGE("skipped: there is no onnxruntime-node to compare with");
}

TEST_CASE("onnx: its own checker takes every op that is exported")
{
    if (!contains(output_of("/usr/bin/python3 -c 'import onnx; print(21 * 2)'"), "42")) {
        MESSAGE("skipped: there is no python3-onnx");
        return;
    }
    std::set<std::string> recorded;
    const Folder folder;
    write_cases(folder, recorded);
    write(folder / "check.py", "import glob, onnx\n"
                               "for name in glob.glob('*.onnx'):\n"
                               "    onnx.checker.check_model(onnx.load(name), full_check=True)\n"
                               "print('done')\n");
    CHECK(output_of("cd " + folder.path().string() + " && /usr/bin/python3 check.py") == "done\n");
}

TEST_CASE("onnxruntime: every network")
{
    if (!has_runtime()) {
        MESSAGE("skipped: there is no onnxruntime-node to compare with");
        return;
    }
    std::vector<std::pair<std::string, Choices>> networks = {{"lenet5", {{"pooling", "mean"}, {"activation", "gelu"}}},
                                                             {"lenet5", {{"connection-table", "yes"}}},
                                                             {"lenet5", {{"variant", "1998"}}},
                                                             {"bouvrie", {}},
                                                             {"bouvrie", {{"combination", "yes"}}},
                                                             {"mlp", {}},
                                                             {"residual-cnn", {}},
                                                             {"residual-cnn", {{"norm", "group"}}},
                                                             {"pixel-labeller", {}},
                                                             {"character-lstm", {}},
                                                             {"character-transformer", {}}};
    for (const std::string& kind : variant_names())
        networks.push_back({"variants", {{"kind", kind}}});
    const Folder folder;
    std::size_t number = 0;
    for (const auto& [name, choices] : networks) {
        const Classifier classifier = make_classifier(name, 1, choices);
        const std::string file = name + std::to_string(number++);
        write_model(folder / (file + ".onnx"), to_onnx(classifier));
        const Array<float> images = random_batch(classifier, 5, 7).images;
        write(folder / (file + ".bin"), numbers(images) + numbers(classifier.logits(constant(images)).value()));
    }
    compare(folder);
}
