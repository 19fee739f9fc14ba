// The verb compare with gradients that another program wrote.
#ifdef XGRAD_COMMAND

#include "command.hpp"
#include "formats/formats.hpp"
#include <xgrad/formats/arrays.hpp>

#include <fstream>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

const Words with_files = {"compare", "mlp", "--data", "mine/batch.npz", "--weights", "mine/weights.npz", "--gradients"};

Result compared(const Folder& folder, const std::string& gradients)
{
    Words words = with_files;
    words.push_back("mine/" + gradients);
    return call(folder, words);
}

void begin(const Folder& folder)
{
    const Result result =
        call(folder, {"compare", "mlp", "--data", XGRAD_SOURCE_DATA "/mnist-sample", "--write-example", "mine"});
    REQUIRE(result.code == 0);
    CHECK(contains(result.out, "python3 backward.py"));
}

/** Replaces a piece of a program by a mistake. */
void change(const std::filesystem::path& program, const std::string& right, const std::string& wrong)
{
    std::string text = contents(program);
    const std::size_t at = text.find(right);
    REQUIRE(at != std::string::npos);
    std::ofstream(program) << text.replace(at, right.size(), wrong);
}

struct Slip
{
    std::string in_numpy, wrong_in_numpy, in_octave, wrong_in_octave, explanation;
};

const Slip slips[] = {
    {"(y - t) / n", "(y - t)", "(y - t) / n", "(y - t)", "the number of samples"},
    {"slope(u2) * (d3", "(d3", "slope(u2) .* (d3", "(d3", "f' is missing in "},
    {"\"layer2.bias\": d2.sum(axis=0)", "\"layer2.bias\": -d2.sum(axis=0)", "layer2_bias = sum(d2, 1)",
     "layer2_bias = -sum(d2, 1)", "the sign is wrong"},
};

} // namespace

TEST_CASE("command: compare takes gradients from NumPy, and explains their mistakes")
{
    if (python().empty()) {
        MESSAGE("skipped: there is no Python with NumPy");
        return;
    }
    for (const Slip& slip : slips) {
        CAPTURE(slip.explanation);
        const Folder folder;
        begin(folder);
        REQUIRE(output_of("cd " + (folder / "mine").string() + " && " + python() + " backward.py").empty());
        const Result right = compared(folder, "gradients.npz");
        CHECK(right.code == 0);
        CHECK(contains(right.out, "\nall 9 rows agree\n"));
        change(folder / "mine/backward.py", slip.in_numpy, slip.wrong_in_numpy);
        REQUIRE(output_of("cd " + (folder / "mine").string() + " && " + python() + " backward.py").empty());
        const Result wrong = compared(folder, "gradients.npz");
        CHECK(wrong.code == 1);
        CHECK(contains(wrong.out, slip.explanation));
    }
}

TEST_CASE("command: compare takes gradients from Octave, and explains their mistakes")
{
    if (!has_octave()) {
        MESSAGE("skipped: there is no Octave");
        return;
    }
    const Folder folder;
    begin(folder);
    const std::string run = "cd " + (folder / "mine").string() + " && octave-cli -q backward.m";
    output_of(run);
    const Result right = compared(folder, "gradients.mat");
    CHECK(right.code == 0);
    CHECK(contains(right.out, "layer1_bias is layer1.bias\n"));
    CHECK(contains(right.out, "\nall 9 rows agree\n"));
    change(folder / "mine/backward.m", slips[1].in_octave, slips[1].wrong_in_octave);
    output_of(run);
    const Result wrong = compared(folder, "gradients.mat");
    CHECK(wrong.code == 1);
    CHECK(contains(wrong.out, slips[1].explanation));
}

