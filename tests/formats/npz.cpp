// The .npz format: archives written here byte by byte, archives of NumPy's, and archives that lie.

#include "formats.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** A member, and the words of the archive about it, which a test turns into a lie. */
struct Member
{
    std::string name, data, local_name = name;
    std::uint16_t flags = 0, method = 0;
    std::uint32_t crc = 0, packed = static_cast<std::uint32_t>(data.size()), unpacked = packed, begin = 0;
    std::string local_extra = "", extra = "";
};

std::uint32_t crc_of(const std::string& bytes)
{
    return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

Member stored(const std::string& name, const std::string& data)
{
    Member member{name, data};
    member.crc = crc_of(data);
    return member;
}

Member packed(const std::string& name, const std::string& data)
{
    Member member{name, deflated(data, -15)};
    member.method = 8;
    member.crc = crc_of(data);
    member.unpacked = static_cast<std::uint32_t>(data.size());
    return member;
}

using Change = std::function<void(Member&)>;

/** An archive. @param change  is called for each member before the directory is written */
std::string zip(
    std::vector<Member> members, const Change& change = [](Member&) {}, const std::string& comment = "")
{
    std::string archive, directory;
    const auto u16 = [](std::size_t number) { return bytes_of(static_cast<std::uint16_t>(number)); };
    for (Member& member : members) {
        member.begin = static_cast<std::uint32_t>(archive.size());
        archive += "PK\3\4" + u16(20) + u16(member.flags) + u16(member.method) +
                   bytes_of(0, member.crc, member.packed, member.unpacked) + u16(member.local_name.size()) +
                   u16(member.local_extra.size()) + member.local_name + member.local_extra + member.data;
        change(member);
        directory += "PK\1\2" + u16(20) + u16(20) + u16(member.flags) + u16(member.method) +
                     bytes_of(0, member.crc, member.packed, member.unpacked) + u16(member.name.size()) +
                     u16(member.extra.size()) + u16(0) + u16(0) + u16(0) + bytes_of(0, member.begin) + member.name +
                     member.extra;
    }
    const auto begin = static_cast<std::uint32_t>(archive.size()), size = static_cast<std::uint32_t>(directory.size());
    return archive + directory + "PK\5\6" + u16(0) + u16(0) + u16(members.size()) + u16(members.size()) +
           bytes_of(size, begin) + u16(comment.size()) + comment;
}

const std::string two = npy("<f4", "(2,)", bytes_of(1.5f, -2.0f)), other = npy("<i8", "()", bytes_of(std::int64_t{7}));

std::string zip_error(const std::string& bytes) { return load_error(bytes, "x.npz"); }
std::string changed_error(const Change& change)
{
    return zip_error(zip({stored("a.npy", two), packed("b.npy", other)}, change));
}

} // namespace

TEST_CASE("npz: no arrays are read as none")
{
    const Folder folder;
    save_npz(folder / "none.npz", {});
    CHECK(load_arrays(folder / "none.npz").empty());
}

TEST_CASE("npz: members that are stored and deflated")
{
    const std::string archive = zip(
        {stored("a.npy", two), packed("b/c.npy", other), stored("note.txt", "no array")}, [](Member&) {},
        "a comment with PK\5\6 in it");
    const NamedArrays arrays = load(archive, "x.npz");
    CHECK(arrays.size() == 2);
    CHECK(doubles(arrays.at("a")) == std::vector<double>{1.5, -2});
    CHECK(doubles(arrays.at("b/c")) == std::vector<double>{7});
    CHECK(load(archive, "x.npz", {"a"}).size() == 1);
    CHECK(load(zip({}), "x.npz").empty());
    const std::string missing = load_error(archive, "x.npz", {"a", "w"});
    CHECK(contains(missing, "has no array 'w'; it has 'a', 'b/c'"));
}

TEST_CASE("npz: what is not asked for may be of any type")
{
    const std::string archive = zip({stored("a.npy", two), stored("z.npy", npy("<c16", "(1,)", std::string(16, '0')))});
    CHECK(load(archive, "x.npz", {"a"}).size() == 1);
    CHECK(contains(zip_error(archive), "'z.npy': is of type '<c16': complex numbers"));
}

