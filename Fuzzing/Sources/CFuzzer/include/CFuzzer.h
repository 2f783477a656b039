// The entry of libFuzzer (clang_rt.fuzzer) for programs that bring their own main.
#ifndef LETHE_FUZZER_H
#define LETHE_FUZZER_H

#include <stddef.h>
#include <stdint.h>

/// Runs `callback` on input after input, by the flags in `argv`; see llvm.org/docs/LibFuzzer.html.
int LLVMFuzzerRunDriver(
    int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

#endif