TEST_CASE("command: the examples of convolutions agree, and their mistakes are explained")
{
    struct Example
    {
        const char *model, *in_numpy, *wrong_in_numpy, *in_octave, *wrong_in_octave, *explanation;
    };
    const Example examples[] = {
        {"lenet5", "return correlate(padded, k[:, :, ::-1, ::-1]", "return correlate(padded, k",
         "conv2(delta, squeeze(k(o, i, :, :)), 'full')", "conv2(delta, rot90(squeeze(k(o, i, :, :)), 2), 'full')",
         "one rot180 of the kernel too many or too few"},
        {"bouvrie", "d3 = slope(u3) * column(w[\"s4.beta\"]) * up(d4)", "d3 = slope(u3) * up(d4)",
         "d3 = slope(u3) .* of_maps(s4_beta) .* up(d4)", "d3 = slope(u3) .* up(d4)", "perhaps a β"}};
    for (const Example& example : examples) {
        const Folder folder;
        const std::string model = example.model, there = "cd " + (folder / "mine").string() + " && ";
        CAPTURE(model);
        const Result begun =
            call(folder, {"compare", model, "--data", XGRAD_SOURCE_DATA "/mnist-sample", "--write-example", "mine"});
        REQUIRE(begun.code == 0);
        CHECK(contains(begun.out, "compare " + model + " --weights weights.npz"));
        const auto compared = [&](const std::string& gradients) {
            return call(folder, {"compare", model, "--data", "mine/batch.npz", "--weights", "mine/weights.npz",
                                 "--gradients", "mine/" + gradients});
        };
        const auto check = [&](const std::string& run, const std::string& file, const std::string& gradients,
                               const char* right, const char* wrong) {
            CAPTURE(file);
            output_of(there + run);
            CHECK(contains(compared(gradients).out, "\nall 15 rows agree\n"));
            change(folder / ("mine/" + file), right, wrong);
            output_of(there + run);
            const Result found = compared(gradients);
            CAPTURE(found.out);
            CHECK(found.code == 1);
            CHECK(contains(found.out, example.explanation));
        };
        if (!python().empty())
            check(python() + " backward.py", "backward.py", "gradients.npz", example.in_numpy, example.wrong_in_numpy);
        if (has_octave())
            check("octave-cli -q backward.m", "backward.m", "gradients.mat", example.in_octave,
                  example.wrong_in_octave);
    }
}

TEST_CASE("command: compare finds what arrays stand for, by name and by shape")
{
    const Folder folder;
    begin(folder);
    const NamedArrays weights = load_arrays(folder / "mine/weights.npz");
    const auto zeros = [&](const std::string& name) { return AnyArray(Array<double>(weights.at(name).shape(), 0.0)); };
    save_npz(folder / "mine/g.npz", {{"grad_Layer1_weight", zeros("layer1.weight")}, {"W3", zeros("layer3.weight")}});
    const Result two = compared(folder, "g.npz");
    CHECK(two.code == 1); // all are 0
    CHECK(contains(two.out, "grad_Layer1_weight is layer1.weight\n"));
    CHECK(contains(two.out, "W3 is layer3.weight, by its shape\n"));
    CHECK(contains(two.out, "2 of 2 rows differ"));

    save_npz(folder / "mine/g.npz", {{"dW", Array<double>({5, 7}, 0.0)}});
    const Result none = compared(folder, "g.npz");
    CHECK(none.code == 1);
    CHECK(contains(none.err, "nothing in the network is clearly meant by dW (5,7); the network has layer1.bias (300)"));
    save_npz(folder / "mine/g.npz", {{"layer1.bias", Array<double>({7}, 0.0)}});
    CHECK(contains(compared(folder, "g.npz").err, "layer1.bias has shape (7), and layer1.bias of the network (300)"));
    save_npz(folder / "mine/g.npz", {});
    CHECK(contains(compared(folder, "g.npz").err, "there are no gradients"));

    NamedArrays fewer = weights;
    fewer.erase("layer2.bias");
    save_npz(folder / "mine/weights.npz", fewer);
    CHECK(contains(compared(folder, "g.npz").err, "these weights are missing: layer2.bias (100)"));
}

TEST_CASE("command: compare says what a batch lacks")
{
    const Folder folder;
    begin(folder);
    const auto with_batch = [&](const NamedArrays& batch) {
        save_npz(folder / "mine/batch.npz", batch);
        return compared(folder, "weights.npz").err; // as large as gradients
    };
    const Array<double> x({2, 784}, 0.5);
    CHECK(contains(with_batch({}), "there are no arrays"));
    CHECK(contains(with_batch({{"x", x}}), "labels (N) and images (N, 784) are needed, there are x (2,784)"));
    CHECK(contains(with_batch({{"x", x}, {"labels", Labels{1, 2, 3}}}), "are needed, there are labels (3), x (2,784)"));
    CHECK(contains(with_batch({{"x", x}, {"labels", Labels{1, 10}}}), "a label is 10; they are from 0 to 9"));
    CHECK(with_batch({{"pictures", x}, {"classes", Labels{1, 2}}}).empty());
    const Result both = call(folder, {"compare", "mlp", "--gradients", "g.npz", "--plant", "sign"});
    CHECK(both.code == 2);
    CHECK(call(folder, {"compare", "residual-cnn", "--write-example", "here"}).code == 2);
    CHECK(call(folder, {"compare", "mlp", "--activation", "tanh", "--write-example", "here"}).code == 2);
}

#endif
