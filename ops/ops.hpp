#pragma once
// Every op.

#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/circulant.hpp>
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/local.hpp>
#include <xgrad/ops/loss.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/patches.hpp>
#include <xgrad/ops/pooling.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/resampling.hpp>
#include <xgrad/ops/shape.hpp>
#include <xgrad/ops/softmax.hpp>
