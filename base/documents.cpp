#include <xgrad/base/documents.hpp>

#include <array>
#include <filesystem>
#include <system_error>

namespace fs = std::filesystem;

namespace xgrad
{

std::string detail::place_of_document(const std::string& name)
{
    std::error_code ignored;
    const auto exists = [&](const fs::path& folder) {
        return fs::exists(folder / name.substr(0, name.find('#')), ignored);
    };
    const fs::path program =
        fs::read_symlink("/proc/self/exe", ignored); // bin/xgrad of a tree that may have been moved
    if (const fs::path beside = program.parent_path().parent_path() / XGRAD_DOCUMENTS; exists(beside))
        return (beside / name).string();
    if (!exists(XGRAD_SOURCE) && exists(XGRAD_INSTALLED_DOCUMENTS))
        return (fs::path(XGRAD_INSTALLED_DOCUMENTS) / name).string();
    return name;
}

} // namespace xgrad
