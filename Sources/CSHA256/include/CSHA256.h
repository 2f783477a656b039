#ifndef CSHA256_H
#define CSHA256_H

#include <stddef.h>
#include <stdint.h>

// The compression function of SHA-256 (FIPS 180-4, section 6.2.2) with the processor's SHA
// instructions, for one stream or for two at once. A state is eight words of 32 bits, a block is 64
// bytes that lie anywhere.

// Whether this processor has the instructions; nothing below may be called where it has not.
int lethe_sha256_is_available(void);

// Takes `count` blocks into a state.
void lethe_sha256_compress(void *state, const void *blocks, size_t count);

// Takes `count` blocks each into two states. The blocks may be the same memory, the states not.
//
// A round waits longer for the one before it than the processor needs for it, so a second stream
// in the gaps costs little.
void lethe_sha256_compress_two(
    void *state, const void *blocks, void *other, const void *other_blocks, size_t count);

#endif
