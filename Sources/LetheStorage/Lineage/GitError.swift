internal import CGit2
internal import LetheRecords

/// Turns a libgit2 return code into an error.
///
/// libgit2 keeps the text of the last error for each thread, so it is read at once, on the thread
/// of the call (libgit2 `docs/threading.md`).
enum GitError {
    /// Throws if `code` says that the call failed.
    static func check(_ code: CInt, doing what: String) throws(LetheError) {
        guard code < 0 else { return }
        let (text, isDamage) = last()
        throw error(code, text: text, isDamage: isDamage, doing: what)
    }

    /// Maps a return code and libgit2's own text; touches no repository.
    ///
    /// - Parameter isDamage: Whether the failing part of libgit2 is the one that reads objects.
    static func error(
        _ code: CInt, text: String, isDamage: Bool = false, doing what: String
    ) -> LetheError {
        let message = "Could not \(what): \(text)."
        if text.contains("No space left on device") || text.contains("Disk quota exceeded") {
            return LetheError(
                code: .diskFull, message: message,
                remedy: "Free some space and run the same command again; nothing was changed.")
        }
        if text.contains("Read-only file system") || text.contains("Permission denied") {
            return LetheError(
                code: .io, message: message,
                remedy: "Make the registry writable, or work on a copy of it.")
        }
        return switch code {
        case GIT_ENOTFOUND.rawValue: LetheError(code: .notFound, message: message)
        case GIT_EEXISTS.rawValue: LetheError(code: .alreadyExists, message: message)
        case GIT_ELOCKED.rawValue, GIT_EMODIFIED.rawValue:
            LetheError(
                code: .conflict, message: message,
                remedy: "Another program is writing; run the same command again. If none is, "
                    + "remove the .lock file that is named above.")
        case GIT_EINVALIDSPEC.rawValue: LetheError(code: .invalidArgument, message: message)
        case _ where isDamage || code == GIT_EMISMATCH.rawValue:
            LetheError(
                code: .integrity, message: message,
                remedy: "Run lethe fsck; restore the git object from another copy.")
        default:
            LetheError(code: .io, message: message, remedy: "Run lethe fsck to see what is wrong.")
        }
    }

    private static func last() -> (text: String, isDamage: Bool) {
        guard let last = unsafe git_error_last(), let text = unsafe last.pointee.message else {
            return ("no reason was given", false)
        }
        let parts = [GIT_ERROR_ZLIB, GIT_ERROR_ODB, GIT_ERROR_OBJECT, GIT_ERROR_SHA]
        let isDamage = parts.contains { unsafe CInt($0.rawValue) == last.pointee.klass }
        return unsafe (String(cString: text), isDamage)
    }
}
