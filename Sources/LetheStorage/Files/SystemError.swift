internal import Glibc
internal import LetheRecords

/// Turns what the operating system says into an error that a person can act upon.
enum SystemError {
    /// Maps an error number (errno(3)) to code, message and remedy; touches no disk.
    static func error(_ number: CInt, doing what: String, path: String) -> LetheError {
        let failed = "Could not \(what) \(path)"
        return switch number {
        case ENOSPC, EDQUOT:
            LetheError(
                code: .diskFull, message: "\(failed): the disk is full.",
                remedy: "Free some space and run the same command again; nothing was changed.")
        case EROFS:
            LetheError(
                code: .io, message: "\(failed): the file system is read-only.",
                remedy: "Mount it writable, or copy the registry to where it can be written.")
        case EACCES, EPERM:
            LetheError(
                code: .io, message: "\(failed): permission denied.",
                remedy: "Run as the owner of the registry, or correct the permissions of \(path).")
        case ENOENT:
            LetheError(code: .notFound, message: "\(failed): it does not exist.")
        case EEXIST, ENOTEMPTY:
            LetheError(
                code: .alreadyExists, message: "\(failed): it exists.",
                remedy: "Choose another name, or remove it first.")
        case ELOOP:
            LetheError(
                code: .refused, message: "\(failed): it is a symbolic link.",
                remedy: "Remove the link; Lethe does not write or read through links.")
        case ENOTDIR:
            LetheError(code: .io, message: "\(failed): it is not a folder.")
        case EISDIR:
            LetheError(code: .io, message: "\(failed): it is a folder.")
        case EMFILE, ENFILE:
            LetheError(
                code: .io, message: "\(failed): too many files are open.",
                remedy: "Raise the limit (ulimit -n) and run the same command again.")
        case EIO:
            LetheError(
                code: .io, message: "\(failed): the device reported an input/output error.",
                remedy: "Check the disk, then run lethe fsck.")
        default:
            LetheError(code: .io, message: "\(failed): \(text(number)).")
        }
    }

    /// The error of a registry that was opened for reading only.
    static func readOnly(_ root: String) -> LetheError {
        LetheError(
            code: .io, message: "The registry \(root) is read-only: it cannot be changed here.",
            remedy: "Make it writable, or work on a copy of it.")
    }

    private static func text(_ number: CInt) -> String {
        guard let words = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: words)
    }
}
