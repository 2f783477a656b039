// Handles, messages, and bytes in and out.

#ifndef SHIM_MEMORY_H
#define SHIM_MEMORY_H

#include "shim_types.h"

LETHE_BEGIN

void lethe_message_free(char *message);
void lethe_tensor_free(LetheTensorRef tensor);
void lethe_generator_free(LetheGeneratorRef generator);

// Tensor handles that are alive in this process; a leak shows as a number that grows.
int64_t lethe_live_handles(void);

// Fills `description` and the first `rank` places of `shape` (LETHE_MAXIMUM_RANK places).
LetheStatus lethe_tensor_describe(
    LetheTensorRef tensor, LetheDescription *description, int64_t *shape, char **message);

// Copies `byte_count` row-major bytes into a new CPU tensor; the count must fit the shape.
LetheStatus lethe_tensor_from_bytes(
    const void *bytes, size_t byte_count, const int64_t *shape, size_t rank, LetheElement element,
    LetheTensorRef *out, char **message);

// Copies the row-major bytes of the tensor, from any device, into a buffer of exactly that size.
LetheStatus lethe_tensor_to_bytes(
    LetheTensorRef tensor, void *buffer, size_t byte_count, char **message);

// The one number of a one-element tensor.
LetheStatus lethe_tensor_scalar(LetheTensorRef tensor, double *out, char **message);

LetheStatus lethe_tensor_convert(
    LetheTensorRef tensor, LetheElement element, LetheTensorRef *out, char **message);
LetheStatus lethe_tensor_move(
    LetheTensorRef tensor, LetheDevice device, LetheTensorRef *out, char **message);

LETHE_END

#endif
