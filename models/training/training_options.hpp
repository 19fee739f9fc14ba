#pragma once

#include <xgrad/models/data/augmentation.hpp>
#include <xgrad/models/training/checkpoint.hpp>
#include <xgrad/optim/schedule.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace xgrad
{

/** Options of a training. With the same model, data and options, a training gives the same bits. */
struct TrainingOptions
{
    std::size_t epochs = 20;
    std::size_t batch = 64;
    std::size_t chunk = 16; ///< images or scenes on one tape; it changes the last bits only
    double learning_rate = 0.05;
    double weight_decay = 5e-4;
    double damping = 0.02; ///< μ of SDLM
    std::string optimizer = "nesterov";
    std::string schedule = "cosine";
    std::map<std::string, double> rates = {}; ///< factors of the learning rate for single layers or parameters (B23)
    bool distort = false;          ///< true to distort each image anew in each epoch (models/data/distortion.hpp)
    std::size_t frozen_epochs = 0; ///< the number of first epochs in which only the last layer learns (N26)
    std::uint64_t seed = 1;        ///< the seed of the first weights, the order of the images and the sampling

    /** The number of training images that are held out, by a choice that the seed makes, to choose the best epoch. 0:
     *  the test images choose it, so the smallest error on them is too good. */
    std::size_t validation = 0;
    std::size_t patience = 0;   ///< the number of epochs without a smaller validation error that end it; 0: none do
    bool drop_last = false;     ///< true to leave out the last batch of an epoch if it is smaller than the others
    std::size_t accumulate = 1; ///< the number of batches whose mean gradient makes a step
    double clip_value = 0;      ///< the bound of each number of the gradients; 0: none
    double clip_norm = 0;       ///< the bound of the norm of all gradients, after `clip_value`; 0: none
    double ema = 0; ///< the decay δ of an average of the weights for evaluation (optim::ExponentialAverage); 0: none
    optim::ScheduleOptions schedule_options = {}; ///< the warm-up, and other options of the schedule
    std::size_t plateau_patience = 2;             ///< the patience of the schedule "plateau", an optim::ReduceOnPlateau
    Augmentation augmentation = {};               ///< the random changes of each image, drawn anew in each epoch
};

/** The options as entries of a checkpoint's metadata. Numbers read back to the same bits. An option from `validation`
 * on is left out if it is off. */
std::map<std::string, std::string> describe(const TrainingOptions& options);

/** The options that a checkpoint was made with. @throws DataError if they are missing or damaged */
TrainingOptions training_options(const Checkpoint& checkpoint);

/** Checks the options. @throws Error if one makes no sense, or not with this number of training images */
void check(const TrainingOptions& options, std::size_t images);

} // namespace xgrad
