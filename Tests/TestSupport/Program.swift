public import Foundation

/// Another program of this machine, run to its end.
public struct Program: Sendable {
    /// The exit status; the number of the signal if one ended it.
    public let status: Int32
    /// Whether a signal ended it.
    public let wasKilled: Bool
    /// What it wrote to standard output.
    public let output: String
    /// What it wrote to standard error.
    public let errors: String

    /// Where a program of that name is installed; nil if it is not.
    public static func path(of name: String) -> URL? {
        ["/usr/bin", "/usr/local/bin", "/bin", "/usr/sbin", "/sbin"]
            .map { URL(fileURLWithPath: "\($0)/\(name)") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// Whether all these programs are installed.
    public static func has(_ names: String...) -> Bool { names.allSatisfy { path(of: $0) != nil } }

    /// Runs an installed program by name.
    public static func run(
        _ name: String, _ arguments: [String], in folder: URL,
        environment: [String: String] = [:]
    ) throws -> Program {
        guard let program = path(of: name) else { throw CocoaError(.fileNoSuchFile) }
        return try run(program, arguments, in: folder, environment: environment)
    }

    /// Runs a program in a clean environment, whose home is `folder`.
    public static func run(
        _ program: URL, _ arguments: [String], in folder: URL,
        environment: [String: String] = [:]
    ) throws -> Program {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = [
            "HOME": folder.path, "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1",
        ].merging(environment) { $1 }
        let output = Pipe()
        // A file, not a second pipe, so that neither can fill up while the other is read.
        let errors = folder.appending(path: ".errors-\(UUID().uuidString)")
        try Data().write(to: errors)
        defer { try? FileManager.default.removeItem(at: errors) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        let written = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Program(
            status: process.terminationStatus,
            wasKilled: process.terminationReason == .uncaughtSignal,
            output: String(decoding: written, as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
}
