// Gradients and the thread's gradient mode.

#ifndef SHIM_AUTOGRAD_H
#define SHIM_AUTOGRAD_H

#include "shim_types.h"

LETHE_BEGIN

LetheStatus lethe_requires_gradient(LetheTensorRef tensor, bool *out, char **message);
LetheStatus lethe_set_requires_gradient(LetheTensorRef tensor, bool on, char **message);

LetheStatus lethe_backward(LetheTensorRef tensor, bool keeping_graph, char **message);

// Stores null where the tensor has no gradient.
LetheStatus lethe_gradient(LetheTensorRef tensor, LetheTensorRef *out, char **message);

// Replaces the gradients of `count` tensors: by `gradient` where given, else by none.
LetheStatus lethe_set_gradients(
    const LetheTensorRef *tensors, size_t count, LetheTensorRef gradient, char **message);

// d output / d inputs without touching any `.grad`; null for an input that `output` ignores.
LetheStatus lethe_gradients_of(
    LetheTensorRef output, const LetheTensorRef *inputs, size_t count, bool keeping_graph,
    LetheTensorRef *outs, char **message);

// Scales all gradients so that their joint Euclidean norm is at most `maximum`; tells the norm.
LetheStatus lethe_clip_gradients(
    const LetheTensorRef *tensors, size_t count, double maximum, double *norm, char **message);

// Gradient mode belongs to the calling thread. Neither function can fail.
bool lethe_gradient_mode(void);
void lethe_set_gradient_mode(bool on);

LETHE_END

#endif
