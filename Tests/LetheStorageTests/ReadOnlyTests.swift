import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("A registry that cannot be written, or is none")
struct ReadOnlyTests {
    /// Root ignores the modes of files, so only a read-only mount is a fair test.
    private static let canMount: Bool = {
        guard Command.has("mount"), let folder = try? TemporaryFolder() else { return false }
        guard let mount = try? ReadOnlyMount(of: folder.url, at: folder.url) else { return false }
        mount.end()
        return true
    }()

    @Test(
        "Reads work, the index lives in memory, every change is refused with the reason",
        .enabled(if: canMount, "needs the right to make a read-only mount"))
    func readOnlyMount() throws {
        let fixture = try StorageFixture()
        try fixture.publish(safetensors([("a", 4, 1)]), in: fixture.open())
        let mount = try ReadOnlyMount(of: fixture.root, at: fixture.root)
        defer { mount.end() }
        let storage = try fixture.open()
        #expect(storage.isReadOnly)
        #expect(StoreCheck(storage).run().isClean)
        let versions = try fixture.index(storage).versions()
        #expect(versions.count == 1)
        #expect(try storage.objects.read(versions[0].files[0].file).count > 16)
        let commit = versions[0].commit
        expectRefused { try storage.objects.put([1]) }
        expectRefused { try fixture.publish(safetensors([("a", 4, 2)]), in: storage) }
        expectRefused { try storage.lineage.moveReference(.model("b"), from: nil, to: commit) }
        expectRefused { try storage.files.replaceFile(storage.layout.description, with: []) }
    }

    private func expectRefused(_ change: () throws -> Void) {
        let error = #expect(throws: LetheError.self) { try change() }
        #expect(error?.code == .io)
        #expect(error?.message.contains("read-only") == true)
        #expect(error?.remedy != nil)
    }

    @Test("A copy that lost its empty folders is a registry all the same")
    func emptyFoldersLost() throws {
        let fixture = try StorageFixture()
        for name in ["tmp", "locks"] {
            try FileManager.default.removeItem(at: fixture.root.appending(path: name))
        }
        let storage = try fixture.open()
        #expect(!storage.isReadOnly)
        try fixture.publish(safetensors([("a", 4, 1)]), in: storage)
    }

    @Test("A folder that is no registry, and an occupied folder, are refused")
    func notARegistry() throws {
        let folder = try TemporaryFolder()
        var error = #expect(throws: LetheError.self) {
            try RegistryStorage(opening: folder.url)
        }
        #expect(error?.code == .notFound)
        try Data([1]).write(to: folder.url.appending(path: "file"))
        error = #expect(throws: LetheError.self) {
            try RegistryStorage.create(at: folder.url) { (_, _) throws(LetheError) in }
        }
        #expect(error?.code == .alreadyExists)
    }
}

/// A read-only view of a folder (mount(8)), until it is ended.
struct ReadOnlyMount {
    private let target: URL

    init(of folder: URL, at target: URL) throws {
        self.target = target
        let parent = target.deletingLastPathComponent()
        let made = try Command.run("mount", ["--bind", folder.path, target.path], in: parent)
        guard made.status == 0 else { throw CocoaError(.fileWriteNoPermission) }
        let frozen = try Command.run(
            "mount", ["-o", "remount,ro,bind", target.path], in: parent)
        guard frozen.status == 0 else {
            end()
            throw CocoaError(.fileWriteNoPermission)
        }
    }

    func end() {
        _ = try? Command.run("umount", [target.path], in: target.deletingLastPathComponent())
    }
}
