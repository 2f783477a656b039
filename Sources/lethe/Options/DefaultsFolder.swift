internal import Foundation
internal import LetheRecords

/// Finds the folder with `recipes/` and `policies/` that a new registry starts from.
enum DefaultsFolder {
    /// The folder named, else `$LETHE_DEFAULTS`, else `../share/lethe` beside the executable, else
    /// `registry/` of the source tree that the executable was built in.
    static func find(_ named: String?) throws(LetheError) -> URL {
        if let path = named ?? ProcessInfo.processInfo.environment["LETHE_DEFAULTS"] {
            return URL(fileURLWithPath: path)
        }
        guard let executable = Bundle.main.executableURL?.resolvingSymlinksInPath() else {
            throw missing
        }
        var folder = executable.deletingLastPathComponent()
        let shared = folder.deletingLastPathComponent().appending(path: "share/lethe")
        if isDefaults(shared) { return shared }
        while folder.path != "/" {
            let candidate = folder.appending(path: "registry")
            if isDefaults(candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        throw missing
    }

    private static func isDefaults(_ url: URL) -> Bool {
        ["recipes", "policies"].allSatisfy {
            FileManager.default.fileExists(atPath: url.appending(path: $0).path)
        }
    }

    private static var missing: LetheError {
        LetheError(
            code: .notFound, message: "The folder with recipes and policies was not found.",
            remedy: "Name it with --defaults; it is registry/ in the source tree.")
    }
}
