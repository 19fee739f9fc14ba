// Which mistake explains the differences of a comparison: one for all of them if there is one.
#include <xgrad/graph/comparison/arrangement.hpp>
#include <xgrad/graph/comparison/explanation.hpp>
#include <xgrad/graph/comparison/trials.hpp>

#include <algorithm>
#include <cmath>

namespace xgrad::detail
{

namespace
{

using Kind = Explanation::Kind;

class Investigation
{
  public:
    Investigation(std::vector<TensorComparison>& tensors, const std::function<Variable<double>()>& loss,
                  const Parameters<double>& parameters, const CompareOptions& options)
        : tensors_(tensors), loss_(loss), parameters_(parameters), options_(options)
    {}

    void run()
    {
        explain_shapes();
        for (std::size_t i = 0; i < tensors_.size(); ++i)
            if (!tensors_[i].agrees && tensors_[i].problem.empty())
                open_.push_back(i);
        if (!open_.empty() && options_.previous)
            explain_stale();
        if (!open_.empty())
            explain_differences();
    }

  private:
    using Places = std::vector<std::size_t>;

    void explain_shapes()
    {
        for (TensorComparison& tensor : tensors_)
            if (tensor.by_hand.size() > 0 && tensor.by_hand.shape() != tensor.automatic.shape() && is_finite(tensor))
                set(tensor, arrangement_of(tensor));
    }

    void explain_stale()
    {
        const auto before = Trials(options_.previous, parameters_).gradients({});
        for (const std::size_t i : Places(open_))
            if (largest_of(before[i]) > 0 && are_close(before[i], tensors_[i].by_hand, options_.tolerance))
                close(i, {"it is the gradient of the previous sample", "stale", Kind::arrangement});
    }

    void explain_differences()
    {
        const Trials trials(loss_, parameters_);
        const std::vector<Trial> usual = trials.usual();
        std::vector<const Trial*> special, all;
        for (const bool general : {false, true})
            for (const Trial& trial : usual)
                if (trial.general == general) {
                    all.push_back(&trial);
                    if (!general)
                        special.push_back(&trial);
                }
        if (const Best best = best_of(trials, special); best.explained.size() == open_.size())
            return take(best);
        if (explain_arrangements_of_all())
            return;
        take_all(trials, all);
        for (const std::size_t i : open_)
            set(tensors_[i], arrangement_of(tensors_[i]));
        explain_consequences(trials);
    }

    /** One explanation for each, if there is one for all that is more than just any factor. */
    bool explain_arrangements_of_all()
    {
        std::vector<Explanation> found;
        for (const std::size_t i : open_)
            found.push_back(arrangement_of(tensors_[i]));
        const bool moved = std::all_of(found.begin(), found.end(),
                                       [](const Explanation& each) { return each.kind == Kind::arrangement; });
        const bool one_factor = std::all_of(found.begin(), found.end(), [&](const Explanation& each) {
            return each.kind == Kind::known_factor && each.words == found.front().words;
        });
        if (!moved && !(one_factor && everything_differs()))
            return false;
        for (std::size_t k = 0; k < open_.size(); ++k)
            set(tensors_[open_[k]], found[k]);
        return true;
    }

    bool everything_differs() const
    {
        return std::none_of(tensors_.begin(), tensors_.end(), [](const TensorComparison& tensor) {
            return tensor.agrees && largest_of(tensor.automatic) > 0;
        });
    }

    struct Best
    {
        const Trial* trial = nullptr;
        Places explained = {};
    };

    /** The first of the mistakes that explain most, on top of those that are taken already. */
    Best best_of(const Trials& trials, const std::vector<const Trial*>& candidates) const
    {
        Best best;
        std::vector<const Trial*> tried = {nullptr};
        tried.insert(tried.end(), taken_.begin(), taken_.end());
        for (const Trial* candidate : candidates) {
            tried.front() = candidate;
            if (Places explained = explained_by(trials.gradients(tried)); explained.size() > best.explained.size())
                best = {candidate, std::move(explained)};
        }
        return best;
    }

    /** Which of the open differences gradients with mistakes have; none if they contradict what agrees or is explained.
     */
    Places explained_by(const std::vector<Array<double>>& gradients) const
    {
        Places explained;
        for (std::size_t i = 0; i < tensors_.size(); ++i) {
            const TensorComparison& tensor = tensors_[i];
            if (tensor.agrees && !are_close(gradients[i], tensor.automatic, options_.tolerance))
                return {};
            if (is_in(settled_, i) && !are_close(gradients[i], tensor.by_hand, options_.tolerance))
                return {};
            if (is_in(open_, i) && largest_of(tensor.by_hand) > 0 && // 0 follows from too much
                are_close(gradients[i], tensor.by_hand, options_.tolerance))
                explained.push_back(i);
        }
        return explained;
    }

    void take(const Best& best)
    {
        taken_.push_back(best.trial);
        settled_.insert(settled_.end(), best.explained.begin(), best.explained.end());
        for (const std::size_t i : best.explained)
            close(i, {best.trial->words, best.trial->section, Kind::arrangement});
    }

    void take_all(const Trials& trials, const std::vector<const Trial*>& candidates)
    {
        while (!open_.empty()) {
            const Best best = best_of(trials, candidates);
            if (best.explained.empty())
                return;
            take(best);
        }
    }

    /** What is wrong because a sensitivity between it and the loss is. */
    void explain_consequences(const Trials& trials)
    {
        std::erase_if(open_, [&](std::size_t i) { return !tensors_[i].page.empty(); });
        std::vector<Trial> causes;
        for (std::size_t i = 0; i < tensors_.size(); ++i)
            if (!tensors_[i].agrees && tensors_[i].problem.empty())
                causes.push_back(trials.with_sensitivity(i, tensors_[i].by_hand));
        std::vector<const Trial*> candidates;
        for (const Trial& cause : causes)
            if (!cause.places.empty())
                candidates.push_back(&cause);
        take_all(trials, candidates);
    }

    static bool is_in(const Places& places, std::size_t i)
    {
        return std::find(places.begin(), places.end(), i) != places.end();
    }

    static bool is_finite(const TensorComparison& tensor)
    {
        return std::all_of(tensor.by_hand.begin(), tensor.by_hand.end(), [](double x) { return std::isfinite(x); });
    }

    Explanation arrangement_of(const TensorComparison& tensor) const
    {
        return explain_arrangement(tensor.automatic, tensor.by_hand, options_.samples, options_.tolerance);
    }

    void close(std::size_t i, const Explanation& explanation)
    {
        set(tensors_[i], explanation);
        std::erase(open_, i);
    }

    static void set(TensorComparison& tensor, const Explanation& explanation)
    {
        tensor.explanation = explanation.words;
        if (*explanation.section)
            tensor.page = std::string("docs/mistakes.md#") + explanation.section;
    }

    std::vector<TensorComparison>& tensors_;
    const std::function<Variable<double>()>& loss_;
    const Parameters<double>& parameters_;
    const CompareOptions& options_;
    Places open_;                     ///< what differs and is not explained yet
    Places settled_;                  ///< what a mistake on the way explains
    std::vector<const Trial*> taken_; ///< those mistakes
};

} // namespace

void explain(std::vector<TensorComparison>& tensors, const std::function<Variable<double>()>& loss,
             const Parameters<double>& parameters, const CompareOptions& options)
{
    Investigation(tensors, loss, parameters, options).run();
}

} // namespace xgrad::detail
