#include "command.hpp"
#include "ranks.hpp"
#include "text.hpp"
#include <xgrad/base/escape.hpp>
#include <xgrad/models/data/shared_dataset.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/models/training/training.hpp>

#include <fmt/format.h>

#include <memory>
#include <numbers>

namespace xgrad::command
{

namespace
{

struct Arguments
{
    ModelArguments model;
    std::optional<std::string> data;
    Checksum checksum = Checksum::checked;
};

/** @param names  of the classes; none: they are numbers */
void print_confusion(const Evaluation& evaluation, const std::vector<std::string>& names)
{
    const std::size_t classes = evaluation.confusion.size();
    fmt::print("{:>8}", "true");
    for (std::size_t answer = 0; answer < classes; ++answer)
        fmt::print("{:>7}", answer);
    fmt::print("    error   <- predicted\n");
    for (std::size_t truth = 0; truth < classes; ++truth) {
        fmt::print("{:>8}", truth);
        std::size_t count = 0;
        for (std::size_t answer = 0; answer < classes; ++answer) {
            const std::size_t cell = evaluation.confusion[truth][answer];
            count += cell;
            fmt::print("{:>7}", cell == 0 ? "." : fmt::to_string(cell)); // a dot keeps the eye on the mistakes
        }
        const std::size_t wrong = count - evaluation.confusion[truth][truth];
        if (count > 0)
            fmt::print("  {:>5.2f} %", 100 * static_cast<double>(wrong) / static_cast<double>(count));
        fmt::print("{}\n", truth < names.size() ? "  " + names[truth] : "");
    }
}

int run(Arguments& arguments)
{
    take_common_instructions(false);
    arguments.model.read_file(arguments.checksum);
    const Classifier classifier = arguments.model.make_finite();
    const Dataset data = load_once(ranks(), [&] { return load_data_for(arguments.model, classifier, arguments.data); });
    const Evaluation evaluation = xgrad::evaluate(classifier, data.test, ranks());
    fmt::print("{} on {}: {} of {} test {} are wrong, test error {:.2f} %\n", classifier.name, printable(data.name),
               grouped(evaluation.wrong), grouped(evaluation.count), answers_of(classifier.task),
               100 * evaluation.error());
    if (classifier.task == Task::next_characters) { // a matrix of 256 classes would tell nothing
        fmt::print("test loss {:.4f} nats, or {:.3f} bits, for each character\n", evaluation.loss,
                   evaluation.loss / std::numbers::ln2);
        return success;
    }
    fmt::print("\n");
    print_confusion(evaluation, class_names(*arguments.model.checkpoint));
    return success;
}

} // namespace

Verb evaluate(const Options& app)
{
    const Options verb = app.add_verb(
        "evaluate", "prints the test error and the confusion matrix, or for a text the test loss, of a checkpoint",
        "Examples:\n  xgrad evaluate xgrad-runs/lenet5/best.safetensors\n"
        "  xgrad evaluate mnist.onnx --background -0.4242 --foreground 2.8215    of PyTorch, as its example prepares "
        "MNIST");
    const auto arguments = std::make_shared<Arguments>();
    arguments->model.add_file_to(verb);
    verb.add("--data", arguments->data,
             "mnist, fashion-mnist, mnist-sample, alice, a folder or a file of images, or a file of text [what it "
             "was trained on, else mnist]");
    add_unchecked(verb, arguments->checksum);
    add_threads(verb);
    return {verb, [arguments] { return run(*arguments); }};
}

} // namespace xgrad::command
