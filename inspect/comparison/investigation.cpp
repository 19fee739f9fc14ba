// The search for the mistakes that explain a comparison: a single one for all differences if possible.
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/explanation.hpp>
#include <xgrad/inspect/comparison/readings.hpp>
#include <xgrad/inspect/comparison/search.hpp>
#include <xgrad/inspect/comparison/uses.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace xgrad::detail
{

namespace
{

using Kind = Explanation::Kind;
using Findings = std::vector<Finding>;

const std::string not_all = "the tape is long: only the wrong rules nearest to the differences were tried";

class Investigation
{
  public:
    Investigation(std::vector<TensorComparison>& tensors, const std::vector<double>& allowed,
                  const std::function<Variable<double>()>& loss, const Parameters<double>& parameters,
                  const CompareOptions& options)
        : tensors_(tensors), allowed_(allowed), loss_(loss), parameters_(parameters), options_(options)
    {}

    void run()
    {
        explain_shapes();
        for (std::size_t i = 0; i < tensors_.size(); ++i) {
            const TensorComparison& tensor = tensors_[i];
            rows_.right.push_back(tensor.automatic);
            rows_.by_hand.push_back(tensor.by_hand);
            rows_.allowed.push_back(std::max(allowed_[i], options_.tolerance * largest_of(tensor.by_hand)));
            rows_.states.push_back(!tensor.problem.empty() ? Rows::ignored : tensor.agrees ? Rows::fixed : Rows::open);
        }
        if (is_open() && options_.previous)
            explain_stale();
        if (is_open())
            explain_differences();
        for (TensorComparison& tensor : tensors_)
            if (!notes_.empty() && tensor.problem.empty() && tensor.explanation == Explanation().words)
                tensor.explanation += fmt::format(" ({})", fmt::join(notes_, "; "));
    }

  private:
    using Indices = std::vector<std::size_t>;

    bool is_open() const { return !rows_.all_open().empty(); }

    void explain_shapes()
    {
        for (TensorComparison& tensor : tensors_)
            if (tensor.by_hand.shape() != tensor.automatic.shape() && is_finite(tensor.by_hand) &&
                is_finite(tensor.automatic) && tensor.by_hand.size() > 0)
                set(tensor, explain_arrangement(tensor.automatic, tensor.by_hand, {options_.samples, false},
                                                options_.tolerance));
    }

    void explain_stale()
    {
        std::vector<Array<double>> before;
        const std::string problem = thrown_by([&] { before = Trials(options_.previous, parameters_).gradients(); });
        if (!problem.empty()) {
            notes_.push_back("the loss of the previous sample was tried, but " + problem);
            return;
        }
        for (const std::size_t i : rows_.all_open())
            if (largest_of(before[i]) > 0 && are_close(before[i], tensors_[i].by_hand, options_.tolerance))
                close(i, {"it is the gradient of the previous sample", "stale", Kind::arrangement}, Rows::ignored);
    }

    void explain_differences()
    {
        const Trials trials(loss_, parameters_);
        const Wording wording(trials);
        const Readings readings(trials, wording, rows_, taken_, options_);
        Budget budget;
        while (is_open() && explain_next(trials, wording, readings, budget))
            continue;
        if (budget.is_spent())
            notes_.push_back(not_all);
        explain_rest(readings);
        explain_consequences(trials, readings);
    }

    /** Finds the next mistake, on top of those that are taken. Returns false if none is found. */
    bool explain_next(const Trials& trials, const Wording& wording, const Readings& readings, Budget& budget)
    {
        const Indices open = rows_.all_open();
        const Findings findings = find_mistakes(trials, wording, rows_, taken_, budget);
        if (close_all(trials, readings, open, explaining(findings, open)))
            return true;
        if (close_all(trials, readings, open, find_two_paths(trials, wording, rows_, taken_, budget)))
            return true;
        if (close_each(readings, open, true))
            return true;
        return take_best(trials, readings, findings) || close_each(readings, open, false);
    }

    static Findings explaining(const Findings& findings, const Indices& rows)
    {
        Findings found;
        for (const Finding& each : findings)
            if (each.explained == rows)
                found.push_back(each);
        return found;
    }

    /** Explains rows by what one mistake does to all of them. */
    bool close_all(const Trials& trials, const Readings& readings, const Indices& rows, const Findings& findings)
    {
        const Reasons reasons = readings.of(rows, findings);
        if (reasons.words.empty())
            return false;
        for (const std::size_t i : rows)
            close(i, {reasons.words, reasons.section, Kind::arrangement}, Rows::fixed);
        if (!reasons.trial.places.empty()) {
            taken_.push_back(reasons.trial);
            if (is_open())
                rows_.right = trials.gradients(taken_);
        } else
            for (const std::size_t i : rows)
                rows_.states[i] = Rows::ignored;
        return true;
    }

    /** Explains rows by mistakes in the gradients themselves: all of them, or those that have one. */
    bool close_each(const Readings& readings, const Indices& rows, bool all)
    {
        std::vector<Explanation> found;
        for (const std::size_t i : rows)
            found.push_back(readings.own_or_of_uses(i));
        const auto is_known = [](const Explanation& each) { return each.kind >= Kind::known_factor; };
        if (all ? !std::all_of(found.begin(), found.end(), is_known)
                : std::none_of(found.begin(), found.end(), is_known))
            return false;
        for (std::size_t k = 0; k < rows.size(); ++k)
            if (is_known(found[k]))
                close(rows[k], found[k], Rows::ignored);
        return true;
    }

    /** Takes the mistake that explains the most rows. */
    bool take_best(const Trials& trials, const Readings& readings, const Findings& findings)
    {
        Indices best;
        for (const Finding& each : findings)
            if (each.explained.size() > best.size() && (!each.touches || each.evidence >= 4) &&
                !(each.is_path && each.touches && each.factor != 0))
                best = each.explained;
        if (best.empty() || best.size() == rows_.all_open().size())
            return false;
        return close_all(trials, readings, best, explaining(findings, best));
    }

    void explain_rest(const Readings& readings)
    {
        for (const std::size_t i : rows_.all_open())
            set(tensors_[i], readings.last(i));
    }

    /** Explains gradients that are wrong only because a sensitivity between them and the loss is. */
    void explain_consequences(const Trials& trials, const Readings& readings)
    {
        for (std::size_t i = 0; i < tensors_.size(); ++i) // of a row with a page enough is known
            if (rows_.states[i] == Rows::open && !tensors_[i].page.empty() &&
                tensors_[i].page != page("only-some-rows") && readings.own(i).kind != Kind::factor)
                rows_.states[i] = Rows::ignored;
        Taken causes;
        Indices of_rows;
        for (std::size_t i = 0; i < tensors_.size(); ++i)
            if (!tensors_[i].agrees && tensors_[i].problem.empty())
                if (Trial cause = trials.with_sensitivity(i, tensors_[i].by_hand); !cause.places.empty()) {
                    causes.push_back(std::move(cause));
                    of_rows.push_back(i);
                }
        while (is_open()) {
            Indices best;
            std::size_t cause = 0;
            for (std::size_t k = 0; k < causes.size(); ++k)
                if (Indices explained = consequences(trials, causes[k]); explained.size() > best.size()) {
                    best = std::move(explained);
                    cause = k;
                }
            if (best.empty())
                return;
            taken_.push_back(causes[cause]);
            const std::string words =
                fmt::format("it follows from the wrong gradient of {}", parameters_.name(of_rows[cause]));
            for (const std::size_t i : best)
                close(i, {words, "consequence", Kind::arrangement}, Rows::fixed);
        }
    }

    /** The open rows that follow from a cause; none if it contradicts a row. */
    Indices consequences(const Trials& trials, const Trial& cause) const
    {
        Taken wrong = {cause};
        wrong.insert(wrong.end(), taken_.begin(), taken_.end());
        const Trials::Gradients gradients = trials.gradients(wrong);
        Indices explained;
        for (std::size_t i = 0; i < tensors_.size(); ++i) {
            const bool equal = rows_.are_equal(i, gradients[i], rows_.by_hand[i]);
            if (rows_.states[i] == Rows::fixed && !equal)
                return {};
            if (rows_.states[i] == Rows::open && equal && largest_of(rows_.by_hand[i]) > 0)
                explained.push_back(i);
        }
        return explained;
    }

    void close(std::size_t i, const Explanation& explanation, Rows::State state)
    {
        set(tensors_[i], explanation);
        rows_.states[i] = state;
    }

    static std::string page(const std::string& section) { return "docs/mistakes.md#" + section; }

    static void set(TensorComparison& tensor, const Explanation& explanation)
    {
        tensor.explanation = explanation.words;
        tensor.page = *explanation.section ? page(explanation.section) : "";
    }

    std::vector<TensorComparison>& tensors_;
    const std::vector<double>& allowed_;
    const std::function<Variable<double>()>& loss_;
    const Parameters<double>& parameters_;
    const CompareOptions& options_;
    Rows rows_;
    Taken taken_;                    ///< the mistakes that are found
    std::vector<std::string> notes_; ///< the trials that could not be made, in words
};

} // namespace

void explain(std::vector<TensorComparison>& tensors, const std::vector<double>& allowed,
             const std::function<Variable<double>()>& loss, const Parameters<double>& parameters,
             const CompareOptions& options)
{
    const std::string problem = thrown_by([&] { Investigation(tensors, allowed, loss, parameters, options).run(); });
    for (TensorComparison& tensor : tensors)
        if (!problem.empty() && !tensor.agrees && tensor.problem.empty() && tensor.explanation.empty())
            tensor.explanation = fmt::format("{} (mistakes were tried, but {})", Explanation().words, problem);
}

} // namespace xgrad::detail
