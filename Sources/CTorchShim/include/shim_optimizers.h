// Optimiser steps: one call updates a whole list of parameters, outside the graph.

#ifndef SHIM_OPTIMIZERS_H
#define SHIM_OPTIMIZERS_H

#include "shim_types.h"

LETHE_BEGIN

typedef struct LetheAdamWOptions {
    double learning_rate;
    double beta1;
    double beta2;
    double epsilon;
    double weight_decay;
} LetheAdamWOptions;

// Decoupled weight decay (arXiv:1711.05101) with bias correction. Parameters without a gradient
// are left alone. `steps` holds one float32 number per parameter and is counted up here.
LetheStatus lethe_adamw_step(
    const LetheTensorRef *parameters, const LetheTensorRef *means, const LetheTensorRef *variances,
    const LetheTensorRef *steps, size_t count, const LetheAdamWOptions *options, char **message);

typedef struct LetheSGDOptions {
    double learning_rate;
    double momentum;
    double weight_decay;
    bool nesterov;
} LetheSGDOptions;

// `velocities` starts as zeros and may be null where momentum is 0.
LetheStatus lethe_sgd_step(
    const LetheTensorRef *parameters, const LetheTensorRef *velocities, size_t count,
    const LetheSGDOptions *options, char **message);

LETHE_END

#endif
