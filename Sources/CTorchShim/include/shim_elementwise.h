// One number in, one number out; and reductions over dimensions.

#ifndef SHIM_ELEMENTWISE_H
#define SHIM_ELEMENTWISE_H

#include "shim_types.h"

LETHE_BEGIN

typedef LETHE_ENUM LetheUnary {
    LetheUnaryNegate,
    LetheUnaryAbsolute,
    LetheUnarySign,
    LetheUnarySquare,
    LetheUnarySquareRoot,
    LetheUnaryReciprocal,
    LetheUnaryExponential,
    LetheUnaryLogarithm,
    LetheUnaryLogarithmOfOnePlus,
    LetheUnarySine,
    LetheUnaryCosine,
    LetheUnaryTanh,
    LetheUnarySigmoid,
    LetheUnarySoftplus,
    LetheUnaryRelu,
    LetheUnaryGelu,
    LetheUnaryGeluTanh,
    LetheUnarySilu,
    LetheUnaryErrorFunction,
    LetheUnaryFloor,
    LetheUnaryRound,
    LetheUnaryIsFinite,
    LetheUnaryLogicalNot,
    LetheUnaryClone,
    LetheUnaryContiguous,
    LetheUnaryDetach,
} LetheUnary;

LetheStatus lethe_unary(
    LetheUnary operation, LetheTensorRef tensor, LetheTensorRef *out, char **message);

typedef LETHE_ENUM LetheBinary {
    LetheBinaryAdd,
    LetheBinarySubtract,
    LetheBinaryMultiply,
    LetheBinaryDivide,
    LetheBinaryPower,
    LetheBinaryMaximum,
    LetheBinaryMinimum,
    LetheBinaryEqual,
    LetheBinaryNotEqual,
    LetheBinaryLess,
    LetheBinaryLessOrEqual,
    LetheBinaryGreater,
    LetheBinaryGreaterOrEqual,
    LetheBinaryLogicalAnd,
    LetheBinaryLogicalOr,
    LetheBinaryMatrixMultiply,
} LetheBinary;

LetheStatus lethe_binary(
    LetheBinary operation, LetheTensorRef left, LetheTensorRef right, LetheTensorRef *out,
    char **message);

typedef LETHE_ENUM LetheScalarBinary {
    LetheScalarBinaryAdd,
    LetheScalarBinarySubtract,
    LetheScalarBinarySubtractFrom,
    LetheScalarBinaryMultiply,
    LetheScalarBinaryDivide,
    LetheScalarBinaryDivideInto,
    LetheScalarBinaryPower,
    LetheScalarBinaryEqual,
    LetheScalarBinaryLess,
    LetheScalarBinaryLessOrEqual,
    LetheScalarBinaryGreater,
    LetheScalarBinaryGreaterOrEqual,
} LetheScalarBinary;

// A whole number beside an integer tensor stays an integer, as it does in Python.
LetheStatus lethe_scalar_binary(
    LetheScalarBinary operation, LetheTensorRef tensor, double scalar, LetheTensorRef *out,
    char **message);

// Clamps into [minimum, maximum]; an infinite bound is no bound.
LetheStatus lethe_clamp(
    LetheTensorRef tensor, double minimum, double maximum, LetheTensorRef *out, char **message);

LetheStatus lethe_where(
    LetheTensorRef condition, LetheTensorRef if_true, LetheTensorRef if_false, LetheTensorRef *out,
    char **message);

typedef LETHE_ENUM LetheReduction {
    LetheReductionSum,
    LetheReductionMean,
    LetheReductionMaximum,
    LetheReductionMinimum,
    LetheReductionVariance,
    LetheReductionEuclideanNorm,
    LetheReductionLogSumExp,
    LetheReductionAll,
    LetheReductionAny,
} LetheReduction;

// Reduces over the dimensions given, or over all of them where `dimension_count` is 0.
LetheStatus lethe_reduce(
    LetheReduction operation, LetheTensorRef tensor, const int64_t *dimensions,
    size_t dimension_count, bool keeping_dimensions, LetheTensorRef *out, char **message);

// True where shape and every number are equal.
LetheStatus lethe_identical(
    LetheTensorRef left, LetheTensorRef right, bool *out, char **message);

typedef LETHE_ENUM LetheInPlace {
    LetheInPlaceAdd,      // target += scale * source
    LetheInPlaceMultiply, // target *= source
    LetheInPlaceCopy,     // target = source, converted to the type and device of the target
} LetheInPlace;

// Changes `target` outside the autograd graph; `scale` is read by Add alone.
LetheStatus lethe_in_place(
    LetheInPlace operation, LetheTensorRef target, LetheTensorRef source, double scale,
    char **message);

typedef LETHE_ENUM LetheInPlaceScalar {
    LetheInPlaceScalarFill,
    LetheInPlaceScalarMultiply,
} LetheInPlaceScalar;

LetheStatus lethe_in_place_scalar(
    LetheInPlaceScalar operation, LetheTensorRef target, double scalar, char **message);

LETHE_END

#endif
