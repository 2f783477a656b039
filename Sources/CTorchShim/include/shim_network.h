// The layers and losses of a vision network. A null handle is "none".

#ifndef SHIM_NETWORK_H
#define SHIM_NETWORK_H

#include "shim_types.h"

LETHE_BEGIN

LetheStatus lethe_linear(
    LetheTensorRef input, LetheTensorRef weight, LetheTensorRef bias, LetheTensorRef *out,
    char **message);

LetheStatus lethe_layer_norm(
    LetheTensorRef input, const int64_t *shape, size_t rank, LetheTensorRef weight,
    LetheTensorRef bias, double epsilon, LetheTensorRef *out, char **message);

// With `training` the batch's own mean and variance are used, and `mean` and `variance`, which
// never carry gradients, move towards them in place by the share `momentum`.
LetheStatus lethe_batch_norm(
    LetheTensorRef input, LetheTensorRef weight, LetheTensorRef bias, LetheTensorRef mean,
    LetheTensorRef variance, bool training, double momentum, double epsilon, LetheTensorRef *out,
    char **message);

// Heights come before widths in every pair.
LetheStatus lethe_convolve2d(
    LetheTensorRef input, LetheTensorRef weight, LetheTensorRef bias, const int64_t stride[2],
    const int64_t padding[2], int64_t groups, LetheTensorRef *out, char **message);

typedef LETHE_ENUM LethePooling {
    LethePoolingAverage,
    LethePoolingMaximum,
} LethePooling;

// An average counts the zeros of the padding; a maximum never sees them.
LetheStatus lethe_pool2d(
    LethePooling operation, LetheTensorRef input, const int64_t kernel[2],
    const int64_t stride[2], const int64_t padding[2], LetheTensorRef *out, char **message);

// Sliding windows as columns: [N, C * kernel height * kernel width, positions].
LetheStatus lethe_unfold2d(
    LetheTensorRef input, const int64_t kernel[2], const int64_t stride[2],
    const int64_t padding[2], LetheTensorRef *out, char **message);

// `scale` not a number means 1 / sqrt(head width).
LetheStatus lethe_attention(
    LetheTensorRef query, LetheTensorRef key, LetheTensorRef value, LetheTensorRef mask,
    double scale, LetheTensorRef *out, char **message);

typedef LETHE_ENUM LetheLossReduction {
    LetheLossReductionNone,
    LetheLossReductionMean,
    LetheLossReductionSum,
} LetheLossReduction;

// logits [N, C], labels int64 [N].
LetheStatus lethe_cross_entropy(
    LetheTensorRef logits, LetheTensorRef labels, double label_smoothing,
    LetheLossReduction reduction, LetheTensorRef *out, char **message);

LetheStatus lethe_dropout(
    LetheTensorRef input, double probability, LetheGeneratorRef generator, LetheTensorRef *out,
    char **message);

typedef LETHE_ENUM LetheResize {
    LetheResizeNearest,
    LetheResizeBilinear,
    LetheResizeBicubic,
} LetheResize;

typedef struct LetheResizeOptions {
    LetheResize mode;
    int64_t height;
    int64_t width;
    bool antialias;
    bool align_corners;
    // Explicit scale factors as torch's interpolate takes them; 0 derives them from the sizes.
    double height_scale;
    double width_scale;
} LetheResizeOptions;

LetheStatus lethe_resize(
    LetheTensorRef input, const LetheResizeOptions *options, LetheTensorRef *out, char **message);

typedef LETHE_ENUM LethePadding {
    LethePaddingConstant,
    LethePaddingReflect,
    LethePaddingReplicate,
} LethePadding;

// `sizes` is left, right, top, bottom.
LetheStatus lethe_pad2d(
    LetheTensorRef input, LethePadding mode, const int64_t sizes[4], double value,
    LetheTensorRef *out, char **message);

LETHE_END

#endif
