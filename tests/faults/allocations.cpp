// Every allocation of a workload fails, one after the other, alone and with all later ones. Each time the workload ends
// with std::bad_alloc or an xgrad::Error, or does without; what it worked on is as before, and it works afterwards.
// Each run is a process of its own, so that all that is made at a first use is made in it.
#include "failing.hpp"
#include <xgrad/base/random.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/training/training.hpp>
#include <xgrad/ops/ops.hpp>
#include <xgrad/xgrad.hpp>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sys/wait.h>
#include <unistd.h>

using namespace xgrad;
using test::fail_allocation;
using test::succeed_again;

namespace
{

/** Bytes of arrays, to be compared. */
template <class T>
std::string bits(const Variables<T>& xs)
{
    std::string all;
    for (const Variable<T>& x : xs)
        all.append(reinterpret_cast<const char*>(x.data()), x.size() * sizeof(T));
    return all;
}
std::string bits(const Checkpoint& checkpoint)
{
    std::string all;
    for (const auto& [name, array] : checkpoint.tensors)
        all.append(name).append(reinterpret_cast<const char*>(array.data()), array.size() * sizeof(float));
    for (const auto& [name, value] : checkpoint.metadata)
        all.append(name).append(value);
    return all;
}

/** Something that can be done again and again. */
class Work
{
  public:
    virtual ~Work() = default;
    virtual std::string run() = 0;                   ///< returns its result, always the same
    virtual std::string state() const { return {}; } ///< the bits that a failing run must not change
};

/** A network of two layers, and a few samples. */
struct Model : Work
{
    Parameters<double> parameters;
    Array<double> batch;

