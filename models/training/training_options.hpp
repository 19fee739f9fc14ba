#pragma once

#include <xgrad/models/training/checkpoint.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace xgrad
{

/** What decides the outcome of a training, together with model and data: the same options, the same bits. */
struct TrainingOptions
{
    std::size_t epochs = 20;
    std::size_t batch = 64;
    std::size_t chunk = 16; ///< images on one tape; changes the last bits and what is drawn at random for an image,
                            ///< unlike the number of threads
    double learning_rate = 0.05;
    double weight_decay = 5e-4;
    double damping = 0.02; ///< μ of SDLM
    std::string optimizer = "nesterov";
    std::string schedule = "cosine";
    std::map<std::string, double> rates = {}; ///< factors of the learning rate of single layers or parameters (B23)
    bool distort = false;          ///< each image anew, before the network sees it (models/data/distortion.hpp)
    std::size_t frozen_epochs = 0; ///< the first ones, in which the last layer alone learns (N26)
    std::uint64_t seed = 1;        ///< of the first weights, the order of the images and what is sampled
};

/** As entries of a checkpoint's metadata. Numbers are written so that they read back to the same bits. */
std::map<std::string, std::string> describe(const TrainingOptions& options);

/** The options that a checkpoint was made with. @throws DataError if they are missing or damaged */
TrainingOptions training_options(const Checkpoint& checkpoint);

/** @throws Error if an option makes no sense, or not for so many training images */
void check(const TrainingOptions& options, std::size_t images);

} // namespace xgrad
