// The verbs for models that exist: evaluate, predict, summary, gradcheck.
#ifdef XGRAD_COMMAND

#include "command.hpp"
#include "long.hpp"
#include "networks.hpp"

#include <regex>
#include <sstream>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

std::string pgm(const Array<std::uint8_t>& pixels, std::size_t height, std::size_t width)
{
    std::string bytes = "P5\n# a digit\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n";
    return bytes.append(reinterpret_cast<const char*>(pixels.data()), height * width);
}

/** Test image n, each pixel of it repeated `factor` times each way. */
Array<std::uint8_t> digit(std::size_t n, std::size_t factor = 1)
{
    const std::size_t extent = 28 * factor;
    Array<std::uint8_t> pixels = empty_array<std::uint8_t>({extent, extent});
    for (std::size_t i = 0; i < extent; ++i)
        for (std::size_t j = 0; j < extent; ++j)
            pixels(i, j) = command_digits().test.pixels(n, 0, i / factor, j / factor);
    return pixels;
}

/** The output of predict for a file's bytes, without the file's name. */
std::string prediction(const std::string& bytes, const Words& more = {})
{
    test::write(trained() / "image.pgm", bytes);
    Words words = {"predict", best, "image.pgm"};
    words.insert(words.end(), more.begin(), more.end());
    const Result result = call(trained(), words);
    CHECK(result.code == 0);
    return result.out.substr(result.out.find(": ") + 2);
}

} // namespace

TEST_CASE("command: evaluate prints error, count and the confusion matrix")
{
    const Result result = call(trained(), {"evaluate", best});
    CHECK(result.code == 0);
    CHECK(contains(result.out, "of 40 test images are wrong, test error "));
    CHECK(contains(result.out, "predicted"));
    CHECK(line_count(result.out) == 2 + 1 + 10);
    const Result other = call(trained(), {"evaluate", best, "--data", XGRAD_SOURCE_DATA "/mnist-sample"});
    CHECK(contains(other.out, "of 1,000 test images"));
}

TEST_CASE("command: the columns of a summary stay in line, however long the names of layers are")
{
    for (const char* model : {"lenet5", "residual-cnn", "character-transformer"}) {
        std::istringstream lines(call({"summary", model}).out);
        std::string line, first;
        std::getline(lines, first);
        while (std::getline(lines, line))
            CHECK(line.size() == first.size());
    }
}

TEST_CASE("command: evaluate refuses what is no checkpoint")
{
    const Folder folder;
    test::write(folder / "junk", "no tensors in here, only words and words");
    check_error(call(folder, {"evaluate", "junk"}), 1, "junk");
}

TEST_CASE("command: predict reads test images by their number, with the label")
{
    const Result result = call(trained(), {"predict", best, "--index", "0", "1"});
    CHECK(result.code == 0);
    CHECK(line_count(result.out) == 2);
    CHECK(contains(result.out, "test image 0: "));
    CHECK(contains(result.out, ", labelled 7\n"));
    CHECK(contains(result.out, ", labelled 2\n"));
    check_error(call(trained(), {"predict", best, "--index", "40"}), 1, "from 0 to 39");
}

TEST_CASE("command: predict reads PGM files")
{
    const std::string by_index = call(trained(), {"predict", best, "--index", "3"}).out;
    const std::string expected =
        by_index.substr(by_index.find(": ") + 2, by_index.find(", labelled") - by_index.find(": ") - 2);
    const Array<std::uint8_t> pixels = digit(3);

    CHECK(prediction(pgm(pixels, 28, 28)) == expected + "\n");

    std::string plain = "P2 28 28 255";
    for (const std::uint8_t pixel : pixels)
        plain += "\n" + std::to_string(pixel);
    CHECK(prediction(plain) == expected + "\n");

    std::string wide = "P5 28 28 65535\n";
    for (const std::uint8_t pixel : pixels)
        wide.append(2, static_cast<char>(pixel)); // 257 times the pixel
    CHECK(prediction(wide) == expected + "\n");

    Array<std::uint8_t> inverted = pixels;
    for (std::uint8_t& pixel : inverted)
        pixel = static_cast<std::uint8_t>(255 - pixel);
    CHECK(prediction(pgm(inverted, 28, 28), {"--invert"}) == expected + "\n");
    CHECK(prediction(pgm(inverted, 28, 28)) == expected + "\n");
    CHECK(prediction(pgm(inverted, 28, 28), {"--as-is"}) != expected + "\n");
}

