import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("The check of a store")
struct StoreCheckTests {
    let fixture: StorageFixture
    let storage: RegistryStorage

    init() throws {
        fixture = try StorageFixture()
        storage = try fixture.open()
        try fixture.publish(safetensors([("a", 2, 1), ("b", 50, 2)]), in: storage)
    }

    private var report: StoreReport { StoreCheck(storage).run() }

    /// Changes a read-only file in place.
    private func overwrite(_ url: URL, _ bytes: Data) throws {
        try FileManager.default.removeItem(at: url)
        try bytes.write(to: url)
    }

    /// Flips one bit at each position of a file in turn, and puts the file right again.
    ///
    /// The last byte stays flipped while `afterwards` runs. `Data.write` would sync each time.
    private func flipEachByte(
        of url: URL, _ check: (_ position: Int) throws -> Void, afterwards: () throws -> Void = {}
    ) throws {
        let good = try Data(contentsOf: url)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: url.path)
        let file = try FileHandle(forWritingTo: url)
        defer { try? file.close() }
        for position in good.indices {
            try put(good[position] ^ 1 << (position % 8), at: position)
            try check(position)
            if position == good.count - 1 { try afterwards() }
            try put(good[position], at: position)
        }

        func put(_ byte: UInt8, at position: Int) throws {
            try file.seek(toOffset: UInt64(position))
            try file.write(contentsOf: Data([byte]))
        }
    }

    @Test("An untouched registry is clean, and everything was looked at")
    func clean() throws {
        let report = report
        #expect(report.findings.isEmpty, "\(report.findings)")
        // header, a + b and the recipe
        #expect(report.objectCount == 3)
        #expect(report.assemblyCount == 1 && report.pointerCount == 1)
        #expect(report.referenceCount == 1 && report.commitCount == 1)
        #expect(report.orphanCount == 0)
    }

    @Test("A flipped byte anywhere in an object or a recipe is detected on read and by the check")
    func everyByteOfEveryObject() throws {
        let objects = fixture.files("objects")
        for url in objects {
            let name = url.deletingLastPathComponent().lastPathComponent + url.lastPathComponent
            let digest = try #require(Digest(hex: name))
            try flipEachByte(of: url) { position in
                let error = #expect(throws: LetheError.self) { try storage.objects.read(digest) }
                #expect(error?.code == .integrity, "position \(position) of \(name)")
                var outcome = ObjectCheck.Outcome()
                let check = ObjectCheck(store: storage.objects, onBytes: { _ in })
                for url in objects { outcome.add(check.check(url.path)) }
                #expect(outcome.findings.map(\.place) == [url.path], "position \(position)")
            } afterwards: {
                #expect(report.findings.contains { $0.code == "file-lost" })
            }
        }
        #expect(report.isClean)
    }

    @Test("A flipped byte anywhere in a git object or reference is detected by the check")
    func everyByteOfGit() throws {
        let objects = fixture.files("lineage.git/objects")
        let references = fixture.files("lineage.git/refs")
        #expect(objects.count == 6 && references.count == 1)
        for url in objects + references {
            try flipEachByte(of: url) { position in
                let outcome = LineageCheck(lineage: try Lineage(storage.layout)).run()
                let isFound = outcome.findings.contains { $0.isDamage }
                #expect(isFound, "position \(position) of \(url.lastPathComponent)")
            }
        }
        #expect(report.isClean)
    }

    @Test("A git object that announces fewer bytes than it has is refused, not read past its end")
    func libgit2Issue7177() throws {
        // The object of the report: its name is the digest of the first twelve bytes.
        let name = "bf3d798a12d2bd09a73b1bbdec6fde6f9836f9ac"
        let object = Array("blob 12\0this is a blob with a too-small length value\n".utf8)
        let folder = storage.layout.lineage.appending(path: "objects/bf")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(storedZlibStream(object)).write(to: folder.appending(path: name.dropFirst(2)))
        let error = #expect(throws: LetheError.self) {
            try storage.lineage.read(TreeFile(path: "a", blob: name, isOrdinary: true))
        }
        #expect(error?.code == .integrity)
        // With an honest header the bytes are read, so it is the length that was refused.
        let honest = Array("blob 3\0abc".utf8)
        let honestName = "f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f"
        let honestFolder = storage.layout.lineage.appending(path: "objects/f2")
        try FileManager.default.createDirectory(at: honestFolder, withIntermediateDirectories: true)
        try Data(storedZlibStream(honest))
            .write(to: honestFolder.appending(path: honestName.dropFirst(2)))
        let file = TreeFile(path: "a", blob: honestName, isOrdinary: true)
        #expect(try storage.lineage.read(file) == Array("abc".utf8))
    }

    /// A zlib stream of one stored block (RFC 1950, RFC 1951 section 3.2.4).
    private func storedZlibStream(_ bytes: [UInt8]) -> [UInt8] {
        let length = UInt16(bytes.count)
        var (low, high) = (UInt32(1), UInt32(0))
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        let lengths = [length, ~length].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        let checksum = [high, low].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        return [0x78, 0x01, 0x01] + lengths + bytes + checksum
    }

    @Test("Several damages are all reported, each with its place and a remedy")
    func neverStops() throws {
        try fixture.publish(safetensors([("c", 2, 7)]), in: storage, on: "other")
        // Recipes too: without them nothing says how to put the files together.
        for url in fixture.files("objects") { try overwrite(url, Data("torn".utf8)) }
        let findings = report.findings
        #expect(findings.filter { $0.code == "object-damaged" }.count == 6)
        #expect(findings.filter { $0.code == "file-lost" }.count == 2)
        #expect(findings.allSatisfy { !$0.remedy.isEmpty && !$0.place.isEmpty && $0.isDamage })
    }

    @Test("Missing objects, missing commits and unused objects are told apart")
    func kinds() throws {
        let orphan = try storage.objects.put(Array("nobody needs me".utf8))
        #expect(report.isClean && report.orphanCount == 1 && report.orphanSizeBytes == 15)
        #expect(StoreCheck(storage).run(alsoReachable: [orphan]).orphanCount == 0)
        let line = try ReferenceName.model("faces")
        let tip = try #require(try storage.lineage.target(of: line))
        let loose = storage.layout.lineage
            .appending(path: "objects/\(tip.hex.prefix(2))/\(tip.hex.dropFirst(2))")
        try FileManager.default.removeItem(at: loose)
        let lost = StoreCheck(try fixture.open()).run()
        #expect(lost.findings.map(\.code) == ["commit-damaged"])
        #expect(lost.findings[0].place == tip.hex)
    }

    @Test("Files and references that Lethe did not make are notes, not damage")
    func foreign() throws {
        try Data("x".utf8).write(to: storage.layout.objects.appending(path: "note.txt"))
        let head = storage.layout.lineage.appending(path: "refs/heads/faces")
        let foreign = storage.layout.lineage.appending(path: "refs/notes/commits")
        try FileManager.default.createDirectory(
            at: foreign.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: head, to: foreign)
        #expect(report.isClean)
        #expect(Set(report.findings.map(\.code)) == ["object-foreign", "reference-foreign"])
    }
}
