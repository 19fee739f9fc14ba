#pragma once
// The name that a misspelt word means.

#include <string>
#include <string_view>
#include <vector>

namespace xgrad::detail
{

/** The name that is nearest to a word; empty if none is near. The distance is the number of letters that are missing,
 *  too many, wrong, or in each other's place, in at most a third of the word. Upper and lower case are the same. A word
 *  of three letters or more is also near to a name that begins with it. */
std::string nearest(std::string_view word, const std::vector<std::string>& names);

/** The end of an error about a misspelt word: "; did you mean 'lenet5'?"; empty if no name is near. */
std::string did_you_mean(std::string_view word, const std::vector<std::string>& names);

/** The text "there is no verb 'trian'; did you mean 'train'? There are: train, graph". Many names are left out where
 *  one is near.
 *  @param kind  the kind of thing that has the names; it may be empty */
std::string no_such(std::string_view kind, std::string_view word, const std::vector<std::string>& names);

} // namespace xgrad::detail
