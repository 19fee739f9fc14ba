#include "peer.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace bench
{

Peer::Peer(const std::string& program, std::size_t threads) : program_(program)
{
    int questions[2], answers[2];
    if (access(program.c_str(), X_OK) != 0 || pipe2(questions, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0)
        throw std::runtime_error("cannot start " + program);
    std::signal(SIGPIPE, SIG_IGN);
    const std::string count = std::to_string(threads);
    process_ = fork();
    if (process_ == 0) {
        dup2(questions[0], STDIN_FILENO);
        dup2(answers[1], STDOUT_FILENO);
        for (const char* library : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"})
            setenv(library, count.c_str(), 1);
        execl(program.c_str(), program.c_str(), count.c_str(), nullptr);
        _exit(127);
    }
    close(questions[0]);
    close(answers[1]);
    to_ = fdopen(questions[1], "w");
    from_ = fdopen(answers[0], "r");
}

Peer::~Peer()
{
    std::fclose(to_); // the program ends with its input
    std::fclose(from_);
    waitpid(process_, nullptr, 0);
}

double Peer::ask(const std::string& work, std::size_t size)
{
    double answer = 0;
    std::fprintf(to_, "%s %zu\n", work.c_str(), size);
    std::fflush(to_);
    if (std::fscanf(from_, "%lf", &answer) != 1)
        throw std::runtime_error(program_ + " has no answer to '" + work + " " + std::to_string(size) + "'");
    return answer;
}

} // namespace bench
