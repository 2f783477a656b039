import Foundation
import Testing

/// The object files that this build made for a module; nil where the build system keeps none.
private func objects(of module: String) -> [URL]? {
    let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()
    let folder = products.appending(path: "\(module).build")
    let files = try? FileManager.default.subpathsOfDirectory(atPath: folder.path)
    let objects = (files ?? []).filter { $0.hasSuffix(".o") }.map { folder.appending(path: $0) }
    return objects.isEmpty ? nil : objects
}

private let hasObjects = objects(of: "LetheCertificates") != nil

@Suite("What the checker of certificates links")
struct LinkTests {
    @Test(
        "Its objects ask for no symbol of torch, git, SQLite or another module of Lethe",
        .enabled(if: hasObjects, "needs the object files of a SwiftPM build"))
    func linksNeitherTorchNorGit() throws {
        let symbols = try Self.undefinedSymbols(
            (objects(of: "LetheCertificates") ?? []) + (objects(of: "LetheRecords") ?? []))
        #expect(symbols.contains { $0.contains("6Crypto") }, "nm shows what is linked")
        let forbidden =
            /^(?:git_|sqlite3_|lethe_|_ZN2at|_ZN3c10|_ZN5torch|\$s\d+Lethe(?!Records|Certificates))/
        let wrong = symbols.filter { $0.contains(forbidden) }
        #expect(wrong.isEmpty)
    }

    @Test(
        "The auditor's modules ask for no symbol of torch, the engine or the judge",
        .enabled(if: hasObjects, "needs the object files of a SwiftPM build"))
    func auditorLinksNoTorch() throws {
        let modules = [
            "LetheAudit", "LethePages", "LetheRegistry", "LetheStorage", "LetheReports",
            "LetheCertificates", "LetheRecords",
        ]
        let found = modules.map { objects(of: $0) ?? [] } + [objects(of: "lethe_audit") ?? []]
        #expect(found.allSatisfy { !$0.isEmpty })
        let symbols = try Self.undefinedSymbols(found.flatMap { $0 })
        let forbidden =
            /^(?:lethe_torch|_ZN2at|_ZN3c10|_ZN5torch|\$s\d+Lethe(?:Tensor|Vision|Forgetting|Verification))/
        #expect(symbols.filter { $0.contains(forbidden) }.isEmpty)
    }

    static func undefinedSymbols(_ objects: [URL]) throws -> Set<String> {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["nm", "-u", "-j"] + objects.map(\.path)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return Set(String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init))
    }
}
