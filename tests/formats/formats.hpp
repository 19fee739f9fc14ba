#pragma once
// Helpers for tests of files of arrays: bytes by hand, and the programs that know the formats.

#include "files.hpp"
#include "shell.hpp"
#include <xgrad/formats/arrays.hpp>

#include <doctest/doctest.h>
#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <vector>

namespace xgrad::test
{

/** The bytes of numbers, as this little-endian machine has them. */
template <class... T>
std::string bytes_of(T... numbers)
{
    std::string bytes;
    (bytes.append(reinterpret_cast<const char*>(&numbers), sizeof(numbers)), ...);
    return bytes;
}

inline NamedArrays load(const std::string& bytes, const std::string& name, const std::set<std::string>& names = {})
{
    const Folder folder;
    write(folder / name, bytes);
    return load_arrays(folder / name, names);
}

/** The error of load, which has to name the file. */
inline std::string load_error(const std::string& bytes, const std::string& name,
                              const std::set<std::string>& names = {})
{
    const Folder folder;
    write(folder / name, bytes);
    const MemoryLimit limit;
    const std::string error = error_of([&] { load_arrays(folder / name, names); });
    CHECK_MESSAGE(contains(error, (folder / name).string()), error);
    return error;
}

template <class T>
std::vector<T> values_of(const Array<T>& array)
{
    return {array.storage().begin(), array.storage().end()};
}

inline std::vector<double> doubles(const AnyArray& array) { return values_of(array.as<double>()); }

/** Deflated bytes. @param bits  −15 for zip archives, 15 for zlib's own form */
inline std::string deflated(const std::string& bytes, int bits)
{
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, bits, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string packed(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

/** An .npy file of version 1.0. */
inline std::string npy(const std::string& dictionary, const std::string& data)
{
    return "\x93NUMPY" + bytes_of(std::uint8_t{1}, std::uint8_t{0}, static_cast<std::uint16_t>(dictionary.size())) +
           dictionary + data;
}

inline std::string npy(const std::string& type, const std::string& shape, const std::string& data,
                       const char* fortran = "False")
{
    return npy("{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n", data);
}

/** A Python that has NumPy; empty without one. */
inline const std::string& python()
{
    static const std::string found = [] {
        for (const std::string name : {"/usr/bin/python3", "python3"})
            if (output_of(name + " -c 'import numpy; print(21 * 2)'") == "42\n")
                return name;
        return std::string();
    }();
    return found;
}

/** Runs a program of Python in a folder, with NumPy as np; returns its output. */
inline std::string run_python(const Folder& folder, const std::string& program)
{
    write(folder / "program.py", "import numpy as np\n" + program);
    return output_of("cd " + folder.path().string() + " && " + python() + " program.py");
}

inline bool has_octave()
{
    static const bool found = contains(output_of("octave-cli -q --eval 'disp(21 * 2)'"), "42");
    return found;
}

/** Runs a program of Octave in a folder; returns its output, which ends with "done" and what Octave says at its end. */
inline std::string run_octave(const Folder& folder, const std::string& program)
{
    write(folder / "program.m", program + "\ndisp('done')");
    return output_of("cd " + folder.path().string() + " && octave-cli -q program.m");
}

} // namespace xgrad::test
