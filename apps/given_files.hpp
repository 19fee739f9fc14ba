#pragma once
// What a user gives `xgrad compare` in files: weights, a batch, and gradients that another program has computed.

#include "handwritten.hpp"
#include "held_against.hpp"
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

/** The names of a network with their shapes. */
struct Wanted
{
    std::map<std::string, Shape> parameters, values = {};
};

/** Finds what the arrays of a file stand for: the name of the network that is the same but for case, punctuation and a
 *  prefix; else the only parameter left with this shape, in which extents of 1 do not count, or else the only value.
 *
 *  @param file  the file, for errors
 *  @throws DataError if an array stands for nothing; it lists what there is and what is expected */
std::vector<Match> matched(const NamedArrays& given, const Wanted& wanted, const std::string& file);

/** Overwrites all parameters with the arrays of a file. @return  what stands for what
 *  @throws DataError if one is missing, or an array stands for none */
std::vector<Match> read_weights(const std::string& file, const Parameters<double>& parameters);

/** Reads a batch: labels (N), and images of so many numbers as the network reads, in whatever shape.
 *  @throws DataError if they are not there, or do not fit */
Prepared read_batch(const std::string& file, const Handwritten& network);

/** Gradients of parameters and of other values of the network: ∂E/∂value, each in the shape of its value. */
struct GivenGradients
{
    std::map<std::string, Array<double>> gradients;
    std::vector<Match> matches;   ///< the arrays that stand for names
    bool has_only_doubles = true; ///< false if one was computed with fewer bits
};

/** Reads gradients. @throws DataError if there are none, or one stands for nothing */
GivenGradients read_gradients(const std::string& file, const Wanted& wanted);

} // namespace xgrad::command
