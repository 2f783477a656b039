// The library that holds the shim itself, loaded once.

#ifndef LIBRARY_H
#define LIBRARY_H

#include <stdatomic.h>

// The function of that name, from `place` after the first time.
// Null and a message, which the caller frees, if there is no such library or function in it.
void *lethe_function(_Atomic(void *) *place, const char *name, char **message);

#endif
