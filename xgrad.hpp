#pragma once
// All of xgrad that a program needs to build, train and check models.

#include <xgrad/base/requirements.hpp>

// clang-format off
// These come first, so that what a compiler says of them is not preceded by a list of the files around them.
#include <xgrad/base/number.hpp>
#include <xgrad/graph/variable.hpp>
#include <xgrad/graph/record.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/shape.hpp>
#include <xgrad/ops/detail/formula.hpp>
#include <xgrad/optim/optimizer.hpp>
// clang-format on

#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/formats/arrays.hpp>
#include <xgrad/formats/image.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/inspect/check.hpp>
#include <xgrad/inspect/comparison/compare.hpp>
#include <xgrad/inspect/comparison/page.hpp>
#include <xgrad/inspect/derivation/derivation.hpp>
#include <xgrad/inspect/drawing/drawing.hpp>
#include <xgrad/inspect/graph.hpp>
#include <xgrad/inspect/nonfinite.hpp>
#include <xgrad/inspect/profile.hpp>
#include <xgrad/layers.hpp>
#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/data/distortion.hpp>
#include <xgrad/models/training/checkpoint.hpp>
#include <xgrad/models/training/training.hpp>
#include <xgrad/networks.hpp>
#include <xgrad/ops/ops.hpp>
#include <xgrad/optim/accumulation.hpp>
#include <xgrad/optim/average.hpp>
#include <xgrad/optim/clipping.hpp>
#include <xgrad/optim/curvature.hpp>
#include <xgrad/optim/lbfgs.hpp>
#include <xgrad/optim/schedule.hpp>
