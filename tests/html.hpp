#pragma once
// A page taken apart, by rules that share nothing with what writes it.

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace xgrad::test
{

struct Element
{
    std::string tag;
    std::map<std::string, std::string> attributes;
    std::string text; ///< the text inside, without tags
    bool is_shown = true;
};

/** The elements of a page, in the order of their beginnings. Each unbalanced tag, attribute without quotation marks,
 *  stray sign and second use of an id fails the test. */
class Html
{
  public:
    explicit Html(const std::string& page) : page_(page)
    {
        REQUIRE(page.starts_with("<!DOCTYPE html>\n"));
        for (at_ = 16; at_ < page_.size();)
            if (page_[at_] != '<')
                add_text();
            else if (page_[at_ + 1] == '/')
                close();
            else
                open();
        CHECK(open_.empty());
    }

    const std::vector<Element>& all() const { return elements_; }
    const std::set<std::string>& ids() const { return ids_; }
    std::vector<Element> named(const std::string& tag) const
    {
        std::vector<Element> found;
        std::copy_if(elements_.begin(), elements_.end(), std::back_inserter(found),
                     [&](const Element& each) { return each.tag == tag; });
        return found;
    }

  private:
    void add_text()
    {
        const std::size_t end = std::min(page_.find('<', at_), page_.size());
        const std::string text = page_.substr(at_, end - at_);
        const bool is_style = !open_.empty() && elements_[open_.back()].tag == "style";
        CHECK((is_style || text.find('>') == std::string::npos));
        for (std::size_t amp = text.find('&'); !is_style && amp != std::string::npos; amp = text.find('&', amp + 1))
            CHECK_MESSAGE(std::any_of(std::begin(entities), std::end(entities),
                                      [&](const char* each) { return text.substr(amp).starts_with(each); }),
                          text);
        for (const std::size_t i : open_)
            elements_[i].text += text;
        at_ = end;
    }

    void close()
    {
        const std::size_t end = page_.find('>', at_);
        REQUIRE(end != std::string::npos);
        const std::string tag = page_.substr(at_ + 2, end - at_ - 2);
        REQUIRE_MESSAGE((!open_.empty() && elements_[open_.back()].tag == tag), tag);
        open_.pop_back();
        at_ = end + 1;
    }

    void open()
    {
        ++at_;
        Element element{word(), {}, ""};
        while (page_.at(at_) == ' ' || page_[at_] == '\n') {
            ++at_;
            const std::string name = word();
            std::string value;
            if (page_[at_] == '=') {
                REQUIRE(page_[at_ + 1] == '"');
                const std::size_t end = page_.find('"', at_ + 2);
                REQUIRE(end != std::string::npos);
                value = page_.substr(at_ + 2, end - at_ - 2);
                CHECK(value.find_first_of("<>") == std::string::npos);
                at_ = end + 1;
            }
            CHECK_MESSAGE(element.attributes.emplace(name, value).second, name);
            if (name == "id")
                CHECK_MESSAGE(ids_.insert(value).second, value);
        }
        REQUIRE_MESSAGE(page_.at(at_) == '>', element.tag);
        ++at_;
        elements_.push_back(element);
        if (element.tag != "meta" && element.tag != "img")
            open_.push_back(elements_.size() - 1);
    }

    std::string word()
    {
        const std::size_t begin = at_;
        while (std::isalnum(static_cast<unsigned char>(page_.at(at_))) || page_[at_] == '-')
            ++at_;
        REQUIRE(at_ > begin);
        return page_.substr(begin, at_ - begin);
    }

    static constexpr const char* entities[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
    const std::string& page_;
    std::size_t at_ = 0;
    std::vector<Element> elements_;
    std::vector<std::size_t> open_;
    std::set<std::string> ids_;
};

} // namespace xgrad::test
