// Layers, losses and image resizing.

#include <cmath>

#include "Guard.h"
#include "shim_network.h"

using lethe::optional;
using lethe::pair;
using lethe::producing;

namespace {

at::Tensor resize(const at::Tensor &x, const LetheResizeOptions &options) {
    int64_t size[2] = {options.height, options.width};
    std::optional<double> heightScale, widthScale;
    if (options.height_scale > 0) heightScale = options.height_scale;
    if (options.width_scale > 0) widthScale = options.width_scale;
    bool corners = options.align_corners;
    switch (options.mode) {
        case LetheResizeNearest:
            TORCH_CHECK(
                !options.antialias && !corners, "nearest takes neither antialias nor corners");
            return at::upsample_nearest2d(x, pair(size), heightScale, widthScale);
        case LetheResizeBilinear:
            return options.antialias
                ? at::_upsample_bilinear2d_aa(x, pair(size), corners, heightScale, widthScale)
                : at::upsample_bilinear2d(x, pair(size), corners, heightScale, widthScale);
        case LetheResizeBicubic:
            return options.antialias
                ? at::_upsample_bicubic2d_aa(x, pair(size), corners, heightScale, widthScale)
                : at::upsample_bicubic2d(x, pair(size), corners, heightScale, widthScale);
    }
    TORCH_CHECK(false, "unknown resize mode ", static_cast<int>(options.mode));
}

int64_t torchReduction(LetheLossReduction reduction) {
    switch (reduction) {
        case LetheLossReductionNone: return at::Reduction::None;
        case LetheLossReductionMean: return at::Reduction::Mean;
        case LetheLossReductionSum: return at::Reduction::Sum;
    }
    TORCH_CHECK(false, "unknown loss reduction ", static_cast<int>(reduction));
}

}  // namespace

LetheStatus lethe_linear(
    LetheTensorRef input, LetheTensorRef weight, LetheTensorRef bias, LetheTensorRef *out,
    char **message) {
    return producing(
        out, message, [&] { return at::linear(input->value, weight->value, optional(bias)); });
}

LetheStatus lethe_layer_norm(
    LetheTensorRef input, const int64_t *shape, size_t rank, LetheTensorRef weight,
    LetheTensorRef bias, double epsilon, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        auto sizes = lethe::integers(shape, rank);
        return at::layer_norm(input->value, sizes, optional(weight), optional(bias), epsilon);
    });
}

LetheStatus lethe_batch_norm(
    LetheTensorRef input, LetheTensorRef weight, LetheTensorRef bias, LetheTensorRef mean,
    LetheTensorRef variance, bool training, double momentum, double epsilon, LetheTensorRef *out,
    char **message) {
    return producing(out, message, [&] {
        return at::batch_norm(
            input->value, optional(weight), optional(bias), mean->value, variance->value,
            training, momentum, epsilon, at::globalContext().userEnabledCuDNN());
    });
}

LetheStatus lethe_convolve2d(
    LetheTensorRef input, LetheTensorRef weight, LetheTensorRef bias, const int64_t stride[2],
    const int64_t padding[2], int64_t groups, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        int64_t dilation[2] = {1, 1};
        return at::conv2d(
            input->value, weight->value, optional(bias), pair(stride), pair(padding),
            pair(dilation), groups);
    });
}

LetheStatus lethe_pool2d(
    LethePooling operation, LetheTensorRef input, const int64_t kernel[2],
    const int64_t stride[2], const int64_t padding[2], LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        switch (operation) {
            case LethePoolingAverage:
                return at::avg_pool2d(input->value, pair(kernel), pair(stride), pair(padding));
            case LethePoolingMaximum:
                return at::max_pool2d(input->value, pair(kernel), pair(stride), pair(padding));
        }
        TORCH_CHECK(false, "unknown pooling ", static_cast<int>(operation));
    });
}

LetheStatus lethe_unfold2d(
    LetheTensorRef input, const int64_t kernel[2], const int64_t stride[2],
    const int64_t padding[2], LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        int64_t dilation[2] = {1, 1};
        return at::im2col(
            input->value, pair(kernel), pair(dilation), pair(padding), pair(stride));
    });
}

LetheStatus lethe_attention(
    LetheTensorRef query, LetheTensorRef key, LetheTensorRef value, LetheTensorRef mask,
    double scale, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        auto chosenScale = std::isnan(scale) ? std::nullopt : std::optional<double>(scale);
        return at::scaled_dot_product_attention(
            query->value, key->value, value->value, optional(mask), 0.0, false, chosenScale);
    });
}

LetheStatus lethe_cross_entropy(
    LetheTensorRef logits, LetheTensorRef labels, double label_smoothing,
    LetheLossReduction reduction, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        return at::cross_entropy_loss(
            logits->value, labels->value, std::nullopt, torchReduction(reduction), -100,
            label_smoothing);
    });
}

LetheStatus lethe_dropout(
    LetheTensorRef input, double probability, LetheGeneratorRef generator, LetheTensorRef *out,
    char **message) {
    return producing(out, message, [&] {
        TORCH_CHECK(
            probability >= 0 && probability < 1, "dropout probability has to be in [0, 1), but is ",
            probability);
        auto kept = at::empty_like(input->value.detach());
        kept.bernoulli_(1 - probability, generator->value).div_(1 - probability);
        return at::mul(input->value, kept);
    });
}

LetheStatus lethe_resize(
    LetheTensorRef input, const LetheResizeOptions *options, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] { return resize(input->value, *options); });
}

LetheStatus lethe_pad2d(
    LetheTensorRef input, LethePadding mode, const int64_t sizes[4], double value,
    LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        at::IntArrayRef padding(sizes, 4);
        switch (mode) {
            case LethePaddingConstant: return at::constant_pad_nd(input->value, padding, value);
            case LethePaddingReflect: return at::reflection_pad2d(input->value, padding);
            case LethePaddingReplicate: return at::replication_pad2d(input->value, padding);
        }
        TORCH_CHECK(false, "unknown padding mode ", static_cast<int>(mode));
    });
}
