// PNG by libpng.
#include "codec_failure.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const uint8_t *bytes;
    size_t remaining;
    char *message;
} png_source;

static void png_take(png_structp decoder, png_bytep target, size_t count) {
    png_source *source = png_get_io_ptr(decoder);
    if (count > source->remaining) png_error(decoder, "the file ends early");
    memcpy(target, source->bytes, count);
    source->bytes += count;
    source->remaining -= count;
}

static void png_fail(png_structp decoder, png_const_charp text) {
    fail(((png_source *)png_get_error_ptr(decoder))->message, text);
    png_longjmp(decoder, 1);
}

static void png_silence(png_structp decoder, png_const_charp text) {
    (void)decoder;
    (void)text;
}

static png_structp png_prepare(png_source *source) {
    png_structp decoder =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, source, png_fail, png_silence);
    if (decoder == NULL) return NULL;
    png_set_user_limits(decoder, 1u << 20, 1u << 20);
    png_set_chunk_cache_max(decoder, 64);
    png_set_chunk_malloc_max(decoder, 8u << 20);
    png_set_read_fn(decoder, source, png_take);
    return decoder;
}

static uint32_t png_channels(png_structp decoder, png_infop info) {
    int type = png_get_color_type(decoder, info);
    return type == PNG_COLOR_TYPE_GRAY || type == PNG_COLOR_TYPE_GRAY_ALPHA ? 1 : 3;
}

int lethe_png_header(
    const uint8_t *bytes, size_t length, lethe_image_header *header, char *message) {
    png_source source = {bytes, length, message};
    png_structp decoder = png_prepare(&source);
    png_infop info = decoder ? png_create_info_struct(decoder) : NULL;
    if (info == NULL) {
        png_destroy_read_struct(&decoder, NULL, NULL);
        return fail(message, "out of memory");
    }
    if (setjmp(png_jmpbuf(decoder))) {
        png_destroy_read_struct(&decoder, &info, NULL);
        return FAILURE;
    }
    png_read_info(decoder, info);
    header->width = png_get_image_width(decoder, info);
    header->height = png_get_image_height(decoder, info);
    header->channels = png_channels(decoder, info);
    png_destroy_read_struct(&decoder, &info, NULL);
    return SUCCESS;
}

// Grey or RGB of 8 bits, with alpha where the file has any transparency.
static void png_set_plain_output(png_structp decoder, png_infop info) {
    if (png_get_bit_depth(decoder, info) == 16) png_set_strip_16(decoder);
    png_set_expand(decoder);
    png_set_interlace_handling(decoder);
    png_read_update_info(decoder, info);
}

// Blends with white in Pillow's integer arithmetic: 7 extra bits, division by 255 with rounding.
static void blend_with_white(
    const uint8_t *source, uint8_t *target, size_t pixels, uint32_t channels) {
    for (size_t i = 0; i < pixels; i++, source += channels + 1, target += channels) {
        uint32_t alpha = source[channels];
        for (uint32_t channel = 0; channel < channels; channel++) {
            uint32_t sum = (source[channel] * alpha + 255 * (255 - alpha) + 128) << 7;
            target[channel] = (uint8_t)(((((sum >> 8) + sum) >> 8)) >> 7);
        }
    }
}

int lethe_png_decode(
    const uint8_t *bytes, size_t length, uint8_t *pixels, size_t capacity, char *message) {
    png_source source = {bytes, length, message};
    png_structp decoder = png_prepare(&source);
    png_infop info = decoder ? png_create_info_struct(decoder) : NULL;
    png_bytep *volatile rows = NULL;
    uint8_t *volatile blended = NULL;
    if (info == NULL) {
        png_destroy_read_struct(&decoder, NULL, NULL);
        return fail(message, "out of memory");
    }
    if (setjmp(png_jmpbuf(decoder))) {
        png_destroy_read_struct(&decoder, &info, NULL);
        free((void *)rows);
        free(blended);
        return FAILURE;
    }
    png_read_info(decoder, info);
    size_t width = png_get_image_width(decoder, info);
    size_t height = png_get_image_height(decoder, info);
    uint32_t channels = png_channels(decoder, info);
    png_set_plain_output(decoder, info);
    int hasAlpha = png_get_channels(decoder, info) == channels + 1;
    size_t stride = width * (channels + (hasAlpha ? 1 : 0));
    if (png_get_rowbytes(decoder, info) != stride || capacity / (width * channels) < height) {
        png_error(decoder, "the rows are not as long as the header says");
    }
    rows = malloc(height * sizeof *rows);
    if (hasAlpha) blended = malloc(stride * height);
    if (rows == NULL || (hasAlpha && blended == NULL)) png_error(decoder, "out of memory");
    for (size_t y = 0; y < height; y++) rows[y] = (hasAlpha ? blended : pixels) + y * stride;
    png_read_image(decoder, rows);
    png_destroy_read_struct(&decoder, &info, NULL);
    if (hasAlpha) blend_with_white(blended, pixels, width * height, channels);
    free((void *)rows);
    free(blended);
    return SUCCESS;
}
