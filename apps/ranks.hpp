#pragma once
// The processes that a launcher such as mpirun started together. Rank 0 prints and writes files; the others print
// only what rank 0 cannot know.

#include <xgrad/base/ranks.hpp>
#include <xgrad/models/training/checkpoint.hpp>
#include <xgrad/models/training/classifier.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace xgrad::command
{

/** The processes of this run, while main holds them. */
class Launch
{
  public:
    virtual ~Launch() = default;

    virtual Ranks& ranks() = 0;
    /** Sets the longest time that a message may take. */
    virtual void set_timeout(double seconds) = 0;
    /** Waits until all ranks end, too, after an error only a little. @return  whether they do; if not, they have to be
     *  ended */
    virtual bool leave(bool failed) = 0;
    virtual void end_all(int code) = 0;
};

/** The number of processes that a launcher says it has started with this one, by the variables that Open MPI, MPICH and
 *  Slurm set; 1 if there is no launcher. */
std::size_t launched_processes();

/** Joins the processes of a launcher by MPI, in programs that are built with it.
 *  @throws UsageError if this MPI does not find them */
std::unique_ptr<Launch> join_mpi(std::size_t processes, int* argc, char*** argv);

/** Makes a launch known to the verbs. On all ranks but 0 what is printed is lost from now on. */
void enter(Launch& launch);

/** The processes that share the work; null if this one is alone. */
Ranks* ranks();
/** True in the process that prints and writes files. */
bool is_first_rank();
/** Checks that all ranks run the same command of the same program, and takes a fair part of the cores unless --threads
 *  was given.
 *  @param words  the words of the command line  @throws Error that names both ranks if they differ */
void settle_ranks(const std::vector<std::string>& words);
/** Takes the widest instruction set that all machines have. @throws UsageError if it is strict and they differ */
void take_common_instructions(bool strict);
/** @throws UsageError if there are several ranks, which this verb could not use */
void check_alone(const std::string& verb);
/** Sets the longest time that a message may take, if there are several ranks. */
void set_rank_timeout(double seconds);

/** A checkpoint that rank 0 reads, for all. @throws DataError as xgrad::load_checkpoint */
Checkpoint load_checkpoint_once(const std::string& path, Checksum checksum);
/** A checkpoint from a network in ONNX that rank 0 reads, for all. @throws DataError as xgrad::load_onnx_checkpoint */
Checkpoint load_onnx_once(const std::string& path, const Choices& choices);

/** Prints an error for the user, in a line that begins with "xgrad: ". Ranks other than 0 keep it: rank 0 prints the
 *  same, unless they fail alone. */
void print_error(const std::string& what);

/** The stream that the user reads; on ranks other than 0, stderr is nowhere. */
std::FILE* error_stream();

/** Ends what `enter` began, and prints the error of a rank that fails alone. @return  the code */
int leave(Launch& launch, int code);

} // namespace xgrad::command
