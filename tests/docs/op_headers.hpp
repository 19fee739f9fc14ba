#pragma once
// The comments about the ops in their headers. Such a comment reads
//
//   /** The sum of each distinct block.                    what it is, in sentences that end with a full stop
//    *
//    *  y[i, j] = Σ x[n·i + u, m·j + v]                    a formula of its own: a paragraph without the full stop
//    *
//    *  @param x  (H, W)                                   shapes
//    *  @return   (H/n, W/m)
//    *
//    *  Gradient: `upsample(g, block)`.                    or "Gradients:"; what a constant has is "none"
//    *  @throws ShapeError if the blocks do not fill x     errors
//    *
//    *  Source: B14, B10. */                               IDs of docs/oracles.md
//
// or has all of that in a few sentences, with the formula in the first. A comment of // at the left margin is prose;
// the first one of a header begins with the title of its family.

#include "documents.hpp"

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::test
{

using Strings = std::vector<std::string>;

inline std::string trimmed(const std::string& text)
{
    const std::size_t first = text.find_first_not_of(" \n"), last = text.find_last_not_of(" \n");
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

inline std::string replaced(const std::string& text, const std::string& pattern, const std::string& by)
{
    return std::regex_replace(text, std::regex(pattern), by);
}

inline std::string one_line(const std::string& text) { return replaced(trimmed(text), "\\s+", " "); }

inline std::string without_full_stop(std::string text)
{
    if (!text.empty() && text.back() == '.')
        text.pop_back();
    return text;
}

inline std::string joined(const Strings& parts, const char* between)
{
    std::string all;
    for (const std::string& part : parts)
        all += (all.empty() ? "" : between) + part;
    return all;
}

/** The parts between the blank lines. */
inline Strings paragraphs_of(const std::string& text)
{
    Strings paragraphs(1);
    for (const std::string& line : lines_of(text))
        if (!trimmed(line).empty())
            paragraphs.back() += line + "\n";
        else if (!paragraphs.back().empty())
            paragraphs.emplace_back();
    if (paragraphs.back().empty())
        paragraphs.pop_back();
    return paragraphs;
}

/** The parts between the commas that are in no bracket. */
inline Strings arguments_of(const std::string& list)
{
    Strings arguments(1);
    int depth = 0;
    for (const char c : list) {
        depth += std::string("(<{[").find(c) != std::string::npos;
        depth -= std::string(")>}]").find(c) != std::string::npos;
        if (c == ',' && depth == 0)
            arguments.emplace_back();
        else
            arguments.back() += c;
    }
    return arguments;
}

struct Comment
{
    std::string description, formula, result, gradient, source;
    Strings errors;
    std::vector<std::pair<std::string, std::string>> parameters; // name and shape

    bool is_short() const { return formula.empty() && result.empty() && parameters.empty(); }
};

struct Op
{
    std::string name, call;
    Comment comment;
};

struct Type
{
    std::string name;
    Comment comment;
    Strings members; // those with a remark
};

/** One or more paragraphs of prose, and the declarations below it. */
struct Section
{
    std::string prose;
    std::vector<Type> types;
    std::vector<Op> ops;
};

struct Family
{
    std::string title, file;
    std::vector<Section> sections;
    Strings undocumented; // declared without a comment, or without prose above
    Strings spellings;    // defined in place by an op of the same name
};

/** The parts of a comment, which begin with marks; the first part has none. */
inline Comment comment_of(const std::string& text)
{
    static const std::regex mark("(?:^|\\s)(@param\\s+\\w+|@return|@throws|Gradients?[^:.]*:|Source:)");
    Comment comment;
    std::string kind;
    auto begin = text.begin();
    const auto add = [&](const std::string& part) {
        const std::string line = one_line(part);
        if (kind.empty()) {
            for (const std::string& paragraph : paragraphs_of(part))
                if (trimmed(paragraph).back() == '.')
                    comment.description += (comment.description.empty() ? "" : " ") + one_line(paragraph);
                else
                    comment.formula += paragraph;
        } else if (kind == "@return")
            comment.result = line;
        else if (kind == "@throws")
            comment.errors.push_back(without_full_stop(line));
        else if (kind == "Source:")
            comment.source = without_full_stop(line);
        else if (kind.starts_with("@param"))
            comment.parameters.emplace_back(trimmed(kind.substr(6)), line);
        else
            comment.gradient = one_line(kind) + " " + line;
    };
    for (std::sregex_iterator match(text.begin(), text.end(), mark), end; match != end; ++match) {
        add({begin, (*match)[0].first});
        kind = (*match)[1];
        begin = (*match)[0].second;
    }
    add({begin, text.end()});
    return comment;
}

/** The call of an op, with the types of its parameters, but without that of variables. The template's arguments are
 *  given if no parameter tells them. */
inline std::string call_of(const std::string& name, const std::string& templates, const std::string& parameters)
{
    static const std::regex variable(".*Variable<(\\w+)>\\S* (\\w+(?: =.*)?)");
    Strings shown, given;
    if (!templates.empty())
        for (const std::string& argument : arguments_of(templates))
            if (const std::string name = replaced(one_line(argument), "^class(\\.\\.\\.)? ", "");
                name == "T" || !std::regex_search(parameters, std::regex("\\b" + name + "\\b")))
                given.push_back(name);
    for (const std::string& parameter : arguments_of(parameters)) {
        const std::string text = replaced(one_line(parameter), "Number<(\\w+)>", "$1");
        if (std::smatch match; std::regex_match(text, match, variable)) {
            given.erase(std::remove(given.begin(), given.end(), match[1].str()), given.end());
            shown.push_back(match[2]);
        } else
            shown.push_back(replaced(replaced(text, "^const (.*)&", "$1"), "std::", ""));
    }
    return name + (given.empty() ? "" : "<" + joined(given, ", ") + ">") + "(" + joined(shown, ", ") + ")";
}

/** Reads a header from top to bottom. */
class HeaderReader
{
  public:
    explicit HeaderReader(const std::filesystem::path& header) : lines_(lines_of(read_text(header)))
    {
        family_.file = header.filename().string();
        while (at_ < lines_.size() && lines_[at_] != "namespace detail")
            read();
    }
    const Family& family() const { return family_; }

  private:
    void read()
    {
        const std::string& line = lines_[at_];
        if (line.starts_with("/**"))
            read_comment();
        else if (line.starts_with("//") && !line.starts_with("// clang-format"))
            read_prose();
        else if (line.empty() || std::regex_search(line, std::regex("^(#|namespace|[{}]|// clang-format)")))
            ++at_;
        else
            read_declaration();
    }

    void read_comment()
    {
        std::string text;
        bool last = false;
        for (; !last; ++at_) {
            last = lines_[at_].find("*/") != std::string::npos;
            text += replaced(replaced(lines_[at_], "^(/\\*\\*| \\*(?!/)) ?", ""), "\\s*\\*/$", "") + "\n";
        }
        comment_ = comment_of(text);
        documented_ = true;
    }

    void read_prose()
    {
        std::string text;
        for (; at_ < lines_.size() && lines_[at_].starts_with("//"); ++at_)
            text += replaced(lines_[at_], "^// ?", "") + "\n";
        if (family_.title.empty()) {
            family_.title = trimmed(paragraphs_of(text).front());
            text = text.substr(text.find('\n'));
        }
        family_.sections.push_back({text, {}, {}});
    }

    void read_declaration()
    {
        std::string text;
        do
            text += lines_[at_] + " ";
        while (std::string(";{}").find(lines_[at_++].back()) == std::string::npos);
        Strings members;
        if (text[text.size() - 2] == '{')
            for (; !lines_[at_].starts_with("}"); ++at_)
                if (std::smatch match;
                    std::regex_match(lines_[at_], match, std::regex("[^=;,/]*?(\\w+)( =[^;]*)?[;,]?\\s+///< (.*)")))
                    members.push_back("`" + match[1].str() + "`: " + match[3].str());
        keep(text, members);
        comment_ = {};
        documented_ = false;
    }

    void keep(const std::string& declaration, const Strings& members)
    {
        static const std::regex type("(?:template <[^>]*> )?(?:struct|class|enum class|using) (\\w+).*");
        static const std::regex op("(?:template <([^>]*)> )?[\\w:<>, ]+ (operator\\S+?|\\w+)\\((.*)");
        std::smatch match;
        if (documented_ && family_.sections.empty())
            family_.undocumented = {family_.file + " as a whole"};
        else if (documented_ && std::regex_match(declaration, match, type))
            family_.sections.back().types.push_back({match[1], comment_, members});
        else if (std::regex_match(declaration, match, op)) {
            const std::string name = match[2], rest = match[3];
            std::size_t end = 0;
            for (int depth = 1; depth > 0; ++end)
                depth += (rest[end] == '(') - (rest[end] == ')');
            const std::string call = call_of(name, match[1], rest.substr(0, end - 1));
            if (documented_)
                family_.sections.back().ops.push_back({name, call, comment_});
            else
                (rest.find('{', end) != std::string::npos ? family_.spellings : family_.undocumented).push_back(name);
        } else if (documented_)
            family_.undocumented.push_back("what this declares: " + declaration);
    }

    Strings lines_;
    std::size_t at_ = 0;
    Family family_;
    Comment comment_; // of the declaration that comes next
    bool documented_ = false;
};

/** All families, in the order of their titles. */
inline std::vector<Family> families()
{
    std::vector<Family> all;
    for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "ops"))
        if (entry.path().extension() == ".hpp" && entry.path().filename() != "ops.hpp")
            all.push_back(HeaderReader(entry.path()).family());
    std::sort(all.begin(), all.end(), [](const Family& a, const Family& b) { return a.title < b.title; });
    return all;
}

inline std::vector<Op> ops_of(const Family& family)
{
    std::vector<Op> all;
    for (const Section& section : family.sections)
        all.insert(all.end(), section.ops.begin(), section.ops.end());
    return all;
}

} // namespace xgrad::test
