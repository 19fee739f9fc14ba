#include <xgrad/base/installed.hpp>

#include <fmt/format.h>

#include <cctype>
#include <cstring>
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

/** The folder of the installed documents, if this one is among them and the source tree is not at hand. */
fs::path installed_documents(const std::string& file)
{
    if (const fs::path folder = beside_program(XGRAD_DOCUMENTS_FOLDER); is_there(folder / file))
        return folder;
    const fs::path folder = XGRAD_CONFIGURED_DOCUMENTS;
    return is_there(folder / file) && !is_there(fs::path(XGRAD_SOURCE) / file) ? folder : fs::path();
}

std::string without_section(const std::string& name) { return name.substr(0, name.find('#')); }

} // namespace

std::string detail::place_of_document(const std::string& name)
{
    return (installed_documents(without_section(name)) / name).string();
}

std::string detail::link_to_document(const std::string& name)
{
    const std::string file = without_section(name);
    const fs::path folder = installed_documents(file), path = (folder.empty() ? fs::path(XGRAD_SOURCE) : folder) / file;
    if (!is_there(path))
        return "";
    std::string link = "file://";
    for (const char c : path.string())
        link += std::isalnum(static_cast<unsigned char>(c)) || std::strchr("/-._~", c)
                    ? std::string(1, c)
                    : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return link + name.substr(file.size());
}

fs::path detail::installed_data()
{
    const fs::path folder = beside_program(XGRAD_DATA_FOLDER);
    return is_there(folder) ? folder : fs::path(XGRAD_CONFIGURED_DATA);
}

} // namespace xgrad
