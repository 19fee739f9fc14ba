#pragma once
// What the readers of the formats give to load_arrays.

#include <xgrad/formats/arrays.hpp>
#include <xgrad/formats/bytes.hpp>

#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace xgrad::detail
{

/** The arrays that were wanted and are found. */
class Found
{
  public:
    /** @param names  the arrays that are wanted, or none for all */
    explicit Found(std::set<std::string> names = {}) : names_(std::move(names)) {}

    /** Notes that the file has something of this name. @return  true if it is wanted
     *  @throws DataError if there was another one */
    bool meets(const Bytes& file, const std::string& name);

    void add(const std::string& name, AnyArray array) { arrays_.emplace(name, std::move(array)); }

    /** The arrays. @throws DataError if one is missing; it says what there is */
    NamedArrays take(const Bytes& file);

  private:
    std::set<std::string> names_, met_;
    NamedArrays arrays_;
};

// The readers, by format. The caller has looked at the first bytes.

void read_npy(FileBytes& file, const std::string& name, Found& found);
void read_npz(FileBytes& file, Found& found);
void read_mat(FileBytes& file, Found& found);
void read_safetensors(FileBytes& file, Found& found);
/** @param name  for a matrix that has none */
void read_text(FileBytes& file, const std::string& name, Found& found);
void read_octave_text(FileBytes& file, std::string_view text, Found& found);

} // namespace xgrad::detail
