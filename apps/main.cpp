#include "interrupt.hpp"
#include "program.hpp"
#include "ranks.hpp"
#include "streams.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <string_view>

namespace
{

using namespace xgrad::command;

int complain_of_memory() noexcept
{
    std::fputs("xgrad: there is not enough memory\n", error_stream());
    return failure;
}

std::terminate_handler usual_end = nullptr;

/** Ends the program if there is no memory where no exception can be caught: before main, or in a destructor. */
[[gnu::constructor(101)]] void end_without_memory()
{
    usual_end = std::set_terminate([] {
        try {
            if (std::current_exception())
                throw;
        } catch (const std::bad_alloc&) {
            std::_Exit(complain_of_memory());
        } catch (...) {
        }
        usual_end();
    });
}

/** Joins the processes that a launcher started, if there are any. */
std::unique_ptr<Launch> join_launch([[maybe_unused]] int* argc, [[maybe_unused]] char*** argv)
{
    const std::size_t processes = launched_processes();
    if (processes == 1)
        return nullptr;
#ifdef XGRAD_WITH_MPI
    return join_mpi(processes, argc, argv);
#else
    throw UsageError(fmt::format("{} processes were started, and this xgrad was built without MPI: configure it with "
                                 "-DXGRAD_MPI=ON, or leave the launcher out",
                                 processes));
#endif
}

int run_words(int argc, char** argv)
{
    try {
        return close_output(run(std::vector<std::string>(argv + std::min(argc, 1), argv + argc)));
    } catch (const std::bad_alloc&) {
        return complain_of_memory();
    } catch (const std::exception& error) {
        return complain(error);
    }
}

} // namespace

int main(int argc, char** argv)
{
    open_missing_streams();
    if (argc > 1 && std::string_view(argv[1]) == "train") // at once: what came before would not be saved
        catch_interrupts();
    try {
        if (argc > 0)
            set_program(argv[0]);
        const std::unique_ptr<Launch> launch = join_launch(&argc, &argv);
        if (!launch)
            return run_words(argc, argv);
        enter(*launch);
        return leave(*launch, run_words(argc, argv));
    } catch (const std::bad_alloc&) {
        return complain_of_memory();
    } catch (const UsageError& error) {
        return complain(error.what(), wrong_usage);
    } catch (const std::exception& error) {
        return complain(error);
    }
}
