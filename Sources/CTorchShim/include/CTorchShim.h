// The plain C door to LibTorch: opaque handles, a status from every function, no exception across.
//
// Each function that can fail returns a LetheStatus and, on failure, stores a message that the
// caller frees with lethe_message_free. Outputs are written on success only. A handle that a
// function hands out is owned by the caller and freed with the free function of its kind.

#ifndef CTORCHSHIM_H
#define CTORCHSHIM_H

#include "shim_algebra.h"
#include "shim_autograd.h"
#include "shim_creation.h"
#include "shim_elementwise.h"
#include "shim_indexing.h"
#include "shim_memory.h"
#include "shim_network.h"
#include "shim_optimizers.h"
#include "shim_random.h"
#include "shim_runtime.h"
#include "shim_types.h"

#endif
