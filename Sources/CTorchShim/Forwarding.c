// Every function of the shim, passed on to the library that is loaded when the first is called:
// starting LibTorch takes half a second, and most commands compute nothing.

#include <stdlib.h>

#include "CTorchShim.h"
#include "Library.h"

// A function with a status: a library that is missing is a failure like any other.
#define FORWARD(name, parameters, arguments)                       \
    LetheStatus name parameters {                                  \
        static _Atomic(void *) place;                              \
        void *function = lethe_function(&place, #name, message);   \
        if (function == NULL) return LetheStatusNotLoaded;         \
        return ((__typeof__(&name))function)arguments;             \
    }

// A function that cannot fail, and what it answers while there is no library.
#define FORWARD_VALUE(type, otherwise, name, parameters, arguments) \
    type name parameters {                                          \
        static _Atomic(void *) place;                               \
        void *function = lethe_function(&place, #name, NULL);       \
        if (function == NULL) return otherwise;                     \
        return ((__typeof__(&name))function)arguments;              \
    }

#define FORWARD_NOTHING(name, parameters, arguments)               \
    void name parameters {                                         \
        static _Atomic(void *) place;                              \
        void *function = lethe_function(&place, #name, NULL);      \
        if (function != NULL) ((__typeof__(&name))function)arguments; \
    }

// The library makes its messages with the same malloc.
void lethe_message_free(char *message) { free(message); }

// Handles, messages, and bytes in and out.
FORWARD_NOTHING(lethe_tensor_free, (LetheTensorRef tensor), (tensor))
FORWARD_NOTHING(lethe_generator_free, (LetheGeneratorRef generator), (generator))
FORWARD_VALUE(int64_t, 0, lethe_live_handles, (void), ())
FORWARD(lethe_tensor_describe,
    (LetheTensorRef tensor, LetheDescription *description, int64_t *shape, char **message),
    (tensor, description, shape, message))
FORWARD(lethe_tensor_from_bytes,
    (const void *bytes, size_t byte_count, const int64_t *shape, size_t rank, LetheElement
     element, LetheTensorRef *out, char **message),
    (bytes, byte_count, shape, rank, element, out, message))
FORWARD(lethe_tensor_to_bytes,
    (LetheTensorRef tensor, void *buffer, size_t byte_count, char **message),
    (tensor, buffer, byte_count, message))
FORWARD(lethe_tensor_scalar,
    (LetheTensorRef tensor, double *out, char **message),
    (tensor, out, message))
FORWARD(lethe_tensor_convert,
    (LetheTensorRef tensor, LetheElement element, LetheTensorRef *out, char **message),
    (tensor, element, out, message))
FORWARD(lethe_tensor_move,
    (LetheTensorRef tensor, LetheDevice device, LetheTensorRef *out, char **message),
    (tensor, device, out, message))

// New tensors with given numbers.
FORWARD(lethe_tensor_filled,
    (double value, const int64_t *shape, size_t rank, LetheElement element, LetheDevice device,
     LetheTensorRef *out, char **message),
    (value, shape, rank, element, device, out, message))
FORWARD(lethe_tensor_zeros_like,
    (LetheTensorRef tensor, LetheTensorRef *out, char **message),
    (tensor, out, message))
FORWARD(lethe_tensor_range,
    (double start, double end, double step, LetheElement element, LetheDevice device,
     LetheTensorRef *out, char **message),
    (start, end, step, element, device, out, message))

// Shapes, joining and cutting.
FORWARD(lethe_shape,
    (LetheShaping operation, LetheTensorRef tensor, const int64_t *numbers, size_t count,
     LetheTensorRef *out, char **message),
    (operation, tensor, numbers, count, out, message))
FORWARD(lethe_transpose,
    (LetheTensorRef tensor, int64_t first, int64_t second, LetheTensorRef *out, char **message),
    (tensor, first, second, out, message))
FORWARD(lethe_flatten,
    (LetheTensorRef tensor, int64_t first, int64_t last, LetheTensorRef *out, char **message),
    (tensor, first, last, out, message))
FORWARD(lethe_along,
    (LetheAlong operation, LetheTensorRef tensor, int64_t dimension, LetheTensorRef *out, char
     **message),
    (operation, tensor, dimension, out, message))
FORWARD(lethe_join,
    (LetheJoin operation, const LetheTensorRef *tensors, size_t count, int64_t dimension,
     LetheTensorRef *out, char **message),
    (operation, tensors, count, dimension, out, message))
FORWARD(lethe_split,
    (LetheTensorRef tensor, const int64_t *sizes, size_t count, int64_t dimension,
     LetheTensorRef *outs, char **message),
    (tensor, sizes, count, dimension, outs, message))

// Reading and ordering by index.
FORWARD(lethe_narrow,
    (LetheTensorRef tensor, int64_t dimension, int64_t start, int64_t length, LetheTensorRef
     *out, char **message),
    (tensor, dimension, start, length, out, message))
FORWARD(lethe_select,
    (LetheTensorRef tensor, int64_t dimension, int64_t index, LetheTensorRef *out, char
     **message),
    (tensor, dimension, index, out, message))
FORWARD(lethe_index,
    (LetheIndexing operation, LetheTensorRef tensor, int64_t dimension, LetheTensorRef indices,
     LetheTensorRef *out, char **message),
    (operation, tensor, dimension, indices, out, message))
FORWARD(lethe_index_add,
    (LetheTensorRef tensor, int64_t dimension, LetheTensorRef indices, LetheTensorRef source,
     LetheTensorRef *out, char **message),
    (tensor, dimension, indices, source, out, message))
FORWARD(lethe_top_k,
    (LetheTensorRef tensor, int64_t count, int64_t dimension, bool largest, LetheTensorRef
     *values, LetheTensorRef *indices, char **message),
    (tensor, count, dimension, largest, values, indices, message))
FORWARD(lethe_sort,
    (LetheTensorRef tensor, int64_t dimension, bool descending, LetheTensorRef *values,
     LetheTensorRef *indices, char **message),
    (tensor, dimension, descending, values, indices, message))
FORWARD(lethe_nonzero,
    (LetheTensorRef tensor, LetheTensorRef *out, char **message),
    (tensor, out, message))
FORWARD(lethe_one_hot,
    (LetheTensorRef labels, int64_t class_count, LetheTensorRef *out, char **message),
    (labels, class_count, out, message))

// One number in, one number out; and reductions over dimensions.
FORWARD(lethe_unary,
    (LetheUnary operation, LetheTensorRef tensor, LetheTensorRef *out, char **message),
    (operation, tensor, out, message))
FORWARD(lethe_binary,
    (LetheBinary operation, LetheTensorRef left, LetheTensorRef right, LetheTensorRef *out, char
     **message),
    (operation, left, right, out, message))
FORWARD(lethe_scalar_binary,
    (LetheScalarBinary operation, LetheTensorRef tensor, double scalar, LetheTensorRef *out,
     char **message),
    (operation, tensor, scalar, out, message))
FORWARD(lethe_clamp,
    (LetheTensorRef tensor, double minimum, double maximum, LetheTensorRef *out, char
     **message),
    (tensor, minimum, maximum, out, message))
FORWARD(lethe_where,
    (LetheTensorRef condition, LetheTensorRef if_true, LetheTensorRef if_false, LetheTensorRef
     *out, char **message),
    (condition, if_true, if_false, out, message))
FORWARD(lethe_reduce,
    (LetheReduction operation, LetheTensorRef tensor, const int64_t *dimensions, size_t
     dimension_count, bool keeping_dimensions, LetheTensorRef *out, char **message),
    (operation, tensor, dimensions, dimension_count, keeping_dimensions, out, message))
FORWARD(lethe_identical,
    (LetheTensorRef left, LetheTensorRef right, bool *out, char **message),
    (left, right, out, message))
FORWARD(lethe_in_place,
    (LetheInPlace operation, LetheTensorRef target, LetheTensorRef source, double scale, char
     **message),
    (operation, target, source, scale, message))
FORWARD(lethe_in_place_scalar,
    (LetheInPlaceScalar operation, LetheTensorRef target, double scalar, char **message),
    (operation, target, scalar, message))

// Gradients and the thread's gradient mode.
FORWARD(lethe_requires_gradient,
    (LetheTensorRef tensor, bool *out, char **message),
    (tensor, out, message))
FORWARD(lethe_set_requires_gradient,
    (LetheTensorRef tensor, bool on, char **message),
    (tensor, on, message))
FORWARD(lethe_backward,
    (LetheTensorRef tensor, bool keeping_graph, char **message),
    (tensor, keeping_graph, message))
FORWARD(lethe_gradient,
    (LetheTensorRef tensor, LetheTensorRef *out, char **message),
    (tensor, out, message))
FORWARD(lethe_set_gradients,
    (const LetheTensorRef *tensors, size_t count, LetheTensorRef gradient, char **message),
    (tensors, count, gradient, message))
FORWARD(lethe_gradients_of,
    (LetheTensorRef output, const LetheTensorRef *inputs, size_t count, bool keeping_graph,
     LetheTensorRef *outs, char **message),
    (output, inputs, count, keeping_graph, outs, message))
FORWARD(lethe_clip_gradients,
    (const LetheTensorRef *tensors, size_t count, double maximum, double *norm, char **message),
    (tensors, count, maximum, norm, message))
FORWARD_VALUE(bool, true, lethe_gradient_mode, (void), ())
FORWARD_NOTHING(lethe_set_gradient_mode, (bool on), (on))

// The layers and losses of a vision network. A null handle is "none".
FORWARD(lethe_linear,
    (LetheTensorRef input, LetheTensorRef weight, LetheTensorRef bias, LetheTensorRef *out, char
     **message),
    (input, weight, bias, out, message))
FORWARD(lethe_layer_norm,
    (LetheTensorRef input, const int64_t *shape, size_t rank, LetheTensorRef weight,
     LetheTensorRef bias, double epsilon, LetheTensorRef *out, char **message),
    (input, shape, rank, weight, bias, epsilon, out, message))
FORWARD(lethe_batch_norm,
    (LetheTensorRef input, LetheTensorRef weight, LetheTensorRef bias, LetheTensorRef mean,
     LetheTensorRef variance, bool training, double momentum, double epsilon, LetheTensorRef
     *out, char **message),
    (input, weight, bias, mean, variance, training, momentum, epsilon, out, message))
FORWARD(lethe_convolve2d,
    (LetheTensorRef input, LetheTensorRef weight, LetheTensorRef bias, const int64_t stride[2],
     const int64_t padding[2], int64_t groups, LetheTensorRef *out, char **message),
    (input, weight, bias, stride, padding, groups, out, message))
FORWARD(lethe_pool2d,
    (LethePooling operation, LetheTensorRef input, const int64_t kernel[2], const int64_t
     stride[2], const int64_t padding[2], LetheTensorRef *out, char **message),
    (operation, input, kernel, stride, padding, out, message))
FORWARD(lethe_unfold2d,
    (LetheTensorRef input, const int64_t kernel[2], const int64_t stride[2], const int64_t
     padding[2], LetheTensorRef *out, char **message),
    (input, kernel, stride, padding, out, message))
FORWARD(lethe_attention,
    (LetheTensorRef query, LetheTensorRef key, LetheTensorRef value, LetheTensorRef mask, double
     scale, LetheTensorRef *out, char **message),
    (query, key, value, mask, scale, out, message))
FORWARD(lethe_cross_entropy,
    (LetheTensorRef logits, LetheTensorRef labels, double label_smoothing, LetheLossReduction
     reduction, LetheTensorRef *out, char **message),
    (logits, labels, label_smoothing, reduction, out, message))
FORWARD(lethe_dropout,
    (LetheTensorRef input, double probability, LetheGeneratorRef generator, LetheTensorRef *out,
     char **message),
    (input, probability, generator, out, message))
FORWARD(lethe_resize,
    (LetheTensorRef input, const LetheResizeOptions *options, LetheTensorRef *out, char
     **message),
    (input, options, out, message))
FORWARD(lethe_pad2d,
    (LetheTensorRef input, LethePadding mode, const int64_t sizes[4], double value,
     LetheTensorRef *out, char **message),
    (input, mode, sizes, value, out, message))

// Optimiser steps: one call updates a whole list of parameters, outside the graph.
FORWARD(lethe_adamw_step,
    (const LetheTensorRef *parameters, const LetheTensorRef *means, const LetheTensorRef
     *variances, const LetheTensorRef *steps, size_t count, const LetheAdamWOptions *options,
     char **message),
    (parameters, means, variances, steps, count, options, message))
FORWARD(lethe_sgd_step,
    (const LetheTensorRef *parameters, const LetheTensorRef *velocities, size_t count, const
     LetheSGDOptions *options, char **message),
    (parameters, velocities, count, options, message))

// Numbers from an explicit generator; the global one is never used.
FORWARD(lethe_generator_make,
    (uint64_t seed, LetheDevice device, LetheGeneratorRef *out, char **message),
    (seed, device, out, message))
FORWARD(lethe_generator_state,
    (LetheGeneratorRef generator, LetheTensorRef *out, char **message),
    (generator, out, message))
FORWARD(lethe_generator_set_state,
    (LetheGeneratorRef generator, LetheTensorRef state, char **message),
    (generator, state, message))
FORWARD(lethe_random,
    (LetheDistribution distribution, double first, double second, const int64_t *shape, size_t
     rank, LetheGeneratorRef generator, LetheTensorRef *out, char **message),
    (distribution, first, second, shape, rank, generator, out, message))
FORWARD(lethe_random_permutation,
    (int64_t count, LetheGeneratorRef generator, LetheTensorRef *out, char **message),
    (count, generator, out, message))

// Versions, devices, threads and process-wide switches.
FORWARD_VALUE(const char *, "", lethe_compiled_version, (void), ())
FORWARD(lethe_loaded_configuration, (char **out, char **message), (out, message))
FORWARD(lethe_cuda_device_count, (int64_t *out, char **message), (out, message))
FORWARD(lethe_set_thread_count, (int64_t count, char **message), (count, message))
FORWARD_VALUE(int64_t, 1, lethe_thread_count, (void), ())
FORWARD(lethe_set_float32_matmul_precision,
    (const char *precision, char **message),
    (precision, message))
FORWARD(lethe_set_deterministic, (bool on, char **message), (on, message))
FORWARD_VALUE(bool, false, lethe_is_deterministic, (void), ())
