// Elementwise operations and reductions.

#include <cmath>
#include <numeric>

#include "Guard.h"
#include "shim_elementwise.h"

using lethe::guarded;
using lethe::producing;

namespace {

at::Tensor apply(LetheUnary operation, const at::Tensor &x) {
    switch (operation) {
        case LetheUnaryNegate: return at::neg(x);
        case LetheUnaryAbsolute: return at::abs(x);
        case LetheUnarySign: return at::sign(x);
        case LetheUnarySquare: return at::square(x);
        case LetheUnarySquareRoot: return at::sqrt(x);
        case LetheUnaryReciprocal: return at::reciprocal(x);
        case LetheUnaryExponential: return at::exp(x);
        case LetheUnaryLogarithm: return at::log(x);
        case LetheUnaryLogarithmOfOnePlus: return at::log1p(x);
        case LetheUnarySine: return at::sin(x);
        case LetheUnaryCosine: return at::cos(x);
        case LetheUnaryTanh: return at::tanh(x);
        case LetheUnarySigmoid: return at::sigmoid(x);
        case LetheUnarySoftplus: return at::softplus(x);
        case LetheUnaryRelu: return at::relu(x);
        case LetheUnaryGelu: return at::gelu(x, "none");
        case LetheUnaryGeluTanh: return at::gelu(x, "tanh");
        case LetheUnarySilu: return at::silu(x);
        case LetheUnaryErrorFunction: return at::erf(x);
        case LetheUnaryFloor: return at::floor(x);
        case LetheUnaryRound: return at::round(x);
        case LetheUnaryIsFinite: return at::isfinite(x);
        case LetheUnaryLogicalNot: return at::logical_not(x);
        case LetheUnaryClone: return at::clone(x);
        case LetheUnaryContiguous: return x.contiguous();
        case LetheUnaryDetach: return x.detach();
    }
    TORCH_CHECK(false, "unknown unary operation ", static_cast<int>(operation));
}

at::Tensor apply(LetheBinary operation, const at::Tensor &a, const at::Tensor &b) {
    switch (operation) {
        case LetheBinaryAdd: return at::add(a, b);
        case LetheBinarySubtract: return at::sub(a, b);
        case LetheBinaryMultiply: return at::mul(a, b);
        case LetheBinaryDivide: return at::div(a, b);
        case LetheBinaryPower: return at::pow(a, b);
        case LetheBinaryMaximum: return at::maximum(a, b);
        case LetheBinaryMinimum: return at::minimum(a, b);
        case LetheBinaryEqual: return at::eq(a, b);
        case LetheBinaryNotEqual: return at::ne(a, b);
        case LetheBinaryLess: return at::lt(a, b);
        case LetheBinaryLessOrEqual: return at::le(a, b);
        case LetheBinaryGreater: return at::gt(a, b);
        case LetheBinaryGreaterOrEqual: return at::ge(a, b);
        case LetheBinaryLogicalAnd: return at::logical_and(a, b);
        case LetheBinaryLogicalOr: return at::logical_or(a, b);
        case LetheBinaryMatrixMultiply: return at::matmul(a, b);
    }
    TORCH_CHECK(false, "unknown binary operation ", static_cast<int>(operation));
}

/// A whole number beside integers stays an integer, so that no integer tensor turns to floats.
at::Scalar scalarBeside(const at::Tensor &x, double value) {
    bool isWhole = std::trunc(value) == value && std::abs(value) < 9.0e15;
    if (isWhole && at::isIntegralType(x.scalar_type(), true)) {
        return at::Scalar(static_cast<int64_t>(value));
    }
    return at::Scalar(value);
}

at::Tensor apply(LetheScalarBinary operation, const at::Tensor &x, const at::Scalar &scalar) {
    switch (operation) {
        case LetheScalarBinaryAdd: return at::add(x, scalar);
        case LetheScalarBinarySubtract: return at::sub(x, scalar);
        case LetheScalarBinarySubtractFrom: return at::rsub(x, scalar);
        case LetheScalarBinaryMultiply: return at::mul(x, scalar);
        case LetheScalarBinaryDivide: return at::div(x, scalar);
        case LetheScalarBinaryDivideInto: return at::mul(at::reciprocal(x), scalar);
        case LetheScalarBinaryPower: return at::pow(x, scalar);
        case LetheScalarBinaryEqual: return at::eq(x, scalar);
        case LetheScalarBinaryLess: return at::lt(x, scalar);
        case LetheScalarBinaryLessOrEqual: return at::le(x, scalar);
        case LetheScalarBinaryGreater: return at::gt(x, scalar);
        case LetheScalarBinaryGreaterOrEqual: return at::ge(x, scalar);
    }
    TORCH_CHECK(false, "unknown scalar operation ", static_cast<int>(operation));
}

at::Tensor apply(
    LetheReduction operation, const at::Tensor &x, at::IntArrayRef dimensions, bool keeping) {
    switch (operation) {
        case LetheReductionSum: return at::sum(x, dimensions, keeping);
        case LetheReductionMean: return at::mean(x, dimensions, keeping);
        case LetheReductionMaximum: return at::amax(x, dimensions, keeping);
        case LetheReductionMinimum: return at::amin(x, dimensions, keeping);
        case LetheReductionVariance: return at::var(x, dimensions, true, keeping);
        case LetheReductionEuclideanNorm:
            return at::linalg_vector_norm(x, 2, dimensions, keeping);
        case LetheReductionLogSumExp: return at::logsumexp(x, dimensions, keeping);
        case LetheReductionAll: return at::all(x, dimensions, keeping);
        case LetheReductionAny: return at::any(x, dimensions, keeping);
    }
    TORCH_CHECK(false, "unknown reduction ", static_cast<int>(operation));
}

}  // namespace

