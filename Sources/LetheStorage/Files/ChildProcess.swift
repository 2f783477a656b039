public import Foundation
internal import Glibc
public import LetheRecords

/// Another program that gets three open files of this one; all others are closed when it starts, as
/// everything here is opened (O_CLOEXEC).
///
/// Foundation's `Process` takes a program that closes the files it does not know, as ssh does, for
/// one that has ended; then it sees the end of no other one. Here the kernel is asked, from
/// whichever thread (posix_spawn, waitpid, POSIX.1-2024).
public final class ChildProcess {
    private let id: pid_t
    private var code: Int32?

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: A path, or the name of a program in `PATH`.
    ///   - environment: All that the program gets of it.
    ///   - input: Its standard input; this process keeps it open, too, until it closes it.
    ///   - output: Its standard output, likewise.
    ///   - errors: Its standard error, likewise.
    /// - Throws: `notFound` if it cannot be started.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String],
        input: FileHandle, output: FileHandle, errors: FileHandle
    ) throws(LetheError) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in [input, output, errors].enumerated() {
            unsafe posix_spawn_file_actions_adddup2(
                &actions, file.fileDescriptor, Int32(number))
        }
        var attributes = Self.usualSignals()
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        let words = unsafe Self.copy([program] + arguments)
        let settings = unsafe Self.copy(environment.map { "\($0.key)=\($0.value)" })
        defer { unsafe (words + settings).forEach { unsafe free($0) } }
        var id: pid_t = 0
        let failure = withExtendedLifetime((input, output, errors)) {
            unsafe posix_spawnp(&id, program, &actions, &attributes, words, settings)
        }
        guard failure == 0 else {
            throw LetheError(
                code: .notFound,
                message: "\(program) could not be started: "
                    + "\(unsafe String(cString: strerror(failure))).",
                remedy: "Install it.")
        }
        self.id = id
    }

    /// Waits until it has ended.
    ///
    /// - Returns: the exit status; 128 and the signal's number if a signal ended it.
    public func wait() -> Int32 {
        if let code { return code }
        var status: Int32 = 0
        while unsafe waitpid(id, &status, 0) == -1, errno == EINTR {}
        let signal = status & 0x7F
        let found = signal == 0 ? status >> 8 & 0xFF : 128 + signal
        code = found
        return found
    }

    /// No signal is blocked and SIGPIPE is not ignored, whatever this thread and this process do.
    private static func usualSignals() -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        return attributes
    }

    /// Copies for C, with the nil at the end that it looks for.
    private static func copy(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        unsafe texts.map { unsafe strdup($0) } + [nil]
    }
}
