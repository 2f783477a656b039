// libTorchShim.so lies in the folder of the program that this is part of.

#define _GNU_SOURCE
#include "Library.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char fileName[] = "libTorchShim.so";

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void *library;
// Why there is none; at most a path and what the loader says of it.
static char trouble[2 * PATH_MAX];

static void load(void) {
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    char *slash = length > 0 && length < PATH_MAX ? memrchr(path, '/', (size_t)length) : NULL;
    size_t room = slash == NULL ? 0 : sizeof path - (size_t)(slash + 1 - path);
    if (room < sizeof fileName) {
        snprintf(trouble, sizeof trouble, "the folder of this program has no usable path");
        return;
    }
    memcpy(slash + 1, fileName, sizeof fileName);
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) snprintf(trouble, sizeof trouble, "%s", dlerror());
}

static void report(char **message, const char *what) {
    if (message != NULL) *message = strdup(what);
}

void *lethe_function(_Atomic(void *) *place, const char *name, char **message) {
    void *function = atomic_load_explicit(place, memory_order_acquire);
    if (function != NULL) return function;
    pthread_once(&once, load);
    if (library == NULL) {
        report(message, trouble);
        return NULL;
    }
    function = dlsym(library, name);
    if (function == NULL) report(message, "libTorchShim.so is of another version of lethe");
    atomic_store_explicit(place, function, memory_order_release);
    return function;
}