LetheStatus lethe_unary(
    LetheUnary operation, LetheTensorRef tensor, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] { return apply(operation, tensor->value); });
}

LetheStatus lethe_binary(
    LetheBinary operation, LetheTensorRef left, LetheTensorRef right, LetheTensorRef *out,
    char **message) {
    return producing(out, message, [&] { return apply(operation, left->value, right->value); });
}

LetheStatus lethe_scalar_binary(
    LetheScalarBinary operation, LetheTensorRef tensor, double scalar, LetheTensorRef *out,
    char **message) {
    return producing(out, message, [&] {
        return apply(operation, tensor->value, scalarBeside(tensor->value, scalar));
    });
}

LetheStatus lethe_clamp(
    LetheTensorRef tensor, double minimum, double maximum, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        std::optional<at::Scalar> low, high;
        if (!std::isinf(minimum)) low = scalarBeside(tensor->value, minimum);
        if (!std::isinf(maximum)) high = scalarBeside(tensor->value, maximum);
        if (!low && !high) return tensor->value.alias();
        return at::clamp(tensor->value, low, high);
    });
}

LetheStatus lethe_where(
    LetheTensorRef condition, LetheTensorRef if_true, LetheTensorRef if_false, LetheTensorRef *out,
    char **message) {
    return producing(out, message, [&] {
        return at::where(condition->value, if_true->value, if_false->value);
    });
}

LetheStatus lethe_reduce(
    LetheReduction operation, LetheTensorRef tensor, const int64_t *dimensions,
    size_t dimension_count, bool keeping_dimensions, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        if (dimension_count > 0) {
            auto given = lethe::integers(dimensions, dimension_count);
            return apply(operation, tensor->value, given, keeping_dimensions);
        }
        std::vector<int64_t> all(tensor->value.dim());
        std::iota(all.begin(), all.end(), 0);
        return apply(operation, tensor->value, all, keeping_dimensions);
    });
}

LetheStatus lethe_identical(
    LetheTensorRef left, LetheTensorRef right, bool *out, char **message) {
    return guarded(message, [&] {
        *out = left->value.scalar_type() == right->value.scalar_type()
            && left->value.sizes() == right->value.sizes()
            && at::equal(left->value, right->value);
    });
}

LetheStatus lethe_in_place(
    LetheInPlace operation, LetheTensorRef target, LetheTensorRef source, double scale,
    char **message) {
    return guarded(message, [&] {
        at::NoGradGuard noGradient;
        switch (operation) {
            case LetheInPlaceAdd: target->value.add_(source->value, scale); break;
            case LetheInPlaceMultiply: target->value.mul_(source->value); break;
            case LetheInPlaceCopy: target->value.copy_(source->value); break;
        }
    });
}

LetheStatus lethe_in_place_scalar(
    LetheInPlaceScalar operation, LetheTensorRef target, double scalar, char **message) {
    return guarded(message, [&] {
        at::NoGradGuard noGradient;
        switch (operation) {
            case LetheInPlaceScalarFill: target->value.fill_(scalar); break;
            case LetheInPlaceScalarMultiply: target->value.mul_(scalar); break;
        }
    });
}
