// The types that every group of functions shares.

#ifndef SHIM_TYPES_H
#define SHIM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define LETHE_BEGIN extern "C" {
#define LETHE_END }
#else
#define LETHE_BEGIN
#define LETHE_END
#endif

// A closed enumeration: Swift imports it as an enum with exhaustive switches.
#if defined(__clang__)
#define LETHE_ENUM enum __attribute__((enum_extensibility(closed)))
#else
#define LETHE_ENUM enum
#endif

// A tensor and a generator; what is inside is C++ and stays there.
typedef struct LetheTensorBox *LetheTensorRef;
typedef struct LetheGeneratorBox *LetheGeneratorRef;

typedef LETHE_ENUM LetheStatus {
    LetheStatusOk = 0,
    LetheStatusFailed = 1,
    LetheStatusOutOfMemory = 2,
    LetheStatusNotLoaded = 3,
} LetheStatus;

typedef LETHE_ENUM LetheElement {
    LetheElementFloat32,
    LetheElementFloat16,
    LetheElementBfloat16,
    LetheElementFloat64,
    LetheElementInt64,
    LetheElementInt32,
    LetheElementInt16,
    LetheElementInt8,
    LetheElementUint8,
    LetheElementBool,
} LetheElement;

// The CPU, or the index of a CUDA device from 0.
typedef int32_t LetheDevice;
enum { LETHE_DEVICE_CPU = -1 };

// More dimensions than any network here has; a tensor with more is refused with a message.
enum { LETHE_MAXIMUM_RANK = 16 };

// What a tensor looks like: `shape` holds `rank` sizes.
typedef struct LetheDescription {
    LetheElement element;
    LetheDevice device;
    int32_t rank;
} LetheDescription;

#endif
