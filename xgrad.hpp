#pragma once
// All of xgrad that a program needs to build, train and check models.

#include <xgrad/graph/check.hpp>
#include <xgrad/graph/derivatives.hpp>
#include <xgrad/graph/drawing.hpp>
#include <xgrad/graph/error.hpp>
#include <xgrad/graph/random.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/checkpoint.hpp>
#include <xgrad/models/dataset.hpp>
#include <xgrad/models/lenet5.hpp>
#include <xgrad/models/mlp.hpp>
#include <xgrad/models/training.hpp>
#include <xgrad/ops/ops.hpp>
#include <xgrad/optim/optimizer.hpp>
#include <xgrad/optim/schedule.hpp>
