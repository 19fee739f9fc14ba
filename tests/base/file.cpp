#include "files.hpp"
#include <xgrad/base/file.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;
namespace fs = std::filesystem;

namespace
{

/** Bounds the size of files, and turns the signal that enforces it into an error of write(). */
class FileSizeLimit
{
  public:
    explicit FileSizeLimit(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN))
    {
        getrlimit(RLIMIT_FSIZE, &old_);
        const rlimit limit{bytes, old_.rlim_max};
        REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    ~FileSizeLimit()
    {
        setrlimit(RLIMIT_FSIZE, &old_);
        std::signal(SIGXFSZ, old_handler_);
    }

  private:
    rlimit old_{};
    void (*old_handler_)(int);
};

} // namespace

TEST_CASE("file: a new file, and an old one replaced, with nothing left beside them")
{
    const Folder folder;
    write_atomically(folder / "x", "first");
    CHECK(contents(folder / "x") == "first");
    write_atomically(folder / "x", [](const WriteBytes& append) {
        append("sec", 3);
        append("ond", 3);
    });
    CHECK(contents(folder / "x") == "second");
    CHECK(folder.count() == 1);
}

TEST_CASE("file: an empty file and one of a few megabytes")
{
    const Folder folder;
    for (const std::size_t size : {0u, 5000000u}) {
        write_atomically(folder / "x", std::string(size, 'x'));
        CHECK(contents(folder / "x") == std::string(size, 'x'));
    }
}

TEST_CASE("file: a bare name is a file of the working folder")
{
    const Folder folder;
    const fs::path before = fs::current_path();
    fs::current_path(folder.path());
    write_atomically("x", "here");
    fs::current_path(before);
    CHECK(contents(folder / "x") == "here");
}

TEST_CASE("file: the permissions are those that the umask leaves")
{
    const Folder folder;
    write(folder / "plain", "");
    write_atomically(folder / "x", "");
    CHECK(fs::status(folder / "x").permissions() == fs::status(folder / "plain").permissions());
}

TEST_CASE("file: a writer that throws leaves the old file, and its exception passes through")
{
    const Folder folder;
    write(folder / "x", "old");
    const auto throwing = [](const WriteBytes& append) {
        append("half of the n", 13);
        throw std::runtime_error("no more");
    };
    CHECK_THROWS_WITH_AS(write_atomically(folder / "x", throwing), "no more", std::runtime_error);
    CHECK(contents(folder / "x") == "old");
    CHECK(folder.count() == 1);
}

TEST_CASE("file: a disk that takes no more leaves the old file, and the system's words are passed on")
{
    const Folder folder;
    write(folder / "x", "old");
    std::string error;
    {
        const FileSizeLimit limit(100000);
        error = error_of([&] { write_atomically(folder / "x", std::string(200000, 'n')); });
    }
    CHECK(contains(error, "[file] cannot write " + (folder / "x").string()));
    CHECK(contains(error, "File too large"));
    CHECK(contents(folder / "x") == "old");
    CHECK(folder.count() == 1);
}

TEST_CASE("file: a folder that is not there")
{
    const Folder folder;
    const std::string error = error_of([&] { write_atomically(folder / "nowhere" / "x", "new"); });
    CHECK(contains(error, "nowhere/x"));
    CHECK(contains(error, "No such file or directory"));
    CHECK(folder.count() == 0);
}

