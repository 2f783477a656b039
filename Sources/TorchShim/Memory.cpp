// Handles, messages, bytes in and out, new tensors.

#include <atomic>

#include "Guard.h"
#include "shim_creation.h"
#include "shim_memory.h"

namespace {

std::atomic<int64_t> liveHandles{0};

}  // namespace

LetheTensorBox::LetheTensorBox(at::Tensor tensor) : value(std::move(tensor)) {
    liveHandles.fetch_add(1, std::memory_order_relaxed);
}

LetheTensorBox::~LetheTensorBox() { liveHandles.fetch_sub(1, std::memory_order_relaxed); }

namespace lethe {

void report(char **message, const char *text) noexcept {
    if (message != nullptr) *message = strdup(text);
}

void boxAll(const std::vector<at::Tensor> &tensors, LetheTensorRef *outs) {
    std::vector<std::unique_ptr<LetheTensorBox>> boxes;
    boxes.reserve(tensors.size());
    for (const auto &tensor : tensors) {
        boxes.push_back(tensor.defined() ? std::make_unique<LetheTensorBox>(tensor) : nullptr);
    }
    for (size_t index = 0; index < boxes.size(); index++) outs[index] = boxes[index].release();
}

std::vector<at::Tensor> tensors(const LetheTensorRef *handles, size_t count) {
    std::vector<at::Tensor> result;
    result.reserve(count);
    for (size_t index = 0; index < count; index++) result.push_back(handles[index]->value);
    return result;
}

at::ScalarType scalarType(LetheElement element) {
    switch (element) {
        case LetheElementFloat32: return at::kFloat;
        case LetheElementFloat16: return at::kHalf;
        case LetheElementBfloat16: return at::kBFloat16;
        case LetheElementFloat64: return at::kDouble;
        case LetheElementInt64: return at::kLong;
        case LetheElementInt32: return at::kInt;
        case LetheElementInt16: return at::kShort;
        case LetheElementInt8: return at::kChar;
        case LetheElementUint8: return at::kByte;
        case LetheElementBool: return at::kBool;
    }
    TORCH_CHECK(false, "unknown element type ", static_cast<int>(element));
}

LetheElement element(at::ScalarType type) {
    switch (type) {
        case at::kFloat: return LetheElementFloat32;
        case at::kHalf: return LetheElementFloat16;
        case at::kBFloat16: return LetheElementBfloat16;
        case at::kDouble: return LetheElementFloat64;
        case at::kLong: return LetheElementInt64;
        case at::kInt: return LetheElementInt32;
        case at::kShort: return LetheElementInt16;
        case at::kChar: return LetheElementInt8;
        case at::kByte: return LetheElementUint8;
        case at::kBool: return LetheElementBool;
        default: TORCH_CHECK(false, "tensors of type ", type, " are not supported here");
    }
}

at::Device device(LetheDevice device) {
    if (device == LETHE_DEVICE_CPU) return at::Device(at::kCPU);
    return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device));
}

}  // namespace lethe

using lethe::guarded;
using lethe::producing;

void lethe_tensor_free(LetheTensorRef tensor) { delete tensor; }
void lethe_generator_free(LetheGeneratorRef generator) { delete generator; }
int64_t lethe_live_handles(void) { return liveHandles.load(std::memory_order_relaxed); }

LetheStatus lethe_tensor_describe(
    LetheTensorRef tensor, LetheDescription *description, int64_t *shape, char **message) {
    return guarded(message, [&] {
        const auto &value = tensor->value;
        TORCH_CHECK(
            value.dim() <= LETHE_MAXIMUM_RANK, "a tensor of ", value.dim(), " dimensions; at most ",
            static_cast<int>(LETHE_MAXIMUM_RANK), " are supported");
        description->element = lethe::element(value.scalar_type());
        description->device = value.is_cpu() ? LETHE_DEVICE_CPU : value.device().index();
        description->rank = static_cast<int32_t>(value.dim());
        std::copy(value.sizes().begin(), value.sizes().end(), shape);
    });
}

LetheStatus lethe_tensor_from_bytes(
    const void *bytes, size_t byte_count, const int64_t *shape, size_t rank, LetheElement element,
    LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        auto tensor = at::empty(lethe::integers(shape, rank), lethe::scalarType(element));
        TORCH_CHECK(
            tensor.nbytes() == byte_count, "shape ", tensor.sizes(), " takes ", tensor.nbytes(),
            " bytes, but there are ", byte_count);
        if (byte_count > 0) std::memcpy(tensor.mutable_data_ptr(), bytes, byte_count);
        return tensor;
    });
}

LetheStatus lethe_tensor_to_bytes(
    LetheTensorRef tensor, void *buffer, size_t byte_count, char **message) {
    return guarded(message, [&] {
        at::NoGradGuard noGradient;
        auto plain = tensor->value.cpu().contiguous().resolve_conj().resolve_neg();
        TORCH_CHECK(
            plain.nbytes() == byte_count, "the tensor has ", plain.nbytes(),
            " bytes, the buffer ", byte_count);
        if (byte_count > 0) std::memcpy(buffer, plain.const_data_ptr(), byte_count);
    });
}

LetheStatus lethe_tensor_scalar(LetheTensorRef tensor, double *out, char **message) {
    return guarded(message, [&] { *out = tensor->value.item().toDouble(); });
}

LetheStatus lethe_tensor_convert(
    LetheTensorRef tensor, LetheElement element, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] { return tensor->value.to(lethe::scalarType(element)); });
}

LetheStatus lethe_tensor_move(
    LetheTensorRef tensor, LetheDevice device, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] { return tensor->value.to(lethe::device(device)); });
}

LetheStatus lethe_tensor_filled(
    double value, const int64_t *shape, size_t rank, LetheElement element, LetheDevice device,
    LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        auto options = at::TensorOptions(lethe::scalarType(element)).device(lethe::device(device));
        return at::full(lethe::integers(shape, rank), value, options);
    });
}

LetheStatus lethe_tensor_zeros_like(LetheTensorRef tensor, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        return at::zeros_like(tensor->value.detach(), at::MemoryFormat::Preserve);
    });
}

LetheStatus lethe_tensor_range(
    double start, double end, double step, LetheElement element, LetheDevice device,
    LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        auto options = at::TensorOptions(lethe::scalarType(element)).device(lethe::device(device));
        return at::arange(start, end, step, options);
    });
}
