#include <xgrad/base/build.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <elf.h>
#include <link.h>

namespace xgrad::detail
{

namespace
{

/** An object in memory: the program or a library. */
struct Search
{
    std::uintptr_t address; // in the object that is looked for
    std::string found;
};

bool contains(const dl_phdr_info& object, std::uintptr_t address)
{
    for (int i = 0; i < object.dlpi_phnum; ++i) {
        const auto& segment = object.dlpi_phdr[i];
        const std::uintptr_t begin = object.dlpi_addr + segment.p_vaddr;
        if (segment.p_type == PT_LOAD && address >= begin && address - begin < segment.p_memsz)
            return true;
    }
    return false;
}

/** The build ID among the notes of a segment. */
std::string build_id_in(const char* notes, std::size_t size)
{
    const auto aligned = [](std::size_t length) { return (length + 3) / 4 * 4; };
    std::string id;
    for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
        ElfW(Nhdr) note;
        std::memcpy(&note, notes + at, sizeof note);
        const std::size_t name = at + sizeof note, contents = name + aligned(note.n_namesz);
        at = contents + aligned(note.n_descsz);
        if (note.n_type != NT_GNU_BUILD_ID || at > size || std::memcmp(notes + name, "GNU", 4) != 0)
            continue;
        for (std::size_t i = 0; i < note.n_descsz; ++i)
            id += fmt::format("{:02x}", static_cast<unsigned char>(notes[contents + i]));
        return id;
    }
    return id;
}

int look(dl_phdr_info* object, std::size_t, void* searched)
{
    auto& search = *static_cast<Search*>(searched);
    if (!contains(*object, search.address))
        return 0;
    for (int i = 0; i < object->dlpi_phnum && search.found.empty(); ++i) {
        const auto& segment = object->dlpi_phdr[i];
        if (segment.p_type == PT_NOTE)
            search.found =
                build_id_in(reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr), segment.p_memsz);
    }
    return 1;
}

} // namespace

std::string build_id()
{
    static const char here = 0;
    Search search{reinterpret_cast<std::uintptr_t>(&here), {}};
    dl_iterate_phdr(look, &search);
    return search.found.empty() ? fmt::format("without an ID, by {}", __VERSION__) : search.found;
}

} // namespace xgrad::detail
