// The door to the system's libgit2: Swift sees exactly what this header includes.
#pragma once

#include <git2.h>
#include <git2/sys/commit.h>
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

// Linux has syncfs(2); Swift's view of the C library leaves it out.
extern int syncfs(int file_descriptor);
