// Reading and ordering by index.

#ifndef SHIM_INDEXING_H
#define SHIM_INDEXING_H

#include "shim_types.h"

LETHE_BEGIN

LetheStatus lethe_narrow(
    LetheTensorRef tensor, int64_t dimension, int64_t start, int64_t length, LetheTensorRef *out,
    char **message);

LetheStatus lethe_select(
    LetheTensorRef tensor, int64_t dimension, int64_t index, LetheTensorRef *out, char **message);

typedef LETHE_ENUM LetheIndexing {
    LetheIndexingSelect, // torch.index_select: one index per kept slice
    LetheIndexingGather, // torch.gather: one index per kept number
} LetheIndexing;

LetheStatus lethe_index(
    LetheIndexing operation, LetheTensorRef tensor, int64_t dimension, LetheTensorRef indices,
    LetheTensorRef *out, char **message);

// A copy of `tensor` whose slices at `indices` have `source` added.
LetheStatus lethe_index_add(
    LetheTensorRef tensor, int64_t dimension, LetheTensorRef indices, LetheTensorRef source,
    LetheTensorRef *out, char **message);

LetheStatus lethe_top_k(
    LetheTensorRef tensor, int64_t count, int64_t dimension, bool largest, LetheTensorRef *values,
    LetheTensorRef *indices, char **message);

// A stable sort.
LetheStatus lethe_sort(
    LetheTensorRef tensor, int64_t dimension, bool descending, LetheTensorRef *values,
    LetheTensorRef *indices, char **message);

// The positions of the numbers that are not zero: [count, rank].
LetheStatus lethe_nonzero(LetheTensorRef tensor, LetheTensorRef *out, char **message);

// Ones at the class of each label: [..., class_count], int64.
LetheStatus lethe_one_hot(
    LetheTensorRef labels, int64_t class_count, LetheTensorRef *out, char **message);

LETHE_END

#endif
