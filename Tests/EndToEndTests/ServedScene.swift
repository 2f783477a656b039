import Foundation
import Glibc
import LetheRecords
import TestSupport
import Testing

/// `lethe serve` beside the test, as an operator starts it.
final class ServedScene {
    let port: Int
    /// Opens everything but `admin`.
    let token: String
    private let process = Process()

    init(_ scene: Scene, isPublic: Bool = true) throws {
        let words = ["read", "publish", "forget", "certify"].flatMap { ["--scope", $0] }
        let name = "staff-\(UInt32.random(in: .min ... .max))"
        token = try #require(
            try scene.json(["token", "add", name] + words)["token"]?.stringValue)
        process.executableURL = Scene.lethe
        process.arguments =
            [
                "serve", "--port", "0", "--uncertified", "--json",
            ] + (isPublic ? ["--public"] : [])
        process.environment = scene.environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var said = Data()
        var found: Int?
        while found == nil {
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "the server did not start")
            said += more
            found = (try? StrictJSON.parse(Array(said)))?["port"]?.integerValue
        }
        port = try #require(found)
    }

    deinit { stop(SIGKILL) }

    /// Sends a signal, and waits for the end.
    func stop(_ signal: Int32) {
        if process.isRunning { _ = Glibc.kill(process.processIdentifier, signal) }
        process.waitUntilExit()
    }
}

extension Scene {
    /// Makes the registry with a model of which two classes are forgotten and certified to be.
    func prepare(_ folder: URL?, as name: String) throws {
        let defaults = Locations.package.appending(path: "registry").path
        for answer in [
            try run("init", root.path, "--defaults", defaults),
            try run("publish", name, (folder ?? model).path, "--quiet"),
            try run("dataset", "add", "images", images.path, "--quiet"),
        ] { try #require(answer.status == 0, "\(answer.errors)") }
        let report = try json("verify", name, "--dataset", "images", "--policy", path("lax"))
        // A class that the untrained model never answers: no certificate depends on luck then.
        let unknown = (report["classes"]?.arrayValue ?? [])
            .first { $0["correctCount"]?.integerValue == 0 }
        let label = try #require(unknown?["label"]?.integerValue)
        for answer in [
            try run(
                "forget", name, "--dataset", "images", "--class", String(label), "--recipe",
                path("quick"), "--quiet"),
            try run("certify", name, "--policy", path("lax"), "--quiet"),
        ] { try #require(answer.status == 0, "\(answer.output)\(answer.errors)") }
    }
}
