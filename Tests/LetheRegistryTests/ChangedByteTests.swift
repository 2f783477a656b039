import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("One changed byte")
struct ChangedByteTests {
    let tiny: TinyRegistry

    init() async throws {
        tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
    }

    /// Changes bytes of a file one at a time, the first, the last and every `stride`-th between,
    /// and puts each back.
    ///
    /// - Returns: how many bytes were changed.
    private func walk(
        _ url: URL, stride: Int, from start: Int = 0, _ isDetected: () throws -> Bool
    ) throws -> Int {
        let good = try Data(contentsOf: url)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: url.path)
        let steps = Swift.stride(from: start % stride, to: good.count, by: stride)
        let positions = Set(steps).union([0, good.count - 1]).filter { good.indices.contains($0) }
        for position in positions.sorted() {
            var changed = good
            changed[position] ^= UInt8(1 << (position % 8))
            try changed.write(to: url)
            #expect(try isDetected(), "byte \(position) of \(url.path)")
        }
        try good.write(to: url)
        return positions.count
    }

    /// Whether opening the registry or checking it complains.
    private func complains(_ tiny: TinyRegistry) -> Bool {
        do {
            return try !tiny.check().isClean
        } catch {
            return true
        }
    }

    @Test("In registry.json, the trusted keys and their signatures: every byte is noticed")
    func description() throws {
        // A registry without a version is checked fastest.
        let empty = try TinyRegistry()
        #expect(!complains(empty))
        let names = try contents(of: empty.root.appending(path: "keys")).keys.sorted()
        #expect(names == ["allowed_signers", "allowed_signers.sig"])
        var count = 0
        for path in ["registry.json", "registry.json.sig"] + names.map({ "keys/\($0)" }) {
            count += try walk(empty.root.appending(path: path), stride: 1) { complains(empty) }
        }
        #expect(!complains(empty))
        print("changed \(count) bytes of registry.json, keys and signatures")
    }

    @Test("In an object: every byte is noticed when it is read, every 211th by a whole check")
    func objects() throws {
        let folder = tiny.root.appending(path: "objects/sha256")
        let registry = try tiny.open()
        var count = 0
        for (number, url) in files(below: folder).enumerated() {
            let digest = try #require(
                Digest(hex: String(url.path.dropFirst(folder.path.count).filter { $0 != "/" })))
            count += try walk(url, stride: 1) {
                (try? registry.storage.objects.read(digest)) == nil
            }
            count += try walk(url, stride: 211, from: number) { complains(tiny) }
        }
        #expect(!complains(tiny))
        print("changed \(count) bytes of objects")
    }

    @Test("In a git object or a reference: every 67th byte, rotating, is noticed by a whole check")
    func lineage() throws {
        let folder = tiny.root.appending(path: "lineage.git")
        var count = 0
        var spellings = 0
        for (number, url) in files(below: folder.appending(path: "objects")).enumerated() {
            count += try walk(url, stride: 67, from: number * 5) {
                if complains(tiny) { return true }
                spellings += 1
                return try gitFindsTheSameContent()
            }
        }
        for (number, url) in files(below: folder.appending(path: "refs")).enumerated() {
            count += try walk(url, stride: 5, from: number) { complains(tiny) }
        }
        #expect(count > 100 && spellings * 20 < count)
        #expect(!complains(tiny))
        print("changed \(count) bytes of the lineage, \(spellings) without changing its content")
    }

    /// Compression can say the same bytes in several ways, for example by copying from another of
    /// two equal places; git, which compares every object with its name, is asked about such a
    /// change.
    private func gitFindsTheSameContent() throws -> Bool {
        try Program.run(
            "git", ["fsck", "--strict", "--full"], in: tiny.root.appending(path: "lineage.git")
        ).status == 0
    }

    @Test("In a pulled file and in its certificate: every byte is noticed")
    func pulled() throws {
        let target = tiny.folder("pulled")
        _ = try tiny.open().pull(
            Revision("faces"), to: target, allowingUncertified: false, progress: { _ in })
        let complains = {
            do throws(LetheError) {
                _ = try CertificateFiles.check(
                    certificate: target.appending(path: Registry.certificateName), folder: target,
                    allowedSigners: tiny.root.appending(path: "keys/allowed_signers"))
                return false
            } catch {
                #expect(error.code == .integrity || error.code == .refused, "\(error)")
                return true
            }
        }
        #expect(!complains())
        var count = 0
        for url in files(below: target) { count += try walk(url, stride: 1, complains) }
        #expect(!complains())
        print("changed \(count) bytes of pulled files")
    }

    @Test("An object or git object that is gone is noticed")
    func missing() throws {
        for folder in ["objects/sha256", "lineage.git/objects"] {
            for url in files(below: tiny.root.appending(path: folder)) {
                let aside = tiny.folder("aside")
                try FileManager.default.moveItem(at: url, to: aside)
                #expect(complains(tiny), "\(url.path)")
                try FileManager.default.moveItem(at: aside, to: url)
            }
        }
        #expect(!complains(tiny))
    }
}
