#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <sys/types.h>

namespace bench
{

/** A measuring program that runs and waits for work (measure.hpp). */
class Peer
{
  public:
    /** @throws std::runtime_error if the program cannot be started */
    Peer(const std::string& program, std::size_t threads);
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    /** The answer of the program to "work size". @throws std::runtime_error if it ends instead */
    double ask(const std::string& work, std::size_t size);

  private:
    std::string program_;
    pid_t process_ = -1;
    std::FILE* to_ = nullptr;
    std::FILE* from_ = nullptr;
};

} // namespace bench
