// New tensors with given numbers.

#ifndef SHIM_CREATION_H
#define SHIM_CREATION_H

#include "shim_types.h"

LETHE_BEGIN

LetheStatus lethe_tensor_filled(
    double value, const int64_t *shape, size_t rank, LetheElement element, LetheDevice device,
    LetheTensorRef *out, char **message);

// Zeros with the shape, memory layout, element type and device of `tensor`.
LetheStatus lethe_tensor_zeros_like(LetheTensorRef tensor, LetheTensorRef *out, char **message);

LetheStatus lethe_tensor_range(
    double start, double end, double step, LetheElement element, LetheDevice device,
    LetheTensorRef *out, char **message);

LETHE_END

#endif
