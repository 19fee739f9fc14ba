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

/** Seconds a call of f, once caches and pools are warm: the median of what slices of some milliseconds show, so that
 *  what else the machine does now and then does not count. */
template <class F>
double seconds_a_call(F&& f)
{
    constexpr double warm_up = 0.05, measured = 0.2, slice = 0.004;
    std::vector<double> slices;
    const double begin = now();
    for (double start = begin, end; start - begin < warm_up + measured || slices.empty(); start = end) {
        std::size_t calls = 0;
        do {
            f();
            ++calls;
            end = now();
        } while (end - start < slice);
        if (start - begin >= warm_up)
            slices.push_back((end - start) / static_cast<double>(calls));
    }
    std::nth_element(slices.begin(), slices.begin() + static_cast<std::ptrdiff_t>(slices.size() / 2), slices.end());
    return slices[slices.size() / 2];
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
