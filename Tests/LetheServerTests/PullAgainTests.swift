import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("A pull from a server that is interrupted")
struct PullAgainTests {
    private static let largeSizeBytes = 12 << 20

    private let tiny: TinyRegistry
    private let served: Served
    private let weights: Data

    init() async throws {
        tiny = try TinyRegistry()
        try TinyModel.write(to: tiny.folder("large"), paddingSizeBytes: Self.largeSizeBytes)
        try await tiny.publish(tiny.folder("large"), in: tiny.open())
        weights = try Data(contentsOf: tiny.folder("large").appending(path: "model.safetensors"))
        served = try Served(tiny, "--public", "--uncertified")
    }

    @Test("Connections that break are begun anew where they broke")
    func cutWires() throws {
        let wire = try FragileWire(to: served.port, cutAfterBytes: 3 << 20)
        defer { wire.end() }
        let folder = tiny.folder("pulled")
        let pulled = try pull(wire.url, folder)
        #expect(pulled.status == 0, "\(pulled.errors)")
        #expect(wire.cutCount >= 3)
        #expect(try Data(contentsOf: folder.appending(path: "model.safetensors")) == weights)
        // Others may read it as they may read every new folder.
        #expect(try permissions(folder) == permissions(tiny.folder("large")))
    }

    private func permissions(_ folder: URL) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions] as? Int
    }

    @Test("The next pull of the same version takes only what is missing")
    func again() throws {
        let folder = tiny.folder("pulled")
        try interrupt(folder)
        #expect(!FileManager.default.fileExists(atPath: folder.path))
        let arrived = try #require(leftovers(folder).first).appending(path: "model.safetensors")
        let arrivedBytes = try Data(contentsOf: arrived).count
        #expect(arrivedBytes > 1 << 20 && arrivedBytes < weights.count)
        let pulled = try pull(served.url, folder)
        #expect(pulled.status == 0, "\(pulled.errors)")
        #expect(try Data(contentsOf: folder.appending(path: "model.safetensors")) == weights)
        #expect(try leftovers(folder).isEmpty)
        let last = try #require(try served.entries(with: "model.safetensors").last)
        #expect(last.contains("\"status\":206"))
        #expect(last.contains("\"bytes\":\(weights.count - arrivedBytes)"))
    }

    @Test("What was changed meanwhile is taken anew, whole")
    func changed() throws {
        let folder = tiny.folder("pulled")
        try interrupt(folder)
        let arrived = try #require(leftovers(folder).first).appending(path: "model.safetensors")
        var bytes = try Data(contentsOf: arrived)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: arrived)
        let pulled = try pull(served.url, folder)
        #expect(pulled.status == 0, "\(pulled.errors)")
        #expect(try Data(contentsOf: folder.appending(path: "model.safetensors")) == weights)
    }

    @Test("What others may have put there is refused")
    func others() throws {
        let folder = tiny.folder("pulled")
        try interrupt(folder)
        let left = try #require(leftovers(folder).first)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o777], ofItemAtPath: left.path)
        let pulled = try pull(served.url, folder)
        #expect(pulled.status == 5 && pulled.errors.contains("not yours alone"))
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test("What is not given out any more does not stay")
    func revoked() async throws {
        let folder = tiny.folder("pulled")
        try interrupt(folder)
        _ = try tiny.open().revoke(
            Revision("faces@v1"), reason: "A mistake.", keys: tiny.keys(), now: TinyRegistry.now)
        #expect(try pull(served.url, folder).status == 5)
        #expect(try leftovers(folder).isEmpty)
    }

    /// Pulls over a connection that ends in the middle and is not there any more.
    private func interrupt(_ folder: URL) throws {
        let wire = try FragileWire(to: served.port, cutAfterBytes: 3 << 20, connections: 3)
        defer { wire.end() }
        let pulled = try pull(wire.url, folder)
        try #require(pulled.status == 1, "\(pulled.errors)")
        #expect(pulled.errors.contains("run the same command again"))
    }

    private func pull(_ url: String, _ folder: URL) throws -> Program {
        try Program.run(
            Served.lethe, ["--remote", url, "pull", "faces@v1", folder.path], in: tiny.outside)
    }

    private func leftovers(_ folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: folder.deletingLastPathComponent(), includingPropertiesForKeys: nil
        ).filter { $0.lastPathComponent.hasSuffix(".pulling") }
    }
}