TEST_CASE("command: predict --as-is shrinks larger images and frames smaller ones")
{
    const std::string expected = prediction(pgm(digit(3), 28, 28), {"--as-is"});
    CHECK(prediction(pgm(digit(3, 3), 84, 84), {"--as-is"}) == expected);

    const Array<std::uint8_t> whole = digit(3);
    Array<std::uint8_t> inner = empty_array<std::uint8_t>({24, 22}); // MNIST leaves a margin of four at least
    Array<std::uint8_t> margin = whole;
    for (std::size_t i = 0; i < 24; ++i)
        for (std::size_t j = 0; j < 22; ++j) {
            inner(i, j) = whole(i + 2, j + 3);
            margin(i + 2, j + 3) = 0;
        }
    REQUIRE(std::all_of(margin.begin(), margin.end(), [](std::uint8_t pixel) { return pixel == 0; }));
    CHECK(prediction(pgm(inner, 24, 22), {"--as-is"}) == expected);

    const std::string longish = "P5 1 400 255\n" + std::string(400, '\xff');
    CHECK_FALSE(prediction(longish).empty());
    CHECK_FALSE(prediction(longish, {"--as-is"}).empty());
}

TEST_CASE("command: predict refuses files that are no images")
{
    const auto refuse = [](const std::string& bytes, const std::string& part) {
        test::write(trained() / "bad.pgm", bytes);
        check_error(call(trained(), {"predict", best, "bad.pgm"}), 1, part);
    };
    refuse("", "is none of PNG, JPEG, PGM");
    refuse("GIF89a", "is none of PNG, JPEG, PGM");
    refuse("P5 28 28 255\nabc", "cut off");
    refuse("P5 28", "damaged");
    refuse("P5 0 28 255\n", "0x28");
    refuse("P5 28 28 0\n", "damaged");
    refuse("P5 60000000 60000000 255\n", "too large");
    refuse("P5 99999999999999999999999999 1 255\n", "too large");
    refuse("P2 1 1 255\n256", "greater than 255");
    refuse("P2 2 1 255\n7", "a number is missing");
    check_error(call(trained(), {"predict", best, "missing.pgm"}), 1, "missing.pgm");
    check_error(call(trained(), {"predict", best, "."}), 1, "cannot be opened");
}

TEST_CASE("command: summary has the paper's numbers")
{
    const Result result = call({"summary", "lenet5", "--connection-table"});
    CHECK(result.code == 0);
    for (const char* part : {"6@28x28", "156", "122,304", "16@10x10", "1,516", "151,600", "48,120", "10,164", "60,806"})
        CHECK(contains(result.out, part));
    CHECK(contains(call({"summary", "lenet5"}).out, "61,706"));
    CHECK(contains(call({"summary", "mlp"}).out, "266,610"));
}

TEST_CASE("command: summary of the variant of 1998 is the paper's table, row by row")
{
    const Result result = call({"summary", "lenet5", "--variant", "1998"});
    CHECK(result.code == 0);
    const std::vector<std::vector<std::string>> rows = {{"C1", "156", "122,304"},   {"S2", "12", "5,880"},
                                                        {"C3", "1,516", "151,600"}, {"S4", "32", "2,000"},
                                                        {"C5", "48,120", "48,120"}, {"F6", "10,164", "10,164"},
                                                        {"RBF", "0", "840"},        {"total", "60,000", "340,908"}};
    for (const auto& row : rows)
        CHECK(std::regex_search(result.out, std::regex("\n" + row[0] + " .* " + row[1] + " +" + row[2] + " ")));
}

