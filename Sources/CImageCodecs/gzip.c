// gzip by zlib.
#include "codec_failure.h"

#include <string.h>
#include <zlib.h>

int lethe_gunzip(
    const uint8_t *bytes, size_t length, uint8_t *output, size_t capacity, size_t *written,
    int *finished, char *message) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return fail(message, "out of memory");
    const size_t step = 1u << 30;  // zlib counts in 32 bits
    size_t taken = 0, filled = 0;
    int status = Z_OK;
    while (status == Z_OK && filled < capacity) {
        stream.next_in = (Bytef *)(bytes + taken);
        stream.avail_in = (uInt)(length - taken < step ? length - taken : step);
        stream.next_out = output + filled;
        stream.avail_out = (uInt)(capacity - filled < step ? capacity - filled : step);
        status = inflate(&stream, Z_NO_FLUSH);
        taken = (size_t)(stream.next_in - bytes);
        filled = (size_t)(stream.next_out - output);
    }
    // The end of the member may only show once there is room for one more byte.
    if (status == Z_OK) {
        uint8_t spare;
        stream.next_out = &spare;
        stream.avail_out = 1;
        stream.avail_in = (uInt)(length - taken < step ? length - taken : step);
        int last = inflate(&stream, Z_NO_FLUSH);
        if (last == Z_STREAM_END && stream.avail_out == 1) status = Z_STREAM_END;
    }
    *written = filled;
    *finished = status == Z_STREAM_END;
    int failed = status != Z_OK && status != Z_STREAM_END;
    if (failed) {
        fail(message, status == Z_BUF_ERROR ? "the file ends early"
                      : stream.msg != NULL   ? stream.msg
                                             : "not a gzip file");
    }
    inflateEnd(&stream);
    return failed ? FAILURE : SUCCESS;
}
