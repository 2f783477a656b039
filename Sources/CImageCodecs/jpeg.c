// JPEG by libjpeg-turbo.
#include "codec_failure.h"

// libjpeg's header needs FILE and size_t but does not include them.
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

// A progressive file may hold thousands of scans that each touch every pixel.
enum { MAXIMUM_SCANS = 500 };

typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf escape;
    char text[JMSG_LENGTH_MAX];
} jpeg_failure;

static void jpeg_fail(j_common_ptr decoder) {
    jpeg_failure *failure = (jpeg_failure *)decoder->err;
    failure->base.format_message(decoder, failure->text);
    longjmp(failure->escape, 1);
}

// Most warnings concern data that every decoder repairs alike; a file that ends early would be
// filled up with grey, and that is a lost image.
static void jpeg_warn(j_common_ptr decoder, int level) {
    if (level < 0 && decoder->err->msg_code == JWRN_JPEG_EOF) jpeg_fail(decoder);
}

static void jpeg_silence(j_common_ptr decoder) { (void)decoder; }

static void jpeg_watch(j_common_ptr decoder) {
    if (decoder->is_decompressor
        && ((j_decompress_ptr)decoder)->input_scan_number > MAXIMUM_SCANS) {
        jpeg_failure *failure = (jpeg_failure *)decoder->err;
        snprintf(failure->text, sizeof failure->text, "more than %d scans", MAXIMUM_SCANS);
        longjmp(failure->escape, 1);
    }
}

static void jpeg_prepare(struct jpeg_decompress_struct *decoder, jpeg_failure *failure) {
    memset(decoder, 0, sizeof *decoder);
    memset(failure, 0, sizeof *failure);
    decoder->err = jpeg_std_error(&failure->base);
    failure->base.error_exit = jpeg_fail;
    failure->base.emit_message = jpeg_warn;
    failure->base.output_message = jpeg_silence;
}

static uint32_t jpeg_channels(const struct jpeg_decompress_struct *decoder) {
    return decoder->jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
}

int lethe_jpeg_header(
    const uint8_t *bytes, size_t length, lethe_image_header *header, char *message) {
    struct jpeg_decompress_struct decoder;
    jpeg_failure failure;
    jpeg_prepare(&decoder, &failure);
    if (setjmp(failure.escape)) {
        jpeg_destroy_decompress(&decoder);
        return fail(message, failure.text);
    }
    jpeg_create_decompress(&decoder);
    jpeg_mem_src(&decoder, bytes, length);
    jpeg_read_header(&decoder, TRUE);
    header->width = decoder.image_width;
    header->height = decoder.image_height;
    header->channels = jpeg_channels(&decoder);
    jpeg_destroy_decompress(&decoder);
    return SUCCESS;
}

// Adobe writes CMYK inverted, and so does every file in practice: the stored value is 255 - ink.
static void inverted_cmyk_to_rgb(const uint8_t *source, uint8_t *target, uint32_t width) {
    for (uint32_t x = 0; x < width; x++, source += 4, target += 3) {
        for (int channel = 0; channel < 3; channel++) {
            uint32_t product = (uint32_t)(255 - source[channel]) * source[3] + 128;
            int value = source[3] - (int)(((product >> 8) + product) >> 8);
            target[channel] = value < 0 ? 0 : (uint8_t)value;
        }
    }
}

int lethe_jpeg_decode(
    const uint8_t *bytes, size_t length, uint8_t *pixels, size_t capacity, char *message) {
    struct jpeg_decompress_struct decoder;
    struct jpeg_progress_mgr progress;
    jpeg_failure failure;
    uint8_t *volatile inks = NULL;
    jpeg_prepare(&decoder, &failure);
    if (setjmp(failure.escape)) {
        jpeg_destroy_decompress(&decoder);
        free(inks);
        return fail(message, failure.text);
    }
    jpeg_create_decompress(&decoder);
    memset(&progress, 0, sizeof progress);
    progress.progress_monitor = jpeg_watch;
    decoder.progress = &progress;
    jpeg_mem_src(&decoder, bytes, length);
    jpeg_read_header(&decoder, TRUE);
    int isInked =
        decoder.jpeg_color_space == JCS_CMYK || decoder.jpeg_color_space == JCS_YCCK;
    uint32_t channels = jpeg_channels(&decoder);
    decoder.out_color_space = isInked ? JCS_CMYK : channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    size_t stride = (size_t)decoder.image_width * channels;
    if (capacity / stride < decoder.image_height) {
        jpeg_destroy_decompress(&decoder);
        return fail(message, "the buffer is smaller than the image");
    }
    if (isInked) {
        inks = malloc((size_t)decoder.image_width * 4);
        if (inks == NULL) {
            jpeg_destroy_decompress(&decoder);
            return fail(message, "out of memory");
        }
    }
    jpeg_start_decompress(&decoder);
    while (decoder.output_scanline < decoder.output_height) {
        JSAMPROW target = pixels + stride * decoder.output_scanline;
        JSAMPROW row = isInked ? (JSAMPROW)inks : target;
        if (jpeg_read_scanlines(&decoder, &row, 1) == 1 && isInked) {
            inverted_cmyk_to_rgb(row, target, decoder.image_width);
        }
    }
    // No jpeg_finish_decompress: all rows are here, and what follows them does not matter.
    jpeg_destroy_decompress(&decoder);
    free(inks);
    return SUCCESS;
}
