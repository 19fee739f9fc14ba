#include <xgrad/base/build.hpp>
#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/base/together.hpp>
#include <xgrad/kernels/architecture.hpp>
#include <xgrad/models/training/training.hpp>

#include <fmt/format.h>
#include <zlib.h>

#include <cstdlib>

namespace xgrad
{

namespace
{

/** Whatever has to be the same on all ranks, so that they come to the same bits. */
std::map<std::string, std::string> fingerprint(const Training& training)
{
    const Checkpoint start = training.checkpoint();
    std::map<std::string, std::string> entries = start.metadata;
    entries.erase("data"); // the data may lie in another folder
    entries["build of xgrad"] = detail::build_id();
    entries["instruction set"] = kernels::architecture();
    const char* const products = std::getenv("XGRAD_PRODUCT");
    entries["XGRAD_PRODUCT"] = products != nullptr ? products : "";
    for (const auto& [name, tensor] : start.tensors) {
        const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(tensor.data()), tensor.size() * sizeof(float));
        entries["weights " + name] = fmt::format("{}, CRC-32 {:08x}", to_string(tensor.shape()), crc);
    }
    return entries;
}

} // namespace

bool run(Training& training, const TrainingRun& how)
{
    Ranks* const ranks = training.ranks();
    if (ranks != nullptr)
        detail::agree(*ranks, fingerprint(training));
    const bool is_first = ranks == nullptr || ranks->rank() == 0;
    const auto save = [&](const char* name, const Checkpoint& checkpoint) {
        if (!how.folder)
            return;
        const std::vector<std::filesystem::path> kept = how.folder.save(name, checkpoint);
        if (!kept.empty() && how.on_kept)
            how.on_kept(kept);
    };
    const auto wants_stop = [&] { return how.stop && how.stop(); };
    const auto step = [&] {
        try {
            return training.step(ranks != nullptr && wants_stop());
        } catch (const NumericalError& error) {
            const std::string cause = how.detect_nan ? training.first_nonfinite_op() : std::string();
            if (cause.empty())
                throw;
            throw NumericalError(fmt::format("{}; first, {}", error.what(), cause));
        }
    };
    detail::on_first(ranks, [&] {
        if (how.folder)
            how.folder.begin(training.checkpoint(), how.resumed_from);
    });
    if (how.on_begin) // it may pretrain, which ranks do together
        how.on_begin();
    bool stop = false;
    while (!training.finished()) {
        if (stop || (ranks == nullptr && wants_stop())) {
            detail::on_first(ranks, [&] { save(last_checkpoint, training.checkpoint()); });
            return false;
        }
        if (!training.epoch_complete()) {
            stop = step();
            if (is_first && how.on_batch)
                how.on_batch();
            continue;
        }
        const EpochReport report = training.finish_epoch();
        detail::on_first(ranks, [&] {
            const Checkpoint checkpoint = training.checkpoint();
            if (how.before_saving)
                how.before_saving(report);
            if (report.best)
                save(best_checkpoint, checkpoint);
            save(last_checkpoint, checkpoint);
            if (how.on_epoch)
                how.on_epoch(report);
        });
    }
    return true;
}

} // namespace xgrad
