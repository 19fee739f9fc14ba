#pragma once
// The measuring programs: each reads lines "WORK SIZE" and answers with one number per line, so that another program
// can ask them in turns. This file uses no library.

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

/** The seconds per call of f, over some milliseconds. */
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

/** The median of the values of sample() during `seconds`, once caches and pools are warm. The median ignores what else
 *  the machine does now and then. */
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

/** The seconds per call of f. */
template <class F>
double seconds_a_call(F&& f)
{
    return once_warm(0.2, [&] { return slice(f); });
}

/** The time of a call of f divided by that of a call of g. They take turns every few milliseconds, so other work of the
 *  machine slows both. */
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

/** The works that a line may name: each gets the size and returns the answer. */
using Works = std::map<std::string, std::function<double(std::size_t)>>;

/** Answers lines until the input ends; an unknown work or an exception ends it earlier. @return  the exit code */
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
