#pragma once

#include <xgrad/models/training/checkpoint.hpp>

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
    std::size_t chunk = 16; ///< images on one tape; it changes the last bits, and what is drawn at random for an image
    double learning_rate = 0.05;
    double weight_decay = 5e-4;
    double damping = 0.02; ///< μ of SDLM
    std::string optimizer = "nesterov";
    std::string schedule = "cosine";
    std::map<std::string, double> rates = {}; ///< factors of the learning rate for single layers or parameters (B23)
    bool distort = false;          ///< true to distort each image anew in each epoch (models/data/distortion.hpp)
    std::size_t frozen_epochs = 0; ///< the number of first epochs in which only the last layer learns (N26)
    std::uint64_t seed = 1;        ///< the seed of the first weights, the order of the images and the sampling
};

/** The options as entries of a checkpoint's metadata. Numbers read back to the same bits. */
std::map<std::string, std::string> describe(const TrainingOptions& options);

/** The options that a checkpoint was made with. @throws DataError if they are missing or damaged */
TrainingOptions training_options(const Checkpoint& checkpoint);

/** Checks the options. @throws Error if one makes no sense, or not with this number of training images */
void check(const TrainingOptions& options, std::size_t images);

} // namespace xgrad