TEST_CASE("command: each model that there is can be summarized, drawn, trained and evaluated")
{
    const std::string help = call({"train", "--help"}).out;
    for (const Architecture& model : architectures()) {
        CAPTURE(model.name);
        CHECK(contains(help, model.name + ": " + model.help));
        CHECK(call({"summary", model.name}).code == 0);
        if (!model.each.empty())
            continue; // all of its kinds would take long
        CHECK(call({"graph", model.name, "--backward"}).code == 0);
        const Folder folder;
        CHECK(call(folder, train(model.name, {"--epochs", "1"})).code == 0);
        const Result result = call(folder, {"evaluate", "xgrad-runs/" + model.name + "/best.safetensors"});
        CHECK(result.out.starts_with(model.name + " on "));
    }
}

TEST_CASE("command: variants without a kind are all of them, one after the other")
{
    const Result result = call({"summary", "variants"});
    CHECK(result.code == 0);
    for (const char* kind : {"convolution:", "tiled:", "adaptive-pooling:"})
        CHECK(contains(result.out, kind));
    check_error(call({"train", "variants", "--resume"}), 2, "--kind");
    check_error(call({"train", "variants", "--kind", "trilled"}), 2, "tiled");
}

TEST_CASE("command: recipes and rates that cannot be are wrong uses")
{
    check_error(call({"train", "bouvrie", "--recipe", "lecun1998"}), 2, "[bouvrie] it has no recipes");
    check_error(call({"train", "lenet5", "--recipe", "lecun1989"}), 2, "did you mean 'lecun1998'?");
    check_error(call({"train", "mlp", "--data", "mnist-sample", "--rate", "layer9", "1"}), 1, "layer1.weight");
    check_error(call({"train", "lenet5", "--variant", "1998", "--pooling", "mean"}), 2, "leave these out");
    check_error(call({"train", "lenet5", "--recipe", "lecun1998", "--variant", "modern"}), 2, "variant '1998'");
    check_error(call({"train", "variants", "--recipe", "lecun1998"}), 2, "[variants] it has no recipes");
    check_error(call({"train", "lenet5", "--resume", "--recipe", "lecun1998"}), 2, "--resume");
    check_error(call({"train", "mlp", "--data", "mnist-sample", "--pretrain", "1"}), 2, "lenet5 and bouvrie");
    check_error(call({"train", "pixel-labeller", "--data", "mnist-sample", "--optimizer", "sdlm"}), 1, "of pixels");
    check_error(call({"summary", "variants", "--hidden", "3"}), 2, "no option 'hidden'");
}

TEST_CASE("command: the recipe of 1998, and ways to train that go together" * test::is_long)
{
    const Result recipe = call({"train", "lenet5", "--data", data_folder(), "--recipe", "lecun1998", "--epochs", "1"});
    CHECK(recipe.code == 0);
    CHECK(contains(recipe.out, "lenet5: 60,000 parameters"));
    CHECK(contains(recipe.out, "sdlm, learning rate 0.0005 (lecun1998), weight decay 0, batches of 1, seed 1"));
    const Result ways = call(train("bouvrie", {"--epochs", "2", "--pretrain", "1", "--frozen-epochs", "1", "--distort",
                                               "--rate", "c1", "0.5", "--flip", "--shift", "2", "--erase", "6"}));
    CHECK(ways.code == 0);
    CHECK(contains(ways.out, "c3 learned without labels"));
    CHECK(contains(ways.out, "distorted images"));
    CHECK(contains(ways.out, "half of the images mirrored, images shifted by up to 2 pixels, a square of 6x6 pixels "
                             "erased"));
}

TEST_CASE("command: a model that mirrors images by default does, and can be told not to")
{
    const auto trained = [](const std::vector<std::string>& more) {
        std::vector<std::string> words{"--maps", "1", "--blocks", "0", "--epochs", "1"};
        words.insert(words.end(), more.begin(), more.end());
        const Result result = call(train("residual-cnn", words));
        CHECK(result.code == 0);
        return contains(result.out, "half of the images mirrored");
    };
    CHECK(trained({}));
    CHECK(trained({"--flip"}));
    CHECK_FALSE(trained({"--no-flip"}));
    check_error(call(train("residual-cnn", {"--flip", "--no-flip"})), 2, "excludes");
}

