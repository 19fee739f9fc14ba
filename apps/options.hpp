#pragma once
// The options of the command, as its verbs declare them. CLI11 parses them, and takes long to compile: the verbs do not
// include it.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace CLI
{
class App;
class Option;
} // namespace CLI

namespace xgrad::command
{

/** A check of a value before it is taken. */
struct Check
{
    /** Says what is wrong with a value as it was given; empty if nothing is. */
    std::function<std::string(const std::string&)> wrong;
    /** Stands in the help beside the option. */
    std::string help = {};
};

/** Checks that a number is finite and greater than 0, or at least 0, or at least 0 and less than 1; in 32 bits, too. */
Check positive();
Check not_negative();
Check below_one();

/** Checks that a whole number is at least `least` and at most `most`. */
Check between(std::size_t least, std::size_t most);

/** Checks that a word is one of these. The error names the nearest one. */
Check one_of(const std::vector<std::string>& words);

/** A value or a function that an option's value goes to. A value must not move, and keeps what it has if the option is
 *  not given. */
class Target
{
  public:
    using Factors = std::vector<std::pair<std::string, double>>;
    using Any = std::variant<std::string*, std::size_t*, double*, std::optional<std::string>*,
                             std::optional<std::size_t>*, std::optional<double>*, std::vector<std::string>*,
                             std::vector<std::size_t>*, std::function<void(const std::string&)>,
                             std::function<void(const std::size_t&)>, std::function<void(const Factors&)>>;

    template <class T>
    Target(T& value) requires std::is_constructible_v<Any, T*> : any(&value)
    {}
    template <class F>
    Target(F function) requires std::is_constructible_v<Any, F> : any(std::move(function))
    {}

    Any any;
};

/** An option, or an argument without a name, of a verb. */
class Option
{
  public:
    explicit Option(CLI::Option* option) : option_(option) {}

    /** Adds a check; of several words that make a value, it is for the one with the number `word`. */
    const Option& check(const Check& check, int word = -1) const;
    const Option& required() const;
    /** The value may be left out. */
    const Option& or_alone() const;
    const Option& excludes(const Option& other) const;
    /** Names the value in the help: "FILE". */
    const Option& type(const std::string& name) const;
    const Option& group(const std::string& name) const;

    /** True if it was given. */
    bool given() const;

  private:
    CLI::Option* option_;
};

/** The options of a verb, or the verbs of the command. */
class Options
{
  public:
    explicit Options(CLI::App& parser) : parser_(&parser) {}

    Options add_verb(const std::string& name, const std::string& help, const std::string& footer) const;

    /** @param names  "--learning-rate,--lr"; an argument's name has no dashes */
    Option add(const std::string& names, const Target& target, const std::string& help) const;
    Option add_flag(const std::string& names, bool& set, const std::string& help) const;
    Option add_flag(const std::string& names, const std::function<void()>& then, const std::string& help) const;

    CLI::App& parser() const { return *parser_; }

  private:
    CLI::App* parser_;
};

} // namespace xgrad::command
