// The door to the system's libgit2: Swift sees exactly what this header includes.
#pragma once

#include <git2.h>
#include <git2/sys/commit.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <zlib.h>

// git_libgit2_opts takes variable arguments, which Swift cannot call.

// Objects and references are forced to the disk before they are relied on.
static inline int lethe_git_sync_everything(void) {
    return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
}

// The person's own git configuration plays no part: a library does not read their home folder.
static inline int lethe_git_ignore_configuration(int level) {
    return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
}

// A registry may belong to somebody else; nothing in it is ever executed.
static inline int lethe_git_allow_other_owners(void) {
    return git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
}

// Memory stays flat however long the history is: libgit2's own limits are 256 MiB of cached objects
// and windows of 1 GiB onto packs.
static inline int lethe_git_limit_memory(void) {
    int cache = git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)(4 << 20));
    int window = git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, (size_t)(1 << 20));
    int mapped = git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, (size_t)(16 << 20));
    return cache != 0 ? cache : (window != 0 ? window : mapped);
}

// Linux has syncfs(2); Swift's view of the C library leaves it out.
extern int syncfs(int file_descriptor);

// Begins to write a file's dirty pages to the disk and returns at once (sync_file_range(2) with
// SYNC_FILE_RANGE_WRITE, which Swift's view of the C library leaves out, too).
extern long syscall(long number, ...);
static inline void lethe_start_writeback(int file_descriptor) {
    syscall(SYS_sync_file_range, file_descriptor, 0L, 0L, 2L);
}
