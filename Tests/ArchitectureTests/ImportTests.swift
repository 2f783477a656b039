import Testing

/// The arrow table of docs/ARCHITECTURE.md: what each module may import beyond the system.
private let arrows: [String: Set<String>] = [
    "LetheRecords": ["Crypto"],
    "LetheCertificates": ["LetheRecords", "Crypto"],
    "LetheReports": ["LetheRecords"],
    "LetheModelSigning": ["LetheRecords", "Crypto"],
    "LetheStorage": ["LetheRecords", "CGit2", "CSHA256", "GRDB"],
    "LetheTensor": ["LetheRecords", "CTorchShim"],
    "LetheVision": ["LetheRecords", "LetheTensor", "CImageCodecs"],
    "LetheForgetting": ["LetheRecords", "LetheTensor", "LetheVision", "Logging"],
    "LetheVerification": [
        "LetheRecords", "LetheReports", "LetheTensor", "LetheVision", "Logging",
    ],
    "LetheRegistry": ["LetheRecords", "LetheCertificates", "LetheStorage", "Logging"],
    "LethePages": ["LetheRecords"],
    "LetheServer": [
        "LetheRecords", "LetheCertificates", "LetheReports", "LethePages", "LetheRegistry",
        "Hummingbird", "HummingbirdCore", "HummingbirdTLS", "HTTPTypes", "NIOCore", "NIOHTTP1",
        "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "NIOSSL", "ServiceLifecycle", "Logging",
    ],
    "LetheAudit": [
        "LetheRecords", "LetheCertificates", "LetheReports", "LethePages", "LetheStorage",
        "LetheRegistry",
    ],
    "LetheBuckets": ["LetheRecords", "Crypto"],
    "LetheCommandLine": ["LetheRecords", "LetheRegistry", "ArgumentParser"],
    "lethe-audit": [
        "LetheRecords", "LetheRegistry", "LetheAudit", "LetheCommandLine", "ArgumentParser",
    ],
    "lethe-server": [
        "LetheRecords", "LetheRegistry", "LetheServer", "LetheCommandLine", "ArgumentParser",
    ],
    "lethe-remote": [
        "LetheRecords", "LetheBuckets", "LetheRegistry", "LetheCommandLine", "ArgumentParser",
        "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOSSL",
    ],
    "lethe": [
        "LetheRecords", "LetheCertificates", "LetheReports", "LetheStorage", "LetheTensor",
        "LetheVision", "LetheForgetting", "LetheVerification", "LetheRegistry",
        "LetheModelSigning", "LetheCommandLine", "ArgumentParser", "Logging",
    ],
]

/// What comes with Swift and the operating system; every module may use it.
private let system: Set<String> = [
    "Foundation", "FoundationEssentials", "Dispatch", "Synchronization", "Glibc",
]

/// Modules of C, C++ and module maps, which have no Swift in them.
private let cModules: Set<String> = [
    "CGit2", "CGit2Start", "CImageCodecs", "CSHA256", "CTorchShim", "TorchShim",
]

@Suite("The arrows between modules")
struct ImportTests {
    static let sources = SourceFile.sources

    @Test("Every import follows the arrow table")
    func everyImportFollowsTheTable() {
        #expect(!Self.sources.isEmpty)
        for file in Self.sources {
            for wrong in Self.wrongImports(in: file) {
                Issue.record("\(file) imports \(wrong), which \(file.module) may not")
            }
        }
    }

    @Test("Every module of the table exists, and no module is missing from it")
    func tableIsComplete() {
        let found = Set(Self.sources.map(\.module))
        #expect(found.subtracting(cModules) == Set(arrows.keys))
    }

    @Test("The table has no way from the judge to the engine, nor from the certificates to torch")
    func forbiddenWays() {
        #expect(!Self.reached(from: "LetheVerification").contains("LetheForgetting"))
        #expect(!Self.reached(from: "LetheForgetting").contains("LetheVerification"))
        #expect(
            Self.reached(from: "LetheCertificates") == ["LetheRecords", "Crypto"],
            "a certificate is checked without torch and without git")
        let registry = Self.reached(from: "LetheRegistry")
        let heavy: Set = ["LetheForgetting", "LetheVerification", "LetheTensor", "CTorchShim"]
        #expect(registry.isDisjoint(with: heavy))
        #expect(
            Self.reached(from: "lethe-audit").isDisjoint(with: heavy),
            "an auditor needs neither torch nor the engine nor the judge")
        let server = Self.reached(from: "lethe-server")
        #expect(server.isDisjoint(with: heavy))
        let lethe = Self.reached(from: "lethe")
        #expect(
            lethe.isDisjoint(with: ["FoundationNetworking", "AsyncHTTPClient", "NIOCore"]),
            "a command that asks nobody starts without an HTTP client")
        #expect(
            !lethe.contains("Hummingbird"),
            "a command that serves nobody starts without an HTTP server")
        #expect(Self.reached(from: "lethe-remote").isDisjoint(with: heavy))
    }

    @Test("Of the client of a server only the transport knows the outside HTTP library")
    func transport() {
        let outside = /import (AsyncHTTPClient|NIO\w+|FoundationNetworking)/
        let files = Self.sources.filter { $0.module == "lethe-remote" }
        #expect(
            files.filter { $0.code.contains(outside) }.map(\.path)
                == ["Sources/lethe-remote/Transport.swift"])
    }

    @Test("The reader of imports sees every spelling, and none in a comment or string")
    func readsImports() {
        let file = SourceFile(
            path: "Sources/LetheCertificates/X.swift",
            text: """
                public import LetheStorage
                @preconcurrency internal import struct LetheTensor.Tensor
                  import func Glibc.open; import GRDB
                // import LetheVision
                let text = "import Logging"
                internal import LetheRecords
                """)
        #expect(Self.wrongImports(in: file) == ["LetheStorage", "LetheTensor", "GRDB"])
    }

    static func wrongImports(in file: SourceFile) -> [String] {
        let allowed = system.union(arrows[file.module] ?? [])
        let line =
            /\bimport\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias|actor)\s+)?(\w+)/
        return file.code.matches(of: line).map { String($0.output.1) }
            .filter { !allowed.contains($0) }
    }

    static func reached(from module: String) -> Set<String> {
        let next = arrows[module] ?? []
        return next.reduce(into: next) { $0.formUnion(reached(from: $1)) }
    }
}
