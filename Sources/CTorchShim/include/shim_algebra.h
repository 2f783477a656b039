// Shapes, joining and cutting.

#ifndef SHIM_ALGEBRA_H
#define SHIM_ALGEBRA_H

#include "shim_types.h"

LETHE_BEGIN

typedef LETHE_ENUM LetheShaping {
    LetheShapingReshape, // the new shape; one size may be -1
    LetheShapingExpand,  // the new shape; -1 keeps a size
    LetheShapingRepeat,  // how often along each dimension
    LetheShapingPermute, // the order of the dimensions
    LetheShapingFlip,    // the dimensions to turn round
} LetheShaping;

LetheStatus lethe_shape(
    LetheShaping operation, LetheTensorRef tensor, const int64_t *numbers, size_t count,
    LetheTensorRef *out, char **message);

LetheStatus lethe_transpose(
    LetheTensorRef tensor, int64_t first, int64_t second, LetheTensorRef *out, char **message);

LetheStatus lethe_flatten(
    LetheTensorRef tensor, int64_t first, int64_t last, LetheTensorRef *out, char **message);

typedef LETHE_ENUM LetheAlong {
    LetheAlongSoftmax,
    LetheAlongLogSoftmax,
    LetheAlongArgumentMaximum,
    LetheAlongArgumentMinimum,
    LetheAlongCumulativeSum,
    LetheAlongUnsqueeze,
    LetheAlongSqueeze,
} LetheAlong;

// An operation along one dimension.
LetheStatus lethe_along(
    LetheAlong operation, LetheTensorRef tensor, int64_t dimension, LetheTensorRef *out,
    char **message);

typedef LETHE_ENUM LetheJoin {
    LetheJoinConcatenate,
    LetheJoinStack,
} LetheJoin;

LetheStatus lethe_join(
    LetheJoin operation, const LetheTensorRef *tensors, size_t count, int64_t dimension,
    LetheTensorRef *out, char **message);

// Cuts `tensor` into `count` views of the sizes given.
LetheStatus lethe_split(
    LetheTensorRef tensor, const int64_t *sizes, size_t count, int64_t dimension,
    LetheTensorRef *outs, char **message);

LETHE_END

#endif
