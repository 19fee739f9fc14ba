#pragma once

#include "measure.hpp"
#include "peer.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bench
{

/** The answers to a question, one for each repeat. */
using Samples = std::vector<double>;

/** The median of a[i]/b[i], which were measured one after the other. */
double ratio(const Samples& a, const Samples& b);
/** The smaller sample of each repeat: the better of two times. */
Samples best(const Samples& a, const Samples& b);
Samples difference(const Samples& a, const Samples& b);

enum class Who
{
    xgrad,
    libtorch,
    dlib
};

struct Question
{
    Who who;
    std::size_t threads;
    std::string work;
    std::size_t size = 0;
};

/** Asks the measuring programs in turns. */
class Comparison
{
  public:
    /** @param folder  the folder of measure_xgrad and its peers */
    Comparison(std::string folder, std::size_t repeats, std::size_t cores)
        : folder_(std::move(folder)), repeats_(repeats), cores_(cores)
    {}

    std::size_t repeats() const { return repeats_; }
    /** The number of threads that use the whole machine. */
    std::size_t cores() const { return cores_; }

    /** The samples of each question, asked in turns: A, B, C, A, B, C, … */
    std::vector<Samples> ask(const std::vector<Question>& questions);
    /** The times of xgrad with all cores, and of a peer with whichever number of threads is faster. */
    std::vector<Samples> against_best(const std::string& work, std::size_t size, Who peer = Who::libtorch);
    /** The samples of a question to programs that have done nothing before. */
    Samples ask_fresh(const Question& question, std::size_t repeats);

  private:
    std::string program(Who who) const;
    Peer& peer(Who who, std::size_t threads);

    std::string folder_;
    std::size_t repeats_, cores_;
    std::map<std::pair<Who, std::size_t>, std::unique_ptr<Peer>> peers_;
};

} // namespace bench
