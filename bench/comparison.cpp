#include "comparison.hpp"

#include <algorithm>
#include <functional>

namespace bench
{

namespace
{

template <class F>
Samples each(const Samples& a, const Samples& b, F f)
{
    Samples result;
    std::transform(a.begin(), a.end(), b.begin(), std::back_inserter(result), f);
    return result;
}

} // namespace

double ratio(const Samples& a, const Samples& b) { return median(each(a, b, std::divides<>())); }
Samples difference(const Samples& a, const Samples& b) { return each(a, b, std::minus<>()); }
Samples best(const Samples& a, const Samples& b)
{
    return each(a, b, [](double x, double y) { return std::min(x, y); });
}

std::vector<Samples> Comparison::ask(const std::vector<Question>& questions)
{
    std::vector<Samples> answers(questions.size());
    for (std::size_t repeat = 0; repeat < repeats_; ++repeat)
        for (std::size_t i = 0; i < questions.size(); ++i) {
            const Question& q = questions[i];
            answers[i].push_back(peer(q.who, q.threads).ask(q.work, q.size));
        }
    return answers;
}

std::vector<Samples> Comparison::against_best(const std::string& work, std::size_t size, Who peer)
{
    const auto answers = ask({{Who::xgrad, cores_, work, size}, {peer, 1, work, size}, {peer, cores_, work, size}});
    return {answers[0], best(answers[1], answers[2])};
}

Samples Comparison::ask_fresh(const Question& question, std::size_t repeats)
{
    Samples answers;
    for (std::size_t repeat = 0; repeat < repeats; ++repeat)
        answers.push_back(Peer(program(question.who), question.threads).ask(question.work, question.size));
    return answers;
}

std::string Comparison::program(Who who) const
{
    constexpr const char* names[] = {"xgrad", "libtorch", "dlib"};
    return folder_ + "/measure_" + names[static_cast<int>(who)];
}

Peer& Comparison::peer(Who who, std::size_t threads)
{
    auto& found = peers_[{who, threads}];
    if (!found)
        found = std::make_unique<Peer>(program(who), threads);
    return *found;
}

} // namespace bench
