// Shapes, joining, cutting, indexing.

#include "Guard.h"
#include "shim_algebra.h"
#include "shim_indexing.h"

using lethe::guarded;
using lethe::integers;
using lethe::producing;
using lethe::producingPair;

namespace {

at::Tensor apply(LetheShaping operation, const at::Tensor &x, at::IntArrayRef numbers) {
    switch (operation) {
        case LetheShapingReshape: return at::reshape(x, numbers);
        case LetheShapingExpand: return x.expand(numbers);
        case LetheShapingRepeat: return x.repeat(numbers);
        case LetheShapingPermute: return at::permute(x, numbers);
        case LetheShapingFlip: return at::flip(x, numbers);
    }
    TORCH_CHECK(false, "unknown shaping ", static_cast<int>(operation));
}

at::Tensor apply(LetheAlong operation, const at::Tensor &x, int64_t dimension) {
    switch (operation) {
        case LetheAlongSoftmax: return at::softmax(x, dimension);
        case LetheAlongLogSoftmax: return at::log_softmax(x, dimension);
        case LetheAlongArgumentMaximum: return at::argmax(x, dimension);
        case LetheAlongArgumentMinimum: return at::argmin(x, dimension);
        case LetheAlongCumulativeSum: return at::cumsum(x, dimension);
        case LetheAlongUnsqueeze: return at::unsqueeze(x, dimension);
        case LetheAlongSqueeze: return at::squeeze(x, dimension);
    }
    TORCH_CHECK(false, "unknown operation along a dimension ", static_cast<int>(operation));
}

}  // namespace

LetheStatus lethe_shape(
    LetheShaping operation, LetheTensorRef tensor, const int64_t *numbers, size_t count,
    LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        return apply(operation, tensor->value, integers(numbers, count));
    });
}

LetheStatus lethe_transpose(
    LetheTensorRef tensor, int64_t first, int64_t second, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] { return at::transpose(tensor->value, first, second); });
}

LetheStatus lethe_flatten(
    LetheTensorRef tensor, int64_t first, int64_t last, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] { return at::flatten(tensor->value, first, last); });
}

LetheStatus lethe_along(
    LetheAlong operation, LetheTensorRef tensor, int64_t dimension, LetheTensorRef *out,
    char **message) {
    return producing(out, message, [&] { return apply(operation, tensor->value, dimension); });
}

LetheStatus lethe_join(
    LetheJoin operation, const LetheTensorRef *tensors, size_t count, int64_t dimension,
    LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        auto list = lethe::tensors(tensors, count);
        return operation == LetheJoinStack ? at::stack(list, dimension) : at::cat(list, dimension);
    });
}

LetheStatus lethe_split(
    LetheTensorRef tensor, const int64_t *sizes, size_t count, int64_t dimension,
    LetheTensorRef *outs, char **message) {
    return guarded(message, [&] {
        auto parts = at::split_with_sizes(tensor->value, integers(sizes, count), dimension);
        lethe::boxAll(parts, outs);
    });
}

LetheStatus lethe_narrow(
    LetheTensorRef tensor, int64_t dimension, int64_t start, int64_t length, LetheTensorRef *out,
    char **message) {
    return producing(
        out, message, [&] { return at::narrow(tensor->value, dimension, start, length); });
}

LetheStatus lethe_select(
    LetheTensorRef tensor, int64_t dimension, int64_t index, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] { return at::select(tensor->value, dimension, index); });
}

LetheStatus lethe_index(
    LetheIndexing operation, LetheTensorRef tensor, int64_t dimension, LetheTensorRef indices,
    LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        if (operation == LetheIndexingGather) {
            return at::gather(tensor->value, dimension, indices->value);
        }
        return at::index_select(tensor->value, dimension, indices->value);
    });
}

LetheStatus lethe_index_add(
    LetheTensorRef tensor, int64_t dimension, LetheTensorRef indices, LetheTensorRef source,
    LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        return at::index_add(tensor->value, dimension, indices->value, source->value);
    });
}

LetheStatus lethe_top_k(
    LetheTensorRef tensor, int64_t count, int64_t dimension, bool largest, LetheTensorRef *values,
    LetheTensorRef *indices, char **message) {
    return producingPair(values, indices, message, [&] {
        return at::topk(tensor->value, count, dimension, largest);
    });
}

LetheStatus lethe_sort(
    LetheTensorRef tensor, int64_t dimension, bool descending, LetheTensorRef *values,
    LetheTensorRef *indices, char **message) {
    return producingPair(values, indices, message, [&] {
        return at::sort(tensor->value, std::optional<bool>(true), dimension, descending);
    });
}

LetheStatus lethe_nonzero(LetheTensorRef tensor, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] { return at::nonzero(tensor->value); });
}

LetheStatus lethe_one_hot(
    LetheTensorRef labels, int64_t class_count, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] { return at::one_hot(labels->value, class_count); });
}