TEST_CASE("npz: numbers of 64 bits")
{
    const std::uint32_t wide = 0xffffffff;
    const std::string archive = zip({stored("a.npy", two), packed("b.npy", other)}, [&](Member& member) {
        member.extra =
            bytes_of<std::uint16_t>(0x5455) + bytes_of<std::uint16_t>(1) + "x" + bytes_of<std::uint16_t>(1) +
            bytes_of<std::uint16_t>(24) +
            bytes_of(std::uint64_t{member.unpacked}, std::uint64_t{member.packed}, std::uint64_t{member.begin});
        member.packed = member.unpacked = member.begin = wide;
    });
    CHECK(doubles(load(archive, "x.npz").at("a")) == std::vector<double>{1.5, -2});
    CHECK(doubles(load(archive, "x.npz").at("b")) == std::vector<double>{7});
    CHECK(contains(changed_error([&](Member& member) { member.packed = wide; }), "overlaps what follows"));
}

TEST_CASE("npz: archives that lie")
{
    CHECK(contains(changed_error([](Member& member) { member.crc ^= 1; }), "its CRC-32 is"));
    CHECK(contains(changed_error([](Member& member) { member.flags = 1; }), "'a.npy': is encrypted"));
    CHECK(contains(changed_error([](Member& member) { member.method = 12; }), "is packed by method 12"));
    CHECK(contains(changed_error([](Member& member) { member.name[0] = 'z'; }), "has another name in the directory"));
    CHECK(contains(changed_error([](Member& member) { member.begin = 1; }), "overlaps what follows"));
    CHECK(contains(changed_error([](Member& member) { member.begin = 0; }), "overlaps what follows"));
    CHECK(contains(changed_error([](Member& member) { member.begin = 0x7fffffff; }), "overlaps what follows"));
    CHECK(contains(changed_error([](Member& member) { member.packed += 1; }), "overlaps what follows"));
    CHECK(contains(changed_error([](Member& member) { member.packed -= 1; }), "two sizes"));
    const auto second = [](const Change& change) {
        return changed_error([&](Member& member) { member.name == "b.npy" ? change(member) : void(); });
    };
    CHECK(contains(second([](Member& member) { member.packed -= 1; }), "is damaged"));
    CHECK(contains(second([](Member& member) { member.unpacked -= 1; }), "is truncated"));
    CHECK(contains(second([](Member& member) { member.unpacked += 1; }), "behind its elements"));
    CHECK(contains(second([](Member& member) {
                       member.begin += 1;
                       member.packed -= 1;
                   }),
                   "does not begin where"));
    CHECK(contains(second([](Member& member) { member.unpacked = 0x7fffffff; }), "unpacks to more than 32 MiB"));
    CHECK(contains(second([](Member& member) { member.unpacked = 1'000'000; }), "cannot hold so many"));
    CHECK(contains(zip_error(zip({stored("a.npy", two), stored("a.npy", two)})), "two arrays of the name 'a'"));
    Member shifted = stored("a.npy", two);
    shifted.local_extra = std::string(40, ' ');
    shifted.data.resize(shifted.data.size() - 40); // the rest would come from the next member
    CHECK(contains(zip_error(zip({shifted, packed("b.npy", other)})), "overlaps what follows"));
}

TEST_CASE("npz: directories that lie, and files that are cut")
{
    const std::string good = zip({stored("a.npy", two), packed("b.npy", other)});
    for (std::size_t size = 4; size < good.size(); ++size)
        CHECK(contains(zip_error(good.substr(0, size)), "has no directory at its end"));
    const auto with = [&](std::size_t from_end, std::uint32_t number) {
        std::string bytes = good;
        std::memcpy(bytes.data() + bytes.size() - from_end, &number, from_end == 12 ? 2 : 4);
        return zip_error(bytes);
    };
    CHECK(contains(with(12, 3), "cannot list 3 members"));
    std::string unmarked = good;
    unmarked[good.find("PK\1\2")] = 'Q';
    CHECK(contains(zip_error(unmarked), "has no entry where one was expected"));
    CHECK(contains(with(12, 1), "lists more members than it says"));
    CHECK(contains(with(12, 60000), "cannot list 60000 members"));
    CHECK(contains(with(10, 0xfffffff0), "does not lie before its end"));
    CHECK(contains(with(6, 0xfffffff0), "does not lie before its end"));
}

