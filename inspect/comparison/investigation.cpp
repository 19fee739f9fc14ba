// The search for the mistakes that explain a comparison: a single one for all differences if possible.
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/explanation.hpp>
#include <xgrad/inspect/comparison/trials.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace xgrad::detail
{

namespace
{

using Kind = Explanation::Kind;

const std::string not_all = "the tape is long: only the wrong rules nearest to the differences were tried";

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
        for (TensorComparison& tensor : tensors_)
            if (!notes_.empty() && tensor.problem.empty() && tensor.explanation == Explanation().words)
                tensor.explanation += fmt::format(" ({})", fmt::join(notes_, "; "));
    }

  private:
    using Places = std::vector<std::size_t>;

    void explain_shapes()
    {
        for (TensorComparison& tensor : tensors_)
            if (tensor.by_hand.shape() != tensor.automatic.shape() && is_finite(tensor.by_hand) &&
                is_finite(tensor.automatic) && tensor.by_hand.size() > 0)
                set(tensor, arrangement_of(tensor));
    }

    void explain_stale()
    {
        std::vector<Array<double>> before;
        const std::string problem = thrown_by([&] { before = Trials(options_.previous, parameters_).gradients({}); });
        if (!problem.empty()) {
            notes_.push_back("the loss of the previous sample was tried, but " + problem);
            return;
        }
        for (const std::size_t i : Places(open_))
            if (largest_of(before[i]) > 0 && are_close(before[i], tensors_[i].by_hand, options_.tolerance))
                close(i, {"it is the gradient of the previous sample", "stale", Kind::arrangement});
    }

    void explain_differences()
    {
        const Trials trials(loss_, parameters_);
        std::vector<Trial> usual = trials.usual();
        keep_nearest(trials, usual);
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

    /** Drops the trials for which there is no time: those farthest from what differs. */
    void keep_nearest(const Trials& trials, std::vector<Trial>& usual)
    {
        double sweep = HUGE_VAL; // the seconds of the faster of two
        for (std::size_t run = 0; run < 2; ++run) {
            const auto start = std::chrono::steady_clock::now();
            trials.gradients({});
            const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
            sweep = std::min(sweep, taken.count());
        }
        sweeps_ = std::max<std::size_t>(300, static_cast<std::size_t>(3 / std::max(sweep, 1e-6)));
        const std::size_t most = sweeps_ / 3; // as they are tried in rounds
        if (usual.size() <= most)
            return;
        Places readers, distances;
        for (const std::size_t i : open_)
            readers.push_back(trials.reader_of(i));
        for (const Trial& trial : usual) {
            std::size_t nearest = std::numeric_limits<std::size_t>::max();
            for (const Place& place : trial.places)
                for (const std::size_t reader : readers)
                    nearest = std::min(nearest, place.op < reader ? reader - place.op : place.op - reader);
            distances.push_back(nearest);
        }
        Places sorted = distances;
        std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(most), sorted.end());
        std::size_t place = 0;
        std::erase_if(usual, [&](const Trial&) { return distances[place++] >= sorted[most]; });
        notes_.push_back(not_all);
    }

    /** Explains each difference by a mistake in the gradient itself, if all have one and it is not just any factor.
     *  @return  true if it did */
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

    /** The mistake that explains the most differences, together with those that were taken before; the first of equals.
     */
    Best best_of(const Trials& trials, const std::vector<const Trial*>& candidates)
    {
        Best best;
        std::vector<const Trial*> tried = {nullptr};
        tried.insert(tried.end(), taken_.begin(), taken_.end());
        for (const Trial* candidate : candidates) {
            if (best.explained.size() == open_.size())
                break;
            if (sweeps_ == 0) {
                if (!is_in(notes_, not_all))
                    notes_.push_back(not_all);
                break;
            }
            --sweeps_;
            tried.front() = candidate;
            if (Places explained = explained_by(trials.gradients(tried)); explained.size() > best.explained.size())
                best = {candidate, std::move(explained)};
        }
        return best;
    }

    /** The open differences that the given gradients, with mistakes, explain. None if they contradict a gradient that
     *  agrees or is explained. */
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
            close(i, {best.trial->words(), best.trial->section, Kind::arrangement});
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

    /** Explains gradients that are wrong only because a sensitivity between them and the loss is. */
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

    template <class T>
    static bool is_in(const std::vector<T>& all, const T& one)
    {
        return std::find(all.begin(), all.end(), one) != all.end();
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
    Places open_;                     ///< the differences that are not explained yet
    Places settled_;                  ///< those that a mistake on the way explains
    std::vector<const Trial*> taken_; ///< these mistakes
    std::size_t sweeps_ = 0;          ///< the number of sweeps for which there is time
    std::vector<std::string> notes_;  ///< the trials that could not be made, in words
};

} // namespace

void explain(std::vector<TensorComparison>& tensors, const std::function<Variable<double>()>& loss,
             const Parameters<double>& parameters, const CompareOptions& options)
{
    Investigation(tensors, loss, parameters, options).run();
}

} // namespace xgrad::detail
