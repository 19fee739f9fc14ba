#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace xgrad
{

/** The base of everything that xgrad throws. */
class Error : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

/** Extents, ranks or options that do not fit together. */
class ShapeError : public Error
{
  public:
    using Error::Error;
};

/** A wrong use of a tape or of a variable. */
class GraphError : public Error
{
  public:
    using Error::Error;
};

/** A file or its contents that cannot be used. */
class DataError : public Error
{
  public:
    using Error::Error;
};

/** A value that is NaN or infinite, where only finite ones are allowed. */
class NumericalError : public Error
{
  public:
    using Error::Error;
};

/** The failure of another rank (base/ranks.hpp). Its text begins with that rank's number. */
class RankError : public Error
{
  public:
    RankError(std::size_t rank, const std::string& what) : Error("rank " + std::to_string(rank) + ": " + what) {}
};

} // namespace xgrad