TEST_CASE("file: folders and devices are not replaced")
{
    const Folder folder;
    CHECK(contains(error_of([&] { write_atomically(folder.path(), "new"); }), "not a regular file"));
    CHECK(contains(error_of([] { write_atomically("/dev/null", "new"); }), "not a regular file"));
    CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("file: a reader sees one whole version while several threads write")
{
    const Folder folder;
    const std::string versions[] = {std::string(300000, 'a'), std::string(200000, 'b')};
    write_atomically(folder / "x", versions[0]);
    std::vector<std::thread> writers;
    for (const std::string& version : versions)
        writers.emplace_back([&folder, &version] {
            for (int i = 0; i < 20; ++i)
                write_atomically(folder / "x", version);
        });
    for (int i = 0; i < 100; ++i) {
        const std::string seen = contents(folder / "x");
        CHECK((seen == versions[0] || seen == versions[1]));
    }
    for (std::thread& writer : writers)
        writer.join();
    CHECK(folder.count() == 1);
}

TEST_CASE("file: a symbolic link stays, and the file that it leads to is written")
{
    const Folder folder;
    fs::create_directory(folder / "elsewhere");
    write(folder / "elsewhere" / "real", "old");
    fs::create_symlink("elsewhere/real", folder / "first");
    fs::create_symlink(folder / "first", folder / "second");
    write_atomically(folder / "second", "new");
    CHECK(fs::is_symlink(folder / "first"));
    CHECK(fs::is_symlink(folder / "second"));
    CHECK(contents(folder / "elsewhere" / "real") == "new");
    CHECK(std::distance(fs::directory_iterator(folder / "elsewhere"), fs::directory_iterator()) == 1);

    fs::create_symlink("not/yet", folder / "nowhere");
    CHECK(contains(error_of([&] { write_atomically(folder / "nowhere", ""); }), "No such file or directory"));
    fs::create_symlink("made", folder / "dangling");
    write_atomically(folder / "dangling", "new");
    CHECK(fs::is_symlink(folder / "dangling"));
    CHECK(contents(folder / "made") == "new");

    fs::create_symlink("ring", folder / "ring");
    CHECK(contains(error_of([&] { write_atomically(folder / "ring", ""); }), "symbolic link"));
}

TEST_CASE("file: the mode of the old file stays")
{
    const Folder folder;
    for (const mode_t mode : {0600u, 0640u, 0777u}) {
        write_atomically(folder / "x", "old");
        REQUIRE(chmod((folder / "x").c_str(), mode) == 0);
        write_atomically(folder / "x", "new");
        struct stat now = {};
        REQUIRE(stat((folder / "x").c_str(), &now) == 0);
        CHECK((now.st_mode & 07777u) == mode);
    }
}

TEST_CASE("file: a file that is protected from writing is not replaced")
{
    if (geteuid() == 0) {
        MESSAGE("skipped: root may write everything");
        return;
    }
    const Folder folder;
    write(folder / "x", "old");
    REQUIRE(chmod((folder / "x").c_str(), 0444) == 0);
    CHECK(contains(error_of([&] { write_atomically(folder / "x", "new"); }), "Permission denied"));
    CHECK(contents(folder / "x") == "old");
}

TEST_CASE("file: a name as long as names can be")
{
    const Folder folder;
    const std::string name(255, 'n');
    write_atomically(folder / name, "long");
    CHECK(contents(folder / name) == "long");
    CHECK(folder.count() == 1);
    CHECK(contains(error_of([&] { write_atomically(folder / (name + "n"), ""); }), "File name too long"));
}

TEST_CASE("file: what a crash left is removed by the next write, but for what is being written and other files")
{
    const Folder folder;
    const std::string name(250, 'n');
    write_atomically(folder / name, [&](const WriteBytes&) {
        for (const fs::directory_entry& entry : fs::directory_iterator(folder.path()))
            write(folder / "long", entry.path().filename().string()); // there is only the temporary file
    });
    const std::string left_of_long = contents(folder / "long");
    for (const char* left : {"x.123.0.tmp", "x.123.1.tmp", "x.77.0.tmp"})
        write(folder / left, "half");
    for (const char* other : {"y.123.0.tmp", "x.y.tmp", "x.tmp", "x.123.0", "xx.1.2.tmp"})
        write(folder / other, "other");
    write(folder / left_of_long, "half");
    const int writer = open((folder / "x.77.0.tmp").c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(flock(writer, LOCK_EX) == 0);

    write_atomically(folder / "x", "whole");
    CHECK_FALSE(fs::exists(folder / "x.123.0.tmp"));
    CHECK_FALSE(fs::exists(folder / "x.123.1.tmp"));
    CHECK(fs::exists(folder / "x.77.0.tmp"));
    for (const char* other : {"y.123.0.tmp", "x.y.tmp", "x.tmp", "x.123.0", "xx.1.2.tmp"})
        CHECK(fs::exists(folder / other));
    close(writer);
    check_writable(folder / "x");
    CHECK_FALSE(fs::exists(folder / "x.77.0.tmp"));
    CHECK(contents(folder / "x") == "whole");

    CHECK(fs::exists(folder / left_of_long));
    write_atomically(folder / name, "");
    CHECK_FALSE(fs::exists(folder / left_of_long));
}

TEST_CASE("file: what cannot be written is known before")
{
    const Folder folder;
    CHECK_NOTHROW(check_writable(folder / "x"));
    CHECK(folder.count() == 0);
    CHECK(contains(error_of([&] { check_writable(folder / "nowhere" / "x"); }), "No such file or directory"));
    CHECK(contains(error_of([&] { check_writable(folder.path()); }), "not a regular file"));
}
