import Foundation

/// Runs a program of the system to hear a second opinion.
struct Tool {
    struct Result {
        let status: Int32
        let output: String
    }

    static func exists(_ name: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(name)")
    }

    static func run(
        _ arguments: [String], in folder: URL, input: [UInt8] = []
    ) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let file = folder.appending(path: "stdin-\(UUID().uuidString)")
        try Data(input).write(to: file)
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
    }
}

let hasSSHKeygen = Tool.exists("ssh-keygen")
let hasOpenSSL = Tool.exists("openssl")
let hasGit = Tool.exists("git")
