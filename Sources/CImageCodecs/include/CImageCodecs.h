// JPEG, PNG and gzip behind plain functions: libjpeg and libpng report errors by longjmp, which
// must not cross Swift frames, so every jump starts and ends in one C file.
#ifndef LETHE_IMAGE_CODECS_H
#define LETHE_IMAGE_CODECS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a file says about itself before any pixel is decoded.
typedef struct {
    uint32_t width;
    uint32_t height;
    /// Channels after decoding: 1 for grey, 3 for everything else.
    uint32_t channels;
} lethe_image_header;

/// How long a message can be, its terminating zero included.
#define LETHE_CODEC_MESSAGE_BYTES 256

/// All functions return 0 when they succeed; otherwise `message` (of LETHE_CODEC_MESSAGE_BYTES)
/// holds the library's own sentence. Pixels are interleaved, 8 bits, row by row from the top.

int lethe_jpeg_header(
    const uint8_t *bytes, size_t length, lethe_image_header *header, char *message);

/// Decodes into `pixels`, whose capacity must be width * height * channels of the header.
int lethe_jpeg_decode(
    const uint8_t *bytes, size_t length, uint8_t *pixels, size_t capacity, char *message);

int lethe_png_header(
    const uint8_t *bytes, size_t length, lethe_image_header *header, char *message);

/// Transparency is blended with white; palettes and low bit depths are expanded; of 16 bits the
/// high byte is kept.
int lethe_png_decode(
    const uint8_t *bytes, size_t length, uint8_t *pixels, size_t capacity, char *message);

/// Inflates the first member of a gzip file until it ends or `capacity` bytes are written.
/// `finished` tells whether the member ended within the capacity.
int lethe_gunzip(
    const uint8_t *bytes, size_t length, uint8_t *output, size_t capacity, size_t *written,
    int *finished, char *message);

#ifdef __cplusplus
}
#endif

#endif
