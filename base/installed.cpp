#include <xgrad/base/installed.hpp>

#include <system_error>

namespace fs = std::filesystem;

namespace xgrad
{

namespace
{

bool is_there(const fs::path& path)
{
    std::error_code ignored;
    return fs::exists(path, ignored);
}

/** An installed folder, found from the running program, which is in bin/ then: a package may have been moved.
 *  @param folder  relative to the prefix */
fs::path beside_program(const fs::path& folder)
{
    std::error_code ignored;
    return fs::read_symlink("/proc/self/exe", ignored).parent_path().parent_path() / folder;
}

} // namespace

std::string detail::place_of_document(const std::string& name)
{
    const std::string file = name.substr(0, name.find('#'));
    if (const fs::path folder = beside_program(XGRAD_DOCUMENTS_FOLDER); is_there(folder / file))
        return (folder / name).string();
    if (const fs::path folder = XGRAD_CONFIGURED_DOCUMENTS;
        is_there(folder / file) && !is_there(fs::path(XGRAD_SOURCE) / file))
        return (folder / name).string();
    return name;
}

fs::path detail::installed_data()
{
    const fs::path folder = beside_program(XGRAD_DATA_FOLDER);
    return is_there(folder) ? folder : fs::path(XGRAD_CONFIGURED_DATA);
}

} // namespace xgrad
