#include <xgrad/base/error.hpp>
#include <xgrad/models/training/training.hpp>

#include <fmt/format.h>

namespace xgrad
{

bool run(Training& training, const TrainingRun& how)
{
    const auto save = [&](const char* name, const Checkpoint& checkpoint) {
        if (!how.folder)
            return;
        const std::vector<std::filesystem::path> kept = how.folder.save(name, checkpoint);
        if (!kept.empty() && how.on_kept)
            how.on_kept(kept);
    };
    const auto step = [&] {
        try {
            training.step();
        } catch (const NumericalError& error) {
            const std::string cause = how.detect_nan ? training.first_nonfinite_op() : std::string();
            if (cause.empty())
                throw;
            throw NumericalError(fmt::format("{}; first, {}", error.what(), cause));
        }
    };
    if (how.folder)
        how.folder.begin(training.checkpoint(), how.resumed_from);
    if (how.on_begin)
        how.on_begin();
    while (!training.finished()) {
        if (how.stop && how.stop()) {
            save(last_checkpoint, training.checkpoint());
            return false;
        }
        if (!training.epoch_complete()) {
            step();
            if (how.on_batch)
                how.on_batch();
            continue;
        }
        const EpochReport report = training.finish_epoch();
        const Checkpoint checkpoint = training.checkpoint();
        if (how.before_saving)
            how.before_saving(report);
        if (report.best)
            save(best_checkpoint, checkpoint);
        save(last_checkpoint, checkpoint);
        if (how.on_epoch)
            how.on_epoch(report);
    }
    return true;
}

} // namespace xgrad
