// Generators, versions, devices, threads and process-wide switches.

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/headeronly/version.h>

#include "Guard.h"
#include "shim_random.h"
#include "shim_runtime.h"

using lethe::guarded;
using lethe::producing;

namespace {

at::Generator makeGenerator(uint64_t seed, LetheDevice device) {
    if (device == LETHE_DEVICE_CPU) return at::make_generator<at::CPUGeneratorImpl>(seed);
    auto index = static_cast<c10::DeviceIndex>(device);
    auto generator = at::detail::getCUDAHooks().getNewGenerator(index);
    generator.set_current_seed(seed);
    return generator;
}

}  // namespace

LetheStatus lethe_generator_make(
    uint64_t seed, LetheDevice device, LetheGeneratorRef *out, char **message) {
    return guarded(
        message, [&] { *out = new LetheGeneratorBox{makeGenerator(seed, device)}; });
}

LetheStatus lethe_generator_state(
    LetheGeneratorRef generator, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] { return generator->value.get_state(); });
}

LetheStatus lethe_generator_set_state(
    LetheGeneratorRef generator, LetheTensorRef state, char **message) {
    return guarded(message, [&] { generator->value.set_state(state->value); });
}

LetheStatus lethe_random(
    LetheDistribution distribution, double first, double second, const int64_t *shape, size_t rank,
    LetheGeneratorRef generator, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        auto options = at::TensorOptions(at::kFloat).device(generator->value.device());
        auto tensor = at::empty(lethe::integers(shape, rank), options);
        if (distribution == LetheDistributionNormal) {
            return tensor.normal_(first, second, generator->value);
        }
        return tensor.uniform_(first, second, generator->value);
    });
}

LetheStatus lethe_random_permutation(
    int64_t count, LetheGeneratorRef generator, LetheTensorRef *out, char **message) {
    return producing(out, message, [&] {
        auto options = at::TensorOptions(at::kLong).device(generator->value.device());
        return at::randperm(count, generator->value, options);
    });
}

const char *lethe_compiled_version(void) { return TORCH_VERSION; }

LetheStatus lethe_loaded_configuration(char **out, char **message) {
    return guarded(message, [&] { lethe::report(out, at::show_config().c_str()); });
}

LetheStatus lethe_cuda_device_count(int64_t *out, char **message) {
    return guarded(message, [&] {
        *out = at::hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0;
    });
}

LetheStatus lethe_set_thread_count(int64_t count, char **message) {
    return guarded(message, [&] { at::set_num_threads(static_cast<int>(count)); });
}

int64_t lethe_thread_count(void) { return at::get_num_threads(); }

LetheStatus lethe_set_float32_matmul_precision(const char *precision, char **message) {
    return guarded(message, [&] { at::globalContext().setFloat32MatmulPrecision(precision); });
}

LetheStatus lethe_set_deterministic(bool on, char **message) {
    return guarded(message, [&] {
        at::globalContext().setDeterministicAlgorithms(on, /*warn_only=*/false);
        // Nothing here reads memory that was not written, and filling it costs time.
        at::globalContext().setDeterministicFillUninitializedMemory(false);
    });
}

bool lethe_is_deterministic(void) { return at::globalContext().deterministicAlgorithms(); }
