#pragma once
// What a user gives `xgrad compare` in files: weights, a batch, and gradients that another program has computed.

#include "handwritten.hpp"
#include <xgrad/formats/arrays.hpp>

#include <map>
#include <string>
#include <vector>

namespace xgrad::command
{

/** An array of a file that stands for a name of the network. */
struct Match
{
    std::string name, given; ///< the names in the network and in the file
    bool by_shape = false;   ///< true if the names have nothing in common
};

/** Finds what the arrays of a file stand for: the name of the network that is the same but for case, punctuation and a
 *  prefix; else the only name left with this shape, in which extents of 1 do not count.
 *
 *  @param file    the file, for errors
 *  @param wanted  the names of the network with their shapes
 *  @throws DataError if an array stands for nothing; it lists what there is and what is expected */
std::vector<Match> matched(const NamedArrays& given, const std::map<std::string, Shape>& wanted,
                           const std::string& file);

/** Overwrites all parameters with the arrays of a file. @return  what stands for what
 *  @throws DataError if one is missing, or an array stands for none */
std::vector<Match> read_weights(const std::string& file, const Parameters<double>& parameters);

/** A batch as the network reads it. */
struct Prepared
{
    Array<double> images; ///< (N, 1, H, W)
    Labels labels;        ///< (N), from 0
};

/** Reads a batch: labels (N), and images of side·side numbers each, in whatever shape.
 *  @throws DataError if they are not there, or do not fit */
Prepared read_batch(const std::string& file, std::size_t side);

/** Reads gradients of parameters and of other values of the network: ∂E/∂value, each in the shape of its value.
 *  @param shapes   the shapes of all values and parameters  @param matches  gets what stands for what
 *  @throws DataError if there are none, or one stands for nothing */
std::map<std::string, Array<double>> read_gradients(const std::string& file, const std::map<std::string, Shape>& shapes,
                                                    std::vector<Match>& matches);

} // namespace xgrad::command
