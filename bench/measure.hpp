#pragma once
// The measuring programs: each reads lines "WORK SIZE" and answers with one number a line, so that another program can
// have them take turns. Nothing of any library here.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace bench
{

inline double now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double median(std::vector<double> samples)
{
    std::sort(samples.begin(), samples.end());
    const std::size_t n = samples.size();
    return (samples[(n - 1) / 2] + samples[n / 2]) / 2;
}

/** Seconds a call of f, over some milliseconds. */
template <class F>
double slice(F& f)
{
    constexpr double length = 0.004;
    const double start = now();
    double end = start;
    std::size_t calls = 0;
    for (; end - start < length; end = now(), ++calls)
        f();
    return (end - start) / static_cast<double>(calls);
}

/** The median of what sample() gives for `seconds` once caches and pools are warm, so that what else the machine does
 *  now and then does not count. */
template <class F>
double once_warm(double seconds, F&& sample)
{
    constexpr double warm_up = 0.05;
    std::vector<double> samples;
    const double begin = now();
    for (double start = begin; start - begin < warm_up + seconds || samples.empty(); start = now()) {
        const double one = sample();
        if (start - begin >= warm_up)
            samples.push_back(one);
    }
    return median(std::move(samples));
}

/** Seconds a call of f. */
template <class F>
double seconds_a_call(F&& f)
{
    return once_warm(0.2, [&] { return slice(f); });
}

/** How many times as long as a call of g one of f takes. They take turns every few milliseconds: what the machine does
 *  in the meantime happens to both. */
template <class F, class G>
double times_as_long(F&& f, G&& g)
{
    return once_warm(0.5, [&] {
        f();
        const double seconds = slice(f);
        g();
        return seconds / slice(g);
    });
}

/** What the lines may ask for: each gets the size and gives the answer. */
using Works = std::map<std::string, std::function<double(std::size_t)>>;

/** Answers until there are no more lines; an unknown work or an exception ends it. */
inline int serve(const Works& works)
{
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string work;
        std::size_t size = 0;
        words >> work >> size;
        const auto found = works.find(work);
        if (found == works.end()) {
            std::fprintf(stderr, "there is no work '%s'\n", work.c_str());
            return 1;
        }
        try {
            std::printf("%.17g\n", found->second(size));
            std::fflush(stdout);
        } catch (const std::exception& e) {
            std::fprintf(stderr, "%s: %s\n", line.c_str(), e.what());
            return 1;
        }
    }
    return 0;
}

} // namespace bench
