#include "options.hpp"

#include <CLI/CLI.hpp>

#include <type_traits>

namespace xgrad::command
{

const Option& Option::check(const Check& check, int word) const
{
    option_->check(CLI::Validator([wrong = check.wrong](const std::string& text) { return wrong(text); }, check.help)
                       .application_index(word));
    return *this;
}

const Option& Option::required() const
{
    option_->required();
    return *this;
}

const Option& Option::or_alone() const
{
    option_->expected(0, 1);
    return *this;
}

const Option& Option::excludes(const Option& other) const
{
    option_->excludes(other.option_);
    return *this;
}

const Option& Option::type(const std::string& name) const
{
    option_->type_name(name);
    return *this;
}

const Option& Option::group(const std::string& name) const
{
    option_->group(name);
    return *this;
}

bool Option::given() const { return option_->count() > 0; }

Options Options::add_verb(const std::string& name, const std::string& help, const std::string& footer) const
{
    CLI::App* const verb = parser_->add_subcommand(name, help);
    verb->footer(footer);
    return Options(*verb);
}

Option Options::add(const std::string& names, const Target& target, const std::string& help) const
{
    const auto add_for = [&]<class T>(const T& to) {
        if constexpr (std::is_pointer_v<T>)
            return parser_->add_option(names, *to, help);
        else
            return parser_->add_option_function(names, to, help);
    };
    return Option(std::visit(add_for, target.any));
}

Option Options::add_flag(const std::string& names, bool& set, const std::string& help) const
{
    return Option(parser_->add_flag(names, set, help));
}

Option Options::add_flag(const std::string& names, const std::function<void()>& then, const std::string& help) const
{
    return Option(parser_->add_flag_callback(names, then, help));
}

} // namespace xgrad::command
