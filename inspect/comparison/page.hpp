#pragma once

#include <xgrad/inspect/comparison/compare.hpp>

#include <map>
#include <string>
#include <vector>

namespace xgrad
{

/** The words of a page around a comparison. All of them are plain text but the formulas. */
struct PageWords
{
    std::string title = "Gradients by hand and by autodiff";
    std::vector<std::string> about = {}; ///< paragraphs at the top: the model, the data
    std::vector<std::string> notes = {}; ///< paragraphs at the end
    /** The formulas that gradients were derived by, in HTML, by the gradients' names. */
    std::map<std::string, std::string> formulas = {};
};

/** A comparison as one HTML page, which needs no other file and no network. It begins with the explanations and the
 *  gradients that each of them stands for. The gradients follow, the wrong ones first, with their numbers and with heat
 *  maps of both, of their difference, and of the parameter's value. All but the first gradient of each explanation are
 *  folded. Links lead to the documents of this machine.
 *
 *      std::ofstream("page.html") << to_html(compare(loss, parameters, by_hand)); */
std::string to_html(const Comparison& comparison, const PageWords& words = {});

namespace detail
{

/** A time with its unit: "12.5 ms". */
std::string time_text(double seconds);

} // namespace detail

} // namespace xgrad
