#include "CSHA256.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#define SHA_INSTRUCTIONS __attribute__((target("sha,sse4.1")))
#define IN_LINE static inline __attribute__((always_inline)) SHA_INSTRUCTIONS

// FIPS 180-4, section 4.2.2.
static const uint32_t constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// The words a to h as the instructions want them, in two registers.
typedef struct {
    __m128i abef, cdgh;
} words;

IN_LINE words load(const void *state) {
    __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
    __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state + 1), 0x1B);
    words loaded = {_mm_alignr_epi8(badc, hgfe, 8), _mm_blend_epi16(hgfe, badc, 0xF0)};
    return loaded;
}

IN_LINE void store(void *state, words now) {
    __m128i feba = _mm_shuffle_epi32(now.abef, 0x1B);
    __m128i dchg = _mm_shuffle_epi32(now.cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)state + 1, _mm_alignr_epi8(dchg, feba, 8));
}

// Sixteen words of a block, which are big-endian.
IN_LINE void read_block(__m128i schedule[4], const uint8_t *block) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    for (int i = 0; i < 4; i++) {
        schedule[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)block + i), swap);
    }
}

// The sum of words and constants of rounds 4 * group and the three after it.
IN_LINE __m128i round_input(const __m128i schedule[4], int group) {
    return _mm_add_epi32(
        schedule[group & 3], _mm_load_si128((const __m128i *)(constants + 4 * group)));
}

// Replaces four words of the schedule, which are used up, by those that come sixteen later.
IN_LINE void extend(__m128i schedule[4], int group) {
    __m128i first = schedule[group & 3], second = schedule[(group + 1) & 3];
    __m128i third = schedule[(group + 2) & 3], fourth = schedule[(group + 3) & 3];
    __m128i sum = _mm_add_epi32(
        _mm_sha256msg1_epu32(first, second), _mm_alignr_epi8(fourth, third, 4));
    schedule[group & 3] = _mm_sha256msg2_epu32(sum, fourth);
}

IN_LINE words add(words one, words other) {
    words sum = {
        _mm_add_epi32(one.abef, other.abef), _mm_add_epi32(one.cdgh, other.cdgh)};
    return sum;
}

int lethe_sha256_is_available(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) != 0;
}

SHA_INSTRUCTIONS void lethe_sha256_compress(void *state, const void *blocks, size_t count) {
    const uint8_t *block = blocks;
    words now = load(state);
    for (; count > 0; count--, block += 64) {
        words before = now;
        __m128i schedule[4];
        read_block(schedule, block);
#pragma unroll
        for (int group = 0; group < 16; group++) {
            __m128i input = round_input(schedule, group);
            now.cdgh = _mm_sha256rnds2_epu32(now.cdgh, now.abef, input);
            now.abef = _mm_sha256rnds2_epu32(now.abef, now.cdgh, _mm_shuffle_epi32(input, 0x0E));
            if (group < 12) extend(schedule, group);
        }
        now = add(now, before);
    }
    store(state, now);
}

SHA_INSTRUCTIONS void lethe_sha256_compress_two(
    void *state, const void *blocks, void *other, const void *other_blocks, size_t count) {
    const uint8_t *block = blocks, *other_block = other_blocks;
    words one = load(state), two = load(other);
    for (; count > 0; count--, block += 64, other_block += 64) {
        words one_before = one, two_before = two;
        __m128i schedule[4], second[4];
        read_block(schedule, block);
        read_block(second, other_block);
#pragma unroll
        for (int group = 0; group < 16; group++) {
            __m128i input = round_input(schedule, group), next = round_input(second, group);
            one.cdgh = _mm_sha256rnds2_epu32(one.cdgh, one.abef, input);
            two.cdgh = _mm_sha256rnds2_epu32(two.cdgh, two.abef, next);
            one.abef = _mm_sha256rnds2_epu32(one.abef, one.cdgh, _mm_shuffle_epi32(input, 0x0E));
            two.abef = _mm_sha256rnds2_epu32(two.abef, two.cdgh, _mm_shuffle_epi32(next, 0x0E));
            if (group < 12) {
                extend(schedule, group);
                extend(second, group);
            }
        }
        one = add(one, one_before);
        two = add(two, two_before);
    }
    store(state, one);
    store(other, two);
}

#else

int lethe_sha256_is_available(void) { return 0; }

void lethe_sha256_compress(void *state, const void *blocks, size_t count) {
    (void)state, (void)blocks, (void)count;
}

void lethe_sha256_compress_two(
    void *state, const void *blocks, void *other, const void *other_blocks, size_t count) {
    (void)state, (void)blocks, (void)other, (void)other_blocks, (void)count;
}

#endif
