#pragma once
// The xgrad command, run as a user runs it: as a process of its own.

#include "files.hpp"
#include "models/digits.hpp"
#include <xgrad/models/data/idx.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace xgrad::test
{

using Words = std::vector<std::string>;

[[noreturn]] inline void become_command(const std::filesystem::path& folder, const Words& words)
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
    /** @param prepare  called in the new process, before it becomes the command */
    Process(const Folder& folder, const Words& words, const std::function<void()>& prepare = {})
    {
        pid_ = fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            const auto open_in = [&](const char* name) {
                return open((folder / name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
            };
            dup2(open_in("out"), STDOUT_FILENO);
            dup2(open_in("err"), STDERR_FILENO);
            std::signal(SIGHUP, SIG_DFL); // which nohup ignores, if it has started the tests
            if (prepare)
                prepare();
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

inline Result call(const Folder& folder, const Words& words, const std::function<void()>& prepare = {})
{
    const int code = Process(folder, words, prepare).wait();
    return {code, contents(folder / "out"), contents(folder / "err")};
}

inline Result call(const Words& words)
{
    const Folder folder;
    return call(folder, words);
}

inline void wait_until(const std::function<bool()>& done)
{
    using namespace std::chrono_literals;
    for (int i = 0; i < 3000 && !done(); ++i)
        std::this_thread::sleep_for(10ms);
    REQUIRE(done());
}

inline std::ptrdiff_t line_count(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

/** CHECKs that an error is one line that begins with "xgrad: ", with nothing on stdout, and the exit code. */
inline void check_error(const Result& result, int code, const std::string& part)
{
    CAPTURE(result.err);
    CHECK(result.code == code);
    CHECK(result.out.empty());
    CHECK(result.err.starts_with("xgrad: "));
    CHECK(line_count(result.err) == 1);
    CHECK(contains(result.err, part));
}

inline const Dataset& command_digits()
{
    static const Dataset dataset = first_digits(200, 40);
    return dataset;
}

/** A folder with 200 training and 40 test digits in it. */
inline std::string data_folder()
{
    static const Folder folder;
    if (folder.count() == 0) {
        write_idx_images(folder / "train-images-idx3-ubyte", command_digits().train.pixels);
        write_idx_labels(folder / "train-labels-idx1-ubyte", command_digits().train.labels);
        write_idx_images(folder / "t10k-images-idx3-ubyte", command_digits().test.pixels);
        write_idx_labels(folder / "t10k-labels-idx1-ubyte", command_digits().test.labels);
    }
    return folder.path().string();
}

/** A file of text: 40 windows. */
inline std::string text_file()
{
    static const Folder folder;
    if (folder.count() == 0)
        write(folder / "text.txt", first_characters(40 * text_context + 1));
    return (folder / "text.txt").string();
}

inline Words train(const std::string& model, const Words& more = {})
{
    const std::string data = model.starts_with("character") ? text_file() : data_folder();
    Words words = {"train", model, "--data", data, "--batch", "20"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

/** A folder in which lenet5 was trained, one checkpoint for all tests. */
inline const Folder& trained()
{
    static const Folder folder;
    if (folder.count() == 0)
        REQUIRE(call(folder, train("lenet5", {"--epochs", "6"})).code == 0);
    return folder;
}

inline const std::string best = "xgrad-runs/lenet5/best.safetensors";

} // namespace xgrad::test
