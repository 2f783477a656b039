import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

/// `remotes` and `remote-state` among schemas/v1/vectors, which scripts/check-schemas checks with
/// JSON Schema.
@Suite("Vectors and addresses of remotes")
struct RemoteVectorTests {
    @Test("Valid ones are read, and written again byte for byte; every invalid one is refused")
    func vectors() throws {
        try expect("remotes", RemoteBook.self)
        try expect("remote-state", RemoteState.self)
    }

    private func expect<Document: Record>(_ name: String, _ type: Document.Type) throws {
        for (file, bytes) in try documents("valid", name) {
            #expect(try Document.read(canonical: bytes).canonicalBytes() == bytes, "\(file)")
        }
        let invalid = try documents("invalid", name)
        #expect(invalid.count >= 8)
        for (file, bytes) in invalid {
            #expect(throws: LetheError.self, "\(name)/\(file)") {
                try Document.read(canonical: bytes)
            }
        }
    }

    private func documents(
        _ kind: String, _ name: String
    ) throws -> [(name: String, bytes: [UInt8])] {
        let folder = Locations.package.appending(path: "schemas/v1/vectors/\(kind)/\(name)")
        return try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil
        ).map { ($0.lastPathComponent, [UInt8](try Data(contentsOf: $0))) }
    }

    @Test("An address with a password, or that could be read as an option of ssh, is none")
    func addresses() throws {
        for text in ["ssh://vault.example/srv/models", "ssh://lethe@vault.example:2222/srv/it's"] {
            #expect(try RemoteAddress(text).text == text)
        }
        #expect(try RemoteAddress("file:///srv/models") == RemoteAddress("/srv/models"))
        for text in [
            "", "ssh://-oProxyCommand=id/x", "ssh://-l@host/x", "ssh://host", "ssh://host/",
            "ssh:///x", "ssh://host/x?y", "ssh://host/a%0Ab", "ssh://ho%20st/x", "https://",
            "https:///x", "https://host/x?token=1", "https://host/x#y", "https://ho st/x",
            "ftp://host/x", "s3://bucket/x", "file://host/x",
        ] {
            let error = #expect(throws: LetheError.self, "\(text)") { try RemoteAddress(text) }
            #expect(error?.code == .invalidArgument, "\(text)")
        }
        for text in [
            "https://models.example", "https://models.example:8443/lethe/", "http://127.0.0.1:8080",
        ] { #expect(try RemoteAddress(text).text == text) }
        for text in [
            "ssh://me:secret@host/x", "https://me:secret@host/x", "https://secret@host/x",
        ] {
            let error = #expect(throws: LetheError.self) { try RemoteAddress(text) }
            #expect(error?.code == .refused && error?.description.contains("secret") == false)
        }
    }

    @Test("A bucket is one only with a lineage, and neither address can hold a secret or a program")
    func buckets() throws {
        for text in ["s3://models", "s3://models/team/a.b_C-1"] {
            let address = try RemoteAddress(text, lineage: "https://git.example/team.git")
            #expect(address.text == text)
        }
        #expect(
            try RemoteAddress("s3://models/team/", lineage: "team.git").text == "s3://models/team")
        for (text, lineage) in [
            ("s3://m/x", "/l"), ("s3://Models/x", "/l"), ("s3://models/../x", "/l"),
            ("s3://models/a%20b", "/l"), ("s3://models:80/x", "/l"), ("s3://models/x?y", "/l"),
            ("s3://models", "ext::sh -c id"), ("s3://models", "-u/x"), ("s3://models", ""),
            ("s3://models", "ftp://host/x"), ("/srv/models", "/l"), ("ssh://host/x", "/l"),
        ] {
            let error = #expect(throws: LetheError.self, "\(text) \(lineage)") {
                try RemoteAddress(text, lineage: lineage)
            }
            #expect(error?.code == .invalidArgument, "\(text) \(lineage)")
        }
        for lineage in ["https://me:secret@git.example/x", "https://secret@git.example/x"] {
            let error = #expect(throws: LetheError.self) {
                try RemoteAddress("s3://models", lineage: lineage)
            }
            #expect(error?.code == .refused && error?.description.contains("secret") == false)
        }
        let tiny = try TinyRegistry()
        defer { withExtendedLifetime(tiny) {} }
        let registry = try tiny.open()
        try registry.addRemote("store", at: "s3://models/team", lineage: "/srv/lineage.git")
        #expect(
            try registry.address("store")
                == RemoteAddress("s3://models/team", lineage: "/srv/lineage.git"))
        try registry.removeRemote("store")
        #expect(try registry.remotes() == RemoteBook())
    }

    @Test("A remote has one name and one address, and no password is written down")
    func book() throws {
        let tiny = try TinyRegistry()
        defer { withExtendedLifetime(tiny) {} }
        let registry = try tiny.open()
        #expect(try registry.remotes().remotes.isEmpty)
        try registry.addRemote("vault", at: "ssh://vault.example/srv/models")
        #expect(try registry.address("vault") == RemoteAddress("ssh://vault.example/srv/models"))
        #expect(try registry.address("/srv/shelf") == RemoteAddress("/srv/shelf"))
        for (name, address, code) in [
            ("vault", "/srv/other", ErrorCode.alreadyExists), ("../x", "/srv", .invalidArgument),
            ("safe", "ssh://me:secret@host/x", .refused),
        ] {
            let error = #expect(throws: LetheError.self) {
                try registry.addRemote(name, at: address)
            }
            #expect(error?.code == code)
        }
        try registry.removeRemote("vault")
        #expect(try registry.remotes() == RemoteBook())
        let error = #expect(throws: LetheError.self) { try registry.removeRemote("vault") }
        #expect(error?.code == .notFound)
    }
}