TEST_CASE("command: a pixel labeller is trained, evaluated by pixels, and draws its answer")
{
    const Folder folder;
    const Result trained = call({"train", "pixel-labeller", "--data", data_folder(), "--maps", "4", "--steps", "2",
                                 "--epochs", "1", "--output", folder.path().string()});
    CHECK(trained.code == 0);
    const std::string best = (folder / "best.safetensors").string();
    CHECK(contains(call({"evaluate", best}).out, "test pixels are wrong"));
    const Result drawn = call({"predict", best, "--index", "0"});
    CHECK(drawn.code == 0);
    CHECK(std::regex_search(drawn.out, std::regex("\n[.0-9]{28}\n[.0-9]{28}\n")));
}

TEST_CASE("command: a model of characters is trained and evaluated by its loss, and writes a text")
{
    const Folder folder;
    const Result trained =
        call(folder, train("character-lstm", {"--units", "8", "--width", "4", "--validation", "6", "--epochs", "2"}));
    CHECK(trained.code == 0);
    CHECK(contains(trained.out, "30 training, 6 validation and 4 test windows of 128 characters"));
    CHECK(contains(trained.out, " windows/s"));
    CHECK(std::regex_search(trained.out,
                            std::regex("epoch 2/2  loss [45]\\.[0-9]{4}  validation loss [45]\\.[0-9]{4} nats")));
    CHECK(std::regex_search(trained.out, std::regex("\ntest loss of the checkpoint [45]\\.[0-9]{4} nats\n")));
    const std::string best = "xgrad-runs/character-lstm/best.safetensors";

    const Result evaluated = call(folder, {"evaluate", best});
    CHECK(std::regex_search(evaluated.out,
                            std::regex("of 512 test characters are wrong, test error [0-9.]+ %\n"
                                       "test loss [45]\\.[0-9]{4} nats, or [67]\\.[0-9]{3} bits, for each")));

    const Words predict = {"predict", best, "--text", "Alice", "--length", "30"};
    const Result once = call(folder, predict), again = call(folder, predict);
    CHECK(once.out.starts_with("Alice"));
    CHECK(once.out.size() > 35); // characters that are no text are escaped
    CHECK(once.out == again.out);

    check_error(call(folder, {"predict", best, "--index", "0"}), 2, "with --text");
    check_error(call(folder, {"predict", best}), 2, "nothing to predict");
    check_error(call(test::trained(), {"predict", test::best, "--text", "Alice"}), 2, "reads images");
}

TEST_CASE("command: data of the wrong kind for a model are an error")
{
    check_error(call({"train", "character-lstm", "--data", data_folder()}), 1, "[character-lstm] it reads texts");
    check_error(call({"train", "mlp", "--data", text_file(), "--batch", "9"}), 1,
                "[mlp] it reads images, this is a text");
    check_error(call(train("character-lstm", {"--distort"})), 1, "distortions are for images");
    check_error(call(train("character-lstm", {"--optimizer", "sdlm"})), 1, "those of characters");
    check_error(call({"summary", "character-transformer", "--heads", "5"}), 2, "must divide");
    check_error(call({"summary", "character-transformer", "--dropout", "1"}), 2, "not below 1");
    const Folder folder;
    test::write(folder / "short.txt", "too short");
    check_error(call(folder, {"train", "character-lstm", "--data", "short.txt"}), 1, "short.txt has 9 characters: 257");
}

TEST_CASE("command: gradcheck of one op prints its line")
{
    const Result result = call({"gradcheck", "tanh"});
    CHECK(result.code == 0);
    CHECK(contains(result.out, "tanh"));
    CHECK(contains(result.out, "largest relative error"));
    CHECK(contains(result.out, "all gradients agree"));
}

#endif
