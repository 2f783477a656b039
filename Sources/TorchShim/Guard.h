// What every .cpp of the shim shares: the boxes behind the handles and the one guard.

#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "shim_types.h"

struct LetheTensorBox {
    explicit LetheTensorBox(at::Tensor tensor);
    ~LetheTensorBox();
    LetheTensorBox(const LetheTensorBox &) = delete;
    LetheTensorBox &operator=(const LetheTensorBox &) = delete;

    at::Tensor value;
};

struct LetheGeneratorBox {
    at::Generator value;
};

namespace lethe {

/// Stores a copy of `text` where the caller asked for messages.
void report(char **message, const char *text) noexcept;

/// Runs `body` and turns whatever it throws into a status and a message.
template <typename Body>
LetheStatus guarded(char **message, Body &&body) noexcept {
    try {
        body();
        return LetheStatusOk;
    } catch (const c10::OutOfMemoryError &error) {
        report(message, error.what_without_backtrace());
        return LetheStatusOutOfMemory;
    } catch (const c10::Error &error) {
        report(message, error.what_without_backtrace());
        return LetheStatusFailed;
    } catch (const std::bad_alloc &) {
        report(message, "out of memory");
        return LetheStatusOutOfMemory;
    } catch (const std::exception &error) {
        report(message, error.what());
        return LetheStatusFailed;
    } catch (...) {
        report(message, "an exception that is no std::exception");
        return LetheStatusFailed;
    }
}

/// A guarded body whose result is one tensor.
template <typename Body>
LetheStatus producing(LetheTensorRef *out, char **message, Body &&body) noexcept {
    return guarded(message, [&] { *out = new LetheTensorBox(body()); });
}

/// A guarded body whose result is a pair of tensors.
template <typename Body>
LetheStatus producingPair(
    LetheTensorRef *first, LetheTensorRef *second, char **message, Body &&body) noexcept {
    return guarded(message, [&] {
        std::tuple<at::Tensor, at::Tensor> pair = body();
        auto held = std::make_unique<LetheTensorBox>(std::get<0>(pair));
        *second = new LetheTensorBox(std::get<1>(pair));
        *first = held.release();
    });
}

/// Boxes `tensors` into `outs`; an undefined tensor becomes null.
void boxAll(const std::vector<at::Tensor> &tensors, LetheTensorRef *outs);

inline at::IntArrayRef integers(const int64_t *numbers, size_t count) {
    return at::IntArrayRef(numbers, count);
}

inline at::IntArrayRef pair(const int64_t numbers[2]) { return at::IntArrayRef(numbers, 2); }

/// The tensor behind a handle that may be null.
inline std::optional<at::Tensor> optional(LetheTensorRef tensor) {
    return tensor == nullptr ? std::nullopt : std::optional<at::Tensor>(tensor->value);
}

std::vector<at::Tensor> tensors(const LetheTensorRef *handles, size_t count);

at::ScalarType scalarType(LetheElement element);
LetheElement element(at::ScalarType type);
at::Device device(LetheDevice device);

}  // namespace lethe
