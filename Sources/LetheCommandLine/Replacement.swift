internal import Foundation
internal import Glibc
public import LetheRecords
internal import LetheRegistry

/// Another executable in the place of this one: the same process, terminal and exit code.
///
/// What only few commands need, such as an HTTP server, is linked into an executable of its own, so
/// that all others start sooner.
public enum Replacement {
    /// Becomes the executable that lies beside this one.
    ///
    /// - Parameters:
    ///   - name: Its name, such as `lethe-server`.
    ///   - arguments: What comes after the name.
    /// - Throws: `notFound` if it is not there; `io` if it cannot be run.
    public static func become(_ name: String, _ arguments: [String]) throws(LetheError) -> Never {
        let program = try SiblingProgram.path(name)
        fflush(nil)
        resetSignals()
        var words = unsafe ([program] + arguments).map { unsafe strdup($0) }
        unsafe words.append(nil)
        _ = unsafe execv(program, words)
        let reason = errno
        unsafe words.forEach { unsafe free($0) }
        throw LetheError(
            code: .io, message: "\(program) cannot be run (error \(reason)).",
            remedy: "Put an executable for this machine there.")
    }

    /// An executable inherits which signals are ignored and blocked; the new one decides anew.
    private static func resetSignals() {
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
    }
}
