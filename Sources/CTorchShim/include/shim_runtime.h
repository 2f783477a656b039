// Versions, devices, threads and process-wide switches.

#ifndef SHIM_RUNTIME_H
#define SHIM_RUNTIME_H

#include "shim_types.h"

LETHE_BEGIN

// The version whose headers this was compiled against; a constant of the program.
const char *lethe_compiled_version(void);

// The build summary of the library that was loaded, as `TORCH_VERSION=…` among others;
// freed with lethe_message_free.
LetheStatus lethe_loaded_configuration(char **out, char **message);

// How many CUDA devices LibTorch can use; 0 where it was built without CUDA.
LetheStatus lethe_cuda_device_count(int64_t *out, char **message);

LetheStatus lethe_set_thread_count(int64_t count, char **message);
int64_t lethe_thread_count(void);

// "highest", "high" or "medium".
LetheStatus lethe_set_float32_matmul_precision(const char *precision, char **message);

// Refuses operations that have no deterministic kernel.
LetheStatus lethe_set_deterministic(bool on, char **message);
bool lethe_is_deterministic(void);

LETHE_END

#endif
