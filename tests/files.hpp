#pragma once
// Helpers for tests of files: a temporary folder, a memory limit, a changed environment.

#include <xgrad/base/error.hpp>

#include <doctest/doctest.h>
#include <zlib.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace xgrad::test
{

class Folder
{
  public:
    Folder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "xgrad-data-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    const std::filesystem::path& path() const { return path_; }
    std::ptrdiff_t count() const
    {
        return std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator());
    }

  private:
    std::filesystem::path path_;
};

/** Sets an environment variable (or, without a value, unsets it) until the end of the scope. */
class Environment
{
  public:
    explicit Environment(const char* name, const char* value = nullptr) : name_(name)
    {
        if (const char* old = std::getenv(name)) {
            was_set_ = true;
            old_ = old;
        }
        set(value);
    }
    Environment(const char* name, const std::string& value) : Environment(name, value.c_str()) {}
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment() { set(was_set_ ? old_.c_str() : nullptr); }

  private:
    void set(const char* value) { value != nullptr ? setenv(name_, value, 1) : unsetenv(name_); }

    const char* name_;
    bool was_set_ = false;
    std::string old_;
};

/** Lets the process take at most 64 MB more than it has. */
class MemoryLimit
{
  public:
    MemoryLimit()
    {
        std::size_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        REQUIRE(pages > 0);
        getrlimit(RLIMIT_AS, &old_);
        rlimit limit = old_;
        limit.rlim_cur = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + (std::size_t{64} << 20);
        REQUIRE(setrlimit(RLIMIT_AS, &limit) == 0);
    }
    MemoryLimit(const MemoryLimit&) = delete;
    MemoryLimit& operator=(const MemoryLimit&) = delete;
    ~MemoryLimit() { setrlimit(RLIMIT_AS, &old_); }

  private:
    rlimit old_{};
};

inline std::string contents(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write(const std::filesystem::path& path, const std::string& bytes)
{
    std::ofstream(path, std::ios::binary) << bytes;
}

inline void write_gzipped(const std::filesystem::path& path, const std::string& bytes)
{
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
}

/** The text of the DataError that f throws; without one, a text that no test expects. */
template <class F>
std::string error_of(F f)
{
    try {
        f();
    } catch (const DataError& error) {
        return error.what();
    }
    return "(no error)";
}

/** The number of times that a part stands in a text. */
inline std::size_t count(const std::string& text, const std::string& part)
{
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace xgrad::test