    Model()
    {
        Random random(1);
        parameters.add("w", variable(random.normal<double>({3, 4}, 0, 1)));
        parameters.add("b", variable(random.normal<double>({4}, 0, 1)));
        batch = random.normal<double>({8, 3}, 0, 1);
    }
    Variable<double> loss(const Variable<double>& x) const
    {
        return mean(square(tanh(matmul(x, parameters[0]) + parameters[1])));
    }
    std::string state() const override { return bits(parameters.variables()); }
};

struct Gradient : Model
{
    std::string run() override
    {
        Tape tape;
        return bits(tape.gradient(loss(constant(batch)), parameters));
    }
};

/** The tape goes on after a failure. */
struct TapeInUse : Model
{
    Tape tape;
    std::string run() override { return bits(tape.gradient(loss(constant(batch)), parameters)); }
};

struct SecondOrder : Model
{
    std::string run() override
    {
        Tape tape;
        const auto x = constant(batch);
        const auto first = tape.gradient(loss(x), parameters, {.record = true});
        return bits(tape.gradient(sum(square(first[0])) + sum(exp(first[1])), parameters));
    }
};

struct Nested : Model
{
    std::string run() override
    {
        Tape outer;
        const auto penalty = [&] {
            Tape inner;
            const auto gradients = inner.gradient(loss(constant(batch)), parameters);
            return sum(square(gradients[0])) + sum(square(gradients[1]));
        };
        const auto second = outer.gradient(penalty(), parameters);
        const PauseRecording pause;
        Tape independent;
        return bits(second) + bits(independent.gradient(loss(constant(batch)), parameters));
    }
};

struct Derivatives : Model
{
    std::string run() override
    {
        const auto f = [&](const Variable<double>& b) { return sum(tanh(b * b)); };
        const auto h = hessian_vector_product(f, parameters[1], parameters[1]);
        const auto j = jacobian([](const Variable<double>& b) { return b * exp(b); }, parameters[1]);
        return bits<double>({h, constant(j)});
    }
};

/** Chunks on two threads, whose parts are kept. */
struct Chunks : Model
{
    std::string run() override
    {
        set_threads(2);
        std::array<Variable<double>, 4> kept;
        const auto result = value_and_gradient(parameters, batch,
                                               [&](const Variable<double>& part) {
                                                   kept[static_cast<std::size_t>(part.data() - batch.data()) / 6] =
                                                       part;
                                                   return loss(part);
                                               },
                                               {.chunk = 2});
        return bits(result.gradients) + bits<double>({kept[0], kept[1], kept[2], kept[3]});
    }
};

/** An op on all threads, and a large one. */
struct Threads : Work
{
    Array<float> images = Array<float>(Shape{1, 8, 40, 40}, 0.5f), kernels = Array<float>(Shape{32, 8, 5, 5}, 0.25f);
    std::string run() override
    {
        set_threads(3);
        return bits<float>({correlate2d(constant(images), constant(kernels))});
    }
};

struct Making : Model
{
    std::string run() override
    {
        Parameters<double> copy{{"layer", parameters}, {"again", variable<double>({1, 2})}};
        optim::Adam<double> adam(copy, {.learning_rate = 0.1});
        adam.scale_rate("layer", 2);
        adam.scale_rates("layer.b", Array<double>(Shape{4}, 0.5));
        return std::to_string(adam.state().size()) + copy.name(2);
    }
};

struct Step : Model
{
    Variables<double> gradients;
    std::vector<double> theirs = std::vector<double>(20'000, 1); // an array that the parameter only refers to
    std::unique_ptr<optim::Adam<double>> adam;
    Step()
    {
        parameters.add("theirs", variable(referring_to(theirs.data(), {theirs.size()})));
        Random random(2);
        for (const auto& p : parameters)
            gradients.push_back(constant(random.normal<double>(p.shape(), 0, 1)));
        adam = std::make_unique<optim::Adam<double>>(parameters);
        adam->scale_rates("b", Array<double>(Shape{4}, 0.5));
    }
    std::string state() const override
    {
        std::string all = Model::state() + std::to_string(adam->steps());
        for (const auto& [name, array] : adam->state())
            all.append(reinterpret_cast<const char*>(array.data()), array.size() * sizeof(double));
        return all;
    }
    std::string run() override
    {
        adam->step(gradients);
        return {};
    }
};

const Dataset& digits()
{
    static const Dataset all = [] {
        Random random(3);
        Images images{Array<std::uint8_t>(Shape{4, 1, 28, 28}, 0), Labels(Shape{4}, 0), 10};
        for (std::uint8_t& pixel : images.pixels)
            pixel = static_cast<std::uint8_t>(random.below(256));
        return Dataset{"digits", images, images};
    }();
    return all;
}

struct TrainingStep : Work
{
    std::unique_ptr<Training> training;
    TrainingStep()
    {
        set_threads(2);
        training = std::make_unique<Training>(
            make_classifier("lenet5", 1), digits(),
            TrainingOptions{.epochs = 9, .batch = 2, .chunk = 1, .seed = 1, .clip_norm = 1e-3, .ema = 0.9});
    }
    std::string state() const override { return bits(training->checkpoint()); }
    std::string run() override
    {
        training->step();
        return {};
    }
};

struct File : Work
{
    std::string folder;
    Checkpoint checkpoint;
    File()
    {
        std::string name = (std::filesystem::temp_directory_path() / "xgrad-faults-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            std::abort();
        folder = name;
        checkpoint.tensors["a"] = Array<float>(Shape{3, 2}, 1.5f);
        checkpoint.tensors["b"] = Array<float>(Shape{0}, 1.5f);
        checkpoint.metadata = {{"name", "a \"quoted\" one"}, {"long", std::string(300, 'x')}};
        save_checkpoint(folder + "/it", checkpoint);
    }
    ~File() override
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    std::string state() const override
    {
        std::ifstream file(folder + "/it", std::ios::binary);
        std::string all(std::istreambuf_iterator<char>(file), {});
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            all += entry.path().filename().string();
        return all;
    }
};

struct Save : File
{
    std::string run() override
    {
        save_checkpoint(folder + "/it", checkpoint);
        return {};
    }
};

struct Load : File
{
    std::string run() override { return bits(load_checkpoint(folder + "/it")); }
};

struct Workload
{
    const char* name;
    std::unique_ptr<Work> (*make)();
    bool changes_state = false; // each successful run
};
template <class W>
std::unique_ptr<Work> make()
{
    return std::make_unique<W>();
}
const Workload workloads[] = {
    {"gradient", make<Gradient>},
    {"gradient on a tape in use", make<TapeInUse>},
    {"second order", make<SecondOrder>},
    {"nested tapes", make<Nested>},
    {"derivatives of functions", make<Derivatives>},
    {"chunks on two threads", make<Chunks>},
    {"ops on three threads", make<Threads>},
    {"making of an optimizer", make<Making>},
    {"step of an optimizer", make<Step>, true},
    {"step of a training", make<TrainingStep>, true},
    {"saving", make<Save>},
    {"loading", make<Load>},
};

enum Outcome : int
{
    failed_well,
    had_no_failure,
    other_exception,
    changed_state,
    other_result,
    fails_afterwards,
};
constexpr const char* outcomes[] = {
    "", "", "throws something else", "changes the state", "has another result", "does not work afterwards"};

/** Runs a workload whose n-th allocation fails. */
Outcome outcome_of(const Workload& workload, long n, bool all)
{
    const auto reference = workload.make(), work = workload.make();
    const std::string before = work->state();
    std::string result;
    bool threw = false, unknown = false;
    fail_allocation(n, all);
    try {
        result = work->run();
    } catch (const Error&) {
        threw = true;
    } catch (const std::bad_alloc&) {
        threw = true;
    } catch (...) {
        unknown = true;
    }
    const bool failed = succeed_again();
    if (unknown || (threw && !failed))
        return other_exception;
    if (threw && work->state() != before)
        return changed_state;
    const std::string expected = reference->run();
    if (!threw && (result != expected || work->state() != reference->state()))
        return other_result;
    if (threw && (work->run() != expected || work->state() != reference->state()))
        return fails_afterwards;
    return failed ? failed_well : had_no_failure;
}

/** The same in a process of its own. */
int outcome_elsewhere(const Workload& workload, long n, bool all)
{
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        alarm(20); // for what waits for ever
        int outcome = other_exception;
        try {
            outcome = outcome_of(workload, n, all);
        } catch (...) {
            outcome = fails_afterwards;
        }
        std::exit(outcome);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/** Lets each allocation of a workload fail. Returns whether all goes well. */
bool survives(const Workload& workload)
{
    long runs = 0;
    bool good = true;
    for (const bool all : {false, true})
        for (long n = 1;; ++n, ++runs) {
            const int outcome = outcome_elsewhere(workload, n, all);
            if (outcome == had_no_failure)
                break;
            if (outcome == failed_well)
                continue;
            good = false;
            if (outcome < 0)
                std::printf("%s: allocation %ld%s fails: signal %d, %s\n", workload.name, n,
                            all ? " and all later" : "", -outcome, strsignal(-outcome));
            else
                std::printf("%s: allocation %ld%s fails: the work %s\n", workload.name, n, all ? " and all later" : "",
                            outcomes[outcome]);
        }
    if (!good)
        std::printf("%s: %ld failures, not all of them harmless\n", workload.name, runs);
    return good;
}

} // namespace

int main(int argc, char** argv)
{
    bool good = true;
    for (const Workload& workload : workloads)
        if (argc < 2 || std::strstr(workload.name, argv[1]) != nullptr)
            good &= survives(workload);
    return good ? 0 : 1;
}