TEST_CASE("npz: zeros that fill the memory")
{
    std::vector<Member> members;
    const std::string zeros = npy("<f4", "(4000000,)", std::string(16'000'000, '\0')); // 32 MiB take two of these
    for (const char* name : {"a.npy", "b.npy", "c.npy"})
        members.push_back(packed(name, zeros));
    const std::string bomb = zip(members);
    CHECK(contains(zip_error(bomb), "unpacks to more than 32 MiB and 64 times its size at 'c.npy'"));
    CHECK(load(bomb, "x.npz", {"c"}).at("c").size() == 4'000'000);
}

TEST_CASE("npz: what is written is read back, and the same twice")
{
    const Folder folder;
    const NamedArrays arrays{{"w", Array<float>{{1, 2}, {3, 4}}},
                             {"größe", Array<std::int64_t>{1, -7}},
                             {"nothing", Array<double>(Shape{0, 2})}};
    save_npz(folder / "x.npz", arrays);
    const NamedArrays loaded = load_arrays(folder / "x.npz");
    REQUIRE(loaded.size() == 3);
    for (const auto& [name, array] : arrays) {
        CHECK(loaded.at(name).type() == array.type());
        CHECK(loaded.at(name).shape() == array.shape());
        CHECK(doubles(loaded.at(name)) == doubles(array));
    }
    save_npz(folder / "y.npz", loaded);
    CHECK(contents(folder / "x.npz") == contents(folder / "y.npz"));
    CHECK(contains(error_of([&] { save_npz(folder / "x.npz", {{"", Array<float>{1}}}); }), "'' cannot be the name"));
    CHECK(contains(error_of([&] { save_npz(folder / "x.npz", {{"\xff", Array<float>{1}}}); }), "cannot be the name"));
    CHECK(contains(error_of([&] {
                       save_npz(folder / "x.npz", {{std::string(70'000, 'a'), Array<float>{1}}});
                   }),
                   "is too long"));
    CHECK(contents(folder / "x.npz") == contents(folder / "y.npz"));
}

TEST_CASE("npz: archives of NumPy's, and NumPy's view of ours")
{
    if (python().empty()) {
        MESSAGE("skipped: no NumPy");
        return;
    }
    const Folder folder;
    CHECK(run_python(folder, R"(
x = {'a': np.arange(6.0).reshape(2, 3), 'b': np.arange(1000, dtype='i4'), 'f': np.asfortranarray(np.arange(6).reshape(2, 3))}
np.savez('stored.npz', **x)
np.savez_compressed('packed.npz', **x)
)") == "");
    for (const char* name : {"stored.npz", "packed.npz"}) {
        const NamedArrays arrays = load_arrays(folder / name);
        CHECK(arrays.size() == 3);
        CHECK(doubles(arrays.at("a")) == std::vector<double>{0, 1, 2, 3, 4, 5});
        CHECK(arrays.at("b").as<std::int32_t>()(999) == 999);
        CHECK(doubles(arrays.at("f")) == std::vector<double>{0, 1, 2, 3, 4, 5});
    }
    save_npz(folder / "ours.npz", {{"w", Array<float>{{1, 2}, {3, 0.1f}}}, {"größe", Array<std::int64_t>{1, -7}}});
    CHECK(run_python(folder, R"(
import zipfile
assert zipfile.ZipFile('ours.npz').testzip() is None
x = np.load('ours.npz')
assert sorted(x.files) == ['größe', 'w'], x.files
assert x['w'].dtype == 'f4' and (x['w'] == np.array([[1, 2], [3, 0.1]], 'f4')).all()
assert x['größe'].dtype == 'i8' and list(x['größe']) == [1, -7]
)") == "");
}
