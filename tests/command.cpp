// The xgrad command, run as a user runs it: as a process of its own.
#ifdef XGRAD_COMMAND

#include "files.hpp"
#include <xgrad/models/dataset.hpp>
#include <xgrad/models/idx.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <pty.h>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace xgrad;
using xgrad::test::contains;
using xgrad::test::contents;
using xgrad::test::Folder;

namespace
{

using Words = std::vector<std::string>;

[[noreturn]] void become_command(const std::filesystem::path& folder, const Words& words)
{
    std::vector<char*> arguments = {const_cast<char*>("xgrad")};
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    if (chdir(folder.c_str()) == 0)
        execv(XGRAD_COMMAND, arguments.data());
    _exit(99);
}

/** A running command in a folder; what it prints goes to the files out and err there. */
class Process
{
  public:
    Process(const Folder& folder, const Words& words)
    {
        pid_ = fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            const auto open_in = [&](const char* name) {
                return open((folder / name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
            };
            dup2(open_in("out"), STDOUT_FILENO);
            dup2(open_in("err"), STDERR_FILENO);
            become_command(folder.path(), words);
        }
    }

    void send(int signal) const { kill(pid_, signal); }

    /** The exit code; the negative signal's number if that ended it. */
    int wait() const
    {
        int status = 0;
        REQUIRE(waitpid(pid_, &status, 0) == pid_);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

  private:
    pid_t pid_;
};

struct Result
{
    int code;
    std::string out, err;
};

Result call(const Folder& folder, const Words& words)
{
    const int code = Process(folder, words).wait();
    return {code, contents(folder / "out"), contents(folder / "err")};
}

Result call(const Words& words)
{
    const Folder folder;
    return call(folder, words);
}

void wait_until(const std::function<bool()>& done)
{
    using namespace std::chrono_literals;
    for (int i = 0; i < 3000 && !done(); ++i)
        std::this_thread::sleep_for(10ms);
    REQUIRE(done());
}

std::ptrdiff_t line_count(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

/** One line that begins with "xgrad: ", nothing on stdout, and the exit code. */
void check_error(const Result& result, int code, const std::string& part)
{
    CAPTURE(result.err);
    CHECK(result.code == code);
    CHECK(result.out.empty());
    CHECK(result.err.starts_with("xgrad: "));
    CHECK(line_count(result.err) == 1);
    CHECK(contains(result.err, part));
}

Images part_of(const Images& images, std::size_t count)
{
    Shape shape = images.pixels.shape();
    shape[0] = count;
    Images part{empty<std::uint8_t>(shape), empty<std::int32_t>({count}), images.classes};
    std::copy_n(images.pixels.data(), part.pixels.size(), part.pixels.data());
    std::copy_n(images.labels.data(), count, part.labels.data());
    return part;
}

const Dataset& digits()
{
    static const Dataset dataset = [] {
        const Dataset sample = load_dataset(XGRAD_SOURCE_DATA "/mnist-sample");
        return Dataset{"digits", part_of(sample.train, 200), part_of(sample.test, 40)};
    }();
    return dataset;
}

/** A folder with 200 training and 40 test digits in it. */
std::string data_folder()
{
    static const Folder folder;
    if (folder.count() == 0) {
        write_idx_images(folder / "train-images-idx3-ubyte", digits().train.pixels);
        write_idx_labels(folder / "train-labels-idx1-ubyte", digits().train.labels);
        write_idx_images(folder / "t10k-images-idx3-ubyte", digits().test.pixels);
        write_idx_labels(folder / "t10k-labels-idx1-ubyte", digits().test.labels);
    }
    return folder.path().string();
}

Words train(const std::string& model, const Words& more = {})
{
    Words words = {"train", model, "--data", data_folder(), "--batch", "20"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

/** A folder in which lenet5 was trained, one checkpoint for all tests. */
const Folder& trained()
{
    static const Folder folder;
    if (folder.count() == 0)
        REQUIRE(call(folder, train("lenet5", {"--epochs", "6"})).code == 0);
    return folder;
}

const std::string best = "xgrad-runs/lenet5/best.safetensors";

std::string pgm(const Array<std::uint8_t>& pixels, std::size_t height, std::size_t width)
{
    std::string bytes = "P5\n# a digit\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n";
    return bytes.append(reinterpret_cast<const char*>(pixels.data()), height * width);
}

/** Test image n, each pixel of it repeated `factor` times each way. */
Array<std::uint8_t> digit(std::size_t n, std::size_t factor = 1)
{
    const std::size_t extent = 28 * factor;
    Array<std::uint8_t> pixels = empty<std::uint8_t>({extent, extent});
    for (std::size_t i = 0; i < extent; ++i)
        for (std::size_t j = 0; j < extent; ++j)
            pixels(i, j) = digits().test.pixels(n, 0, i / factor, j / factor);
    return pixels;
}

/** What predict says of a file's bytes, without the file's name. */
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

TEST_CASE("command: help tells verbs, options and an example")
{
    const Result top = call({"--help"});
    CHECK(top.code == 0);
    CHECK(top.err.empty());
    for (const char* verb : {"train", "evaluate", "predict", "summary", "gradcheck"}) {
        CAPTURE(verb);
        CHECK(contains(top.out, std::string("  ") + verb));
        const Result one = call({verb, "--help"});
        CHECK(one.code == 0);
        CHECK(contains(one.out, "Example"));
        CHECK(contains(one.out, std::string("  xgrad ") + verb));
    }
    for (const char* option :
         {"--data", "--epochs", "--batch", "--learning-rate", "--seed", "--threads", "--resume", "--log"})
        CHECK(contains(call({"train", "--help"}).out, option));
}

TEST_CASE("command: version")
{
    const Result result = call({"--version"});
    CHECK(result.code == 0);
    CHECK(result.out.starts_with("xgrad 0."));
}

TEST_CASE("command: without arguments it shows the help, as an error")
{
    const Result result = call(Words{});
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(contains(result.err, "gradcheck"));
}

TEST_CASE("command: wrong usage is one line and exit code 2")
{
    check_error(call({"learn"}), 2, "there is no verb 'learn'; there are: train");
    check_error(call({"train"}), 2, "MODEL");
    check_error(call({"train", "lenet6"}), 2, "lenet6");
    check_error(call({"train", "lenet5", "--speed", "9"}), 2, "--speed");
    check_error(call({"train", "lenet5", "--threads", "0"}), 2, "--threads");
    check_error(call({"train", "lenet5", "--epochs", "0"}), 2, "--epochs: must be a number greater than 0, not 0");
    check_error(call({"train", "lenet5", "--epochs", "some"}), 2, "--epochs");
    check_error(call({"train", "lenet5", "--epochs", "2.5"}), 2, "2.5");
    check_error(call({"train", "lenet5", "--batch", "-4"}), 2, "--batch");
    check_error(call({"train", "lenet5", "--learning-rate", "nan"}), 2, "--learning-rate");
    check_error(call({"train", "lenet5", "--weight-decay", "-1"}), 2, "--weight-decay");
    check_error(call({"train", "lenet5", "--optimizer", "magic"}), 2, "nesterov");
    check_error(call({"train", "lenet5", "--schedule", "magic"}), 2, "cosine");
    check_error(call({"train", "lenet5", "--activation", "magic"}), 2, "relu");
    check_error(call({"train", "mlp", "--connection-table"}), 2, "[mlp]");
    check_error(call({"summary"}), 2, "MODEL");
    check_error(call({"evaluate"}), 2, "CHECKPOINT");
    check_error(call({"predict", "some.safetensors"}), 2, "--index");
    check_error(call({"gradcheck", "magic"}), 2, "matmul");
}

TEST_CASE("command: failures are one line and exit code 1")
{
    check_error(call({"train", "lenet5", "--data", "/nowhere"}), 1, "/nowhere");
    check_error(call({"evaluate", "missing.safetensors"}), 1, "missing.safetensors");
    check_error(call({"train", "lenet5", "--resume"}), 1, "xgrad-runs/lenet5/last.safetensors");
    check_error(call({"train", "lenet5", "--data", data_folder(), "--batch", "201"}), 1, "give 200 or less");
}

TEST_CASE("command: what cannot be written is found before the data are loaded")
{
    check_error(call({"train", "lenet5", "--output", "/dev/null/run", "--data", "/nowhere"}), 1, "/dev/null/run");
    check_error(call({"train", "lenet5", "--log", "no/folder/log", "--data", "/nowhere"}), 1, "no/folder/log");
}

TEST_CASE("command: train prints a line for each epoch, and the result")
{
    const Folder folder;
    const Result result = call(folder, train("mlp", {"--epochs", "3"}));
    CHECK(result.code == 0);
    CHECK(result.err.empty()); // no bar, as this is not a terminal
    CHECK(line_count(result.out) == 2 + 3 + 3);
    CHECK(contains(result.out, "epoch 1/3  loss "));
    CHECK(contains(result.out, "epoch 3/3  loss "));
    CHECK(contains(result.out, " %  "));
    CHECK(contains(result.out, " images/s"));
    CHECK(contains(result.out, "best test error "));
    CHECK(contains(result.out, "next: xgrad evaluate xgrad-runs/mlp/best.safetensors"));
    CHECK_FALSE(contains(result.out, "\r"));
    CHECK(std::filesystem::exists(folder / "xgrad-runs/mlp/best.safetensors"));
    CHECK(std::filesystem::exists(folder / "xgrad-runs/mlp/last.safetensors"));
}

TEST_CASE("command: --quiet leaves the result alone")
{
    const Result result = call(train("mlp", {"--epochs", "2", "--quiet"}));
    CHECK(result.code == 0);
    CHECK(line_count(result.out) == 3);
    CHECK(result.out.starts_with("best test error "));
}

TEST_CASE("command: --log appends an object for each epoch")
{
    const Folder folder;
    for (int run = 0; run < 2; ++run)
        REQUIRE(call(folder, train("mlp", {"--epochs", "2", "--log", "log"})).code == 0);
    std::istringstream lines(contents(folder / "log"));
    std::string line;
    std::vector<int> epochs;
    while (std::getline(lines, line)) {
        const auto object = nlohmann::json::parse(line);
        CHECK(object.size() == 5);
        epochs.push_back(object.at("epoch"));
        CHECK(object.at("train_loss") > 0);
        CHECK(object.at("test_error") > 0);
        CHECK(object.at("test_error") <= 1);
        CHECK(object.at("images_per_second") > 0);
        CHECK(object.at("seconds") > 0);
    }
    CHECK(epochs == std::vector{1, 2, 1, 2});
}

TEST_CASE("command: on a terminal a bar is drawn on stderr")
{
    const Folder folder;
    const Words words = train("lenet5", {"--epochs", "8"});
    int terminal = -1;
    winsize size{.ws_row = 24, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
    const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
    REQUIRE(child >= 0);
    if (child == 0) {
        setenv("TERM", "xterm", 1);
        become_command(folder.path(), words);
    }
    std::string shown;
    char buffer[4096];
    for (ssize_t count = 0; (count = read(terminal, buffer, sizeof buffer)) > 0;)
        shown.append(buffer, static_cast<std::size_t>(count));
    close(terminal);
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(contains(shown, "\repoch 1/8 ["));
    CHECK(contains(shown, "loss "));
    CHECK(contains(shown, " left\033[K"));
    CHECK(contains(shown, "\r\033[Kepoch 1/8  loss ")); // taken away before the line
}

TEST_CASE("command: an earlier training's checkpoints are kept")
{
    const Folder folder;
    REQUIRE(call(folder, train("mlp", {"--epochs", "1"})).code == 0);
    const std::string before = contents(folder / "xgrad-runs/mlp/last.safetensors");
    const Result second = call(folder, train("mlp", {"--epochs", "1", "--seed", "2"}));
    CHECK(second.code == 0);
    CHECK(contains(second.err, "previous-"));
    CHECK(contents(folder / "xgrad-runs/mlp/previous-last.safetensors") == before);
    CHECK(contents(folder / "xgrad-runs/mlp/last.safetensors") != before);
}

TEST_CASE("command: the same files on one thread and on two")
{
    std::vector<std::string> files;
    for (const char* threads : {"1", "2"}) {
        const Folder folder;
        REQUIRE(call(folder, train("lenet5", {"--epochs", "2", "--threads", threads})).code == 0);
        files.push_back(contents(folder / best) + contents(folder / "xgrad-runs/lenet5/last.safetensors"));
    }
    CHECK(files[0] == files[1]);
    CHECK(files[0].size() > 4 * 61706);
}

TEST_CASE("command: more threads than cores are a note")
{
    const Result result = call(train("mlp", {"--epochs", "1", "--threads", "500"}));
    CHECK(result.code == 0);
    CHECK(contains(result.err, "note: 500 threads"));
}

TEST_CASE("command: an interrupt saves and stops, and --resume comes to the same file as without one")
{
    const std::string last = "xgrad-runs/lenet5/last.safetensors";
    const Folder whole, parts;
    REQUIRE(call(whole, train("lenet5", {"--epochs", "40"})).code == 0);

    const Process process(parts, train("lenet5", {"--epochs", "40", "--log", "log"}));
    wait_until([&] { return line_count(contents(parts / "log")) >= 2; });
    process.send(SIGINT);
    CHECK(process.wait() == 130);
    const std::string err = contents(parts / "err");
    CHECK(contains(err, "stopped in epoch "));
    CHECK(contains(err, "to go on: xgrad train lenet5 --resume xgrad-runs/lenet5/last.safetensors"));
    CHECK(contents(parts / last) != contents(whole / last));

    const Result rest = call(parts, {"train", "lenet5", "--resume", "--log", "log"});
    CHECK(rest.code == 0);
    CHECK(contains(rest.err, "note: goes on in epoch "));
    CHECK(contents(parts / last) == contents(whole / last));
    CHECK(contents(parts / best) == contents(whole / best));
    CHECK(line_count(contents(parts / "log")) == 40);
}

TEST_CASE("command: SIGTERM saves and stops too")
{
    const Folder folder;
    const Process process(folder, train("mlp", {"--epochs", "100000", "--log", "log"}));
    wait_until([&] { return line_count(contents(folder / "log")) >= 1; });
    process.send(SIGTERM);
    CHECK(process.wait() == 143);
    CHECK(std::filesystem::exists(folder / "xgrad-runs/mlp/last.safetensors"));
}

TEST_CASE("command: a second interrupt ends it at once")
{
    using namespace std::chrono_literals;
    int code = 0;
    for (int attempt = 0; attempt < 10 && code != -SIGINT; ++attempt) { // it may be at the end of a batch just now
        const Folder folder;
        const Process process(folder, {"train", "lenet5", "--data", XGRAD_SOURCE_DATA "/mnist-sample", "--batch",
                                       "4000", "--threads", "1", "--log", "log"});
        wait_until([&] { return line_count(contents(folder / "log")) >= 1; });
        process.send(SIGINT);
        std::this_thread::sleep_for(5ms);
        process.send(SIGINT);
        code = process.wait();
    }
    CHECK(code == -SIGINT);
}

TEST_CASE("command: --resume refuses another model, other data and other options")
{
    const Folder& folder = trained();
    check_error(call(folder, {"train", "mlp", "--resume", best}), 1, "of the model lenet5, not mlp");
    check_error(call(folder, {"train", "lenet5", "--resume", best, "--data", XGRAD_SOURCE_DATA "/mnist-sample"}), 1,
                "other data");
    check_error(call(folder, {"train", "lenet5", "--resume", best, "--epochs", "9"}), 1, "epochs 6, not 9");
    check_error(call(folder, {"train", "lenet5", "--resume", best, "--pooling", "mean"}), 1, "'max', not 'mean'");
}

TEST_CASE("command: --resume of a finished training says so")
{
    const Result result = call(trained(), {"train", "lenet5", "--resume"});
    CHECK(result.code == 0);
    CHECK(contains(result.err, "nothing left to do"));
    CHECK(contains(result.out, "best test error "));
}

TEST_CASE("command: a loss that explodes ends with the reason")
{
    const Words exploding = {"--learning-rate", "1e30", "--optimizer", "sgd"};
    const Result plain = call(train("mlp", exploding));
    CHECK(plain.code == 1);
    CHECK(contains(plain.err, "epoch 1, batch 2 of 10"));
    CHECK_FALSE(contains(plain.err, "[matmul]"));
    Words detecting = exploding;
    detecting.push_back("--detect-nan");
    const Result detected = call(train("mlp", detecting));
    CHECK(detected.code == 1);
    CHECK(contains(detected.err, "epoch 1, batch 2 of 10"));
    CHECK(contains(detected.err, "[matmul]"));
}

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
    CHECK(prediction(pgm(inverted, 28, 28)) != expected + "\n");
}

TEST_CASE("command: predict shrinks larger images and frames smaller ones")
{
    const std::string expected = prediction(pgm(digit(3), 28, 28));
    CHECK(prediction(pgm(digit(3, 3), 84, 84)) == expected);

    const Array<std::uint8_t> whole = digit(3);
    Array<std::uint8_t> inner = empty<std::uint8_t>({24, 22}); // MNIST leaves a margin of four at least
    Array<std::uint8_t> margin = whole;
    for (std::size_t i = 0; i < 24; ++i)
        for (std::size_t j = 0; j < 22; ++j) {
            inner(i, j) = whole(i + 2, j + 3);
            margin(i + 2, j + 3) = 0;
        }
    REQUIRE(std::all_of(margin.begin(), margin.end(), [](std::uint8_t pixel) { return pixel == 0; }));
    CHECK(prediction(pgm(inner, 24, 22)) == expected);

    const std::string longish = "P5 1 400 255\n" + std::string(400, '\xff');
    CHECK_FALSE(prediction(longish).empty());
}

TEST_CASE("command: predict refuses files that are no PGM images")
{
    const auto refuse = [](const std::string& bytes, const std::string& part) {
        test::write(trained() / "bad.pgm", bytes);
        check_error(call(trained(), {"predict", best, "bad.pgm"}), 1, part);
    };
    refuse("", "not a PGM image");
    refuse("P6 1 1 255\nabc", "not a PGM image");
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

TEST_CASE("command: gradcheck of one op prints its line")
{
    const Result result = call({"gradcheck", "tanh"});
    CHECK(result.code == 0);
    CHECK(contains(result.out, "tanh"));
    CHECK(contains(result.out, "largest relative error"));
    CHECK(contains(result.out, "all gradients agree"));
}

#endif
