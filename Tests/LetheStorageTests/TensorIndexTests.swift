import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Which lines published a tensor")
struct TensorIndexTests {
    /// So many numbers that a tensor is an object of its own.
    private let wide = 1 << 15
    let fixture: StorageFixture
    let storage: RegistryStorage
    let faces: ReferenceName
    let other: ReferenceName

    init() throws {
        fixture = try StorageFixture()
        storage = try fixture.open()
        faces = try ReferenceName.model("faces")
        other = try ReferenceName.model("other")
        try fixture.publish(safetensors([("a", wide, 1), ("b", wide, 2)]), in: storage)
        try fixture.publish(
            safetensors([("a", wide, 1), ("b", wide, 3)]), in: storage, on: "other")
    }

    /// The tensors of a line's newest version, in the order of the file.
    private func tensors(_ line: ReferenceName, _ index: RegistryIndex) throws -> [Digest] {
        let version = try #require(try index.versions(of: line).last)
        return storage.objects.tensorParts(of: version.files[0].file).map(\.digest)
    }

    @Test("Lines that share a tensor are both found, a tensor of one finds one, a strange one none")
    func found() throws {
        let index = try fixture.index(storage)
        let own = try tensors(faces, index)
        #expect(own.count == 2)
        #expect(try index.lines(thatPublishedAnyOf: [own[0]]) == [faces, other])
        #expect(try index.lines(thatPublishedAnyOf: [own[1]]) == [faces])
        #expect(try index.lines(thatPublishedAnyOf: [Digest(hashing: [7])]).isEmpty)
        #expect(try index.lines(thatPublishedAnyOf: []).isEmpty)
    }

    @Test("What was published after the last question is found by the next, and after a rebuild")
    func grows() throws {
        let index = try fixture.index(storage)
        let own = try tensors(faces, index)
        #expect(try index.lines(thatPublishedAnyOf: Set(own)) == [faces, other])
        try fixture.publish(safetensors([("b", wide, 2)]), in: storage, on: "third")
        let third = try ReferenceName.model("third")
        #expect(try index.lines(thatPublishedAnyOf: [own[1]]) == [faces, third])
        try index.rebuild()
        #expect(try index.lines(thatPublishedAnyOf: [own[1]]) == [faces, third])
    }

    @Test("A recipe that was away when it was first looked for is read when it is back")
    func recipeComesBack() throws {
        let index = try fixture.index(storage)
        let version = try #require(try index.versions(of: other).last)
        let shared = try tensors(faces, index)[0]
        let recipe = storage.objects.url(of: try #require(version.files[0].file.assembly))
        let away = fixture.temporary.url.appending(path: "away")
        try FileManager.default.moveItem(at: recipe, to: away)
        #expect(try index.lines(thatPublishedAnyOf: [shared]) == [faces])
        try FileManager.default.moveItem(at: away, to: recipe)
        #expect(try index.lines(thatPublishedAnyOf: [shared]) == [faces, other])
    }

    @Test("An index that nobody can write answers all the same")
    func readOnly() throws {
        _ = try fixture.index(storage).versions()
        let index = try RegistryIndex(
            storage.layout, lineage: storage.lineage, isReadOnly: true, files: storage.files,
            tensors: { storage.objects.knownTensorParts(of: $0)?.map(\.digest) },
            reader: StorageFixture.version)
        let own = try tensors(faces, index)
        #expect(try index.lines(thatPublishedAnyOf: [own[0]]) == [faces, other])
    }
}
