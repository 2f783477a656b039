// What the codecs share: a failure with its sentence.
#ifndef LETHE_CODEC_FAILURE_H
#define LETHE_CODEC_FAILURE_H

#include "CImageCodecs.h"

#include <stdio.h>

enum { SUCCESS = 0, FAILURE = 1 };

static inline int fail(char *message, const char *text) {
    snprintf(message, LETHE_CODEC_MESSAGE_BYTES, "%s", text);
    return FAILURE;
}

#endif
