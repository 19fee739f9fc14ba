#include <xgrad/base/error.hpp>
#include <xgrad/base/together.hpp>
#include <xgrad/models/data/shared_dataset.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace xgrad
{

namespace
{

using Json = nlohmann::json;

std::size_t aligned(std::size_t size) { return (size + 63) / 64 * 64; }

std::size_t label_bytes(std::size_t count) { return aligned(count * sizeof(std::int32_t)); }
std::size_t bytes_of(const Images& images) { return label_bytes(images.size()) + aligned(images.pixels.size()); }

/** An anonymous file in memory. Another process of the same user can open it while this object lives. */
class MemoryFile
{
  public:
    explicit MemoryFile(std::size_t size) : descriptor_(memfd_create("xgrad data", MFD_CLOEXEC))
    {
        if (descriptor_ < 0 || ftruncate(descriptor_, static_cast<off_t>(size)) != 0)
            close_it();
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() { close_it(); }

    explicit operator bool() const { return descriptor_ >= 0; }
    int descriptor() const { return descriptor_; }
    std::string path() const { return fmt::format("/proc/{}/fd/{}", getpid(), descriptor_); }

  private:
    void close_it()
    {
        if (descriptor_ >= 0)
            close(descriptor_);
        descriptor_ = -1;
    }
    int descriptor_;
};

/** A text that no other file of the machine has. */
std::string identity(int descriptor)
{
    struct stat status = {};
    return fstat(descriptor, &status) == 0 ? fmt::format("{} {} {}", status.st_dev, status.st_ino, status.st_size)
                                           : std::string();
}

/** @return  the bytes of a file in memory; null if they cannot be had */
char* mapped(int descriptor, std::size_t size, int protection)
{
    void* const bytes = mmap(nullptr, size, protection, MAP_SHARED, descriptor, 0);
    return bytes == MAP_FAILED ? nullptr : static_cast<char*>(bytes);
}

void write(const Images& images, char*& to)
{
    std::memcpy(to, images.labels.data(), images.size() * sizeof(std::int32_t));
    to += label_bytes(images.size());
    std::memcpy(to, images.pixels.data(), images.pixels.size());
    to += aligned(images.pixels.size());
}

Json described(const Images& images)
{
    return {{"shape", std::vector<std::size_t>(images.pixels.shape().begin(), images.pixels.shape().end())},
            {"classes", images.classes}};
}

Images images_at(const char*& from, const Json& description)
{
    const auto extents = description.at("shape").get<std::vector<std::size_t>>();
    const Shape shape(extents.begin(), extents.end());
    Images images{.pixels = {}, .labels = {}, .classes = description.at("classes").get<std::size_t>()};
    images.labels = referring_to(reinterpret_cast<const std::int32_t*>(from), {shape[0]});
    from += label_bytes(shape[0]);
    images.pixels = referring_to(reinterpret_cast<const std::uint8_t*>(from), shape);
    from += aligned(images.pixels.size());
    return images;
}

/** The data set in a file that another process of this machine describes; nothing if it cannot be opened. */
std::optional<Dataset> opened(const Json& description)
{
    if (description.is_null())
        return std::nullopt;
    const int descriptor = open(description.at("path").get<std::string>().c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return std::nullopt;
    const char* bytes = nullptr;
    if (identity(descriptor) == description.at("identity")) // a container may have processes of the same number
        bytes = mapped(descriptor, description.at("bytes").get<std::size_t>(), PROT_READ);
    close(descriptor);
    if (bytes == nullptr)
        return std::nullopt;
    Dataset data{.name = description.at("name").get<std::string>(), .train = {}, .test = {}};
    data.train = images_at(bytes, description.at("train"));
    data.test = images_at(bytes, description.at("test"));
    data.class_names = description.at("class_names").get<std::vector<std::string>>();
    data.is_of_files = description.at("is_of_files").get<bool>();
    return data;
}

} // namespace

Dataset load_once(Ranks* ranks, const std::function<Dataset()>& load)
{
    if (ranks == nullptr)
        return load();
    const detail::Machine machine = detail::machine_of(*ranks);
    const bool is_first = machine.index == 0;
    Dataset data;
    std::optional<MemoryFile> file;
    Json description;
    detail::together(ranks, [&] {
        if (!is_first)
            return;
        data = load();
        if (machine.count == 1)
            return;
        const std::size_t bytes = bytes_of(data.train) + bytes_of(data.test);
        char* to = nullptr;
        if (file.emplace(bytes); *file)
            to = mapped(file->descriptor(), bytes, PROT_READ | PROT_WRITE);
        if (to == nullptr)
            return;
        description = {{"path", file->path()},
                       {"bytes", bytes},
                       {"identity", identity(file->descriptor())},
                       {"name", data.name},
                       {"class_names", data.class_names},
                       {"is_of_files", data.is_of_files},
                       {"train", described(data.train)},
                       {"test", described(data.test)}};
        const char* const shared = to;
        write(data.train, to);
        write(data.test, to);
        const char* from = shared; // what was read makes room
        data.train = images_at(from, description.at("train"));
        data.test = images_at(from, description.at("test"));
    });
    const std::string text = description.dump(-1, ' ', false, Json::error_handler_t::replace);
    const std::string theirs = detail::texts_of_all(*ranks, text)[machine.first];
    detail::together(ranks, [&] {
        if (is_first)
            return;
        std::optional<Dataset> shared = opened(Json::parse(theirs));
        data = shared ? std::move(*shared) : load();
    });
    detail::agree(*ranks, {{"data", contents_of(data)}}); // machines may have others under one name
    return data;
}

} // namespace xgrad
