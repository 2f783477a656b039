// Numbers from an explicit generator; the global one is never used.

#ifndef SHIM_RANDOM_H
#define SHIM_RANDOM_H

#include "shim_types.h"

LETHE_BEGIN

LetheStatus lethe_generator_make(
    uint64_t seed, LetheDevice device, LetheGeneratorRef *out, char **message);

// The whole state as a uint8 CPU tensor, to put back later.
LetheStatus lethe_generator_state(
    LetheGeneratorRef generator, LetheTensorRef *out, char **message);
LetheStatus lethe_generator_set_state(
    LetheGeneratorRef generator, LetheTensorRef state, char **message);

typedef LETHE_ENUM LetheDistribution {
    LetheDistributionNormal,  // first = mean, second = standard deviation
    LetheDistributionUniform, // first = low, second = high (not reached)
} LetheDistribution;

// A float32 tensor on the generator's device.
LetheStatus lethe_random(
    LetheDistribution distribution, double first, double second, const int64_t *shape, size_t rank,
    LetheGeneratorRef generator, LetheTensorRef *out, char **message);

// 0 ..< count in random order, int64.
LetheStatus lethe_random_permutation(
    int64_t count, LetheGeneratorRef generator, LetheTensorRef *out, char **message);

LETHE_END

#endif
