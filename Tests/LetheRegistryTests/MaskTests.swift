import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("The mask of a pruned model in a version")
struct MaskTests {
    private let tiny: TinyRegistry

    init() throws {
        tiny = try TinyRegistry()
    }

    /// A model whose number 1 of the classifier, which is zero, or another one is held.
    private func folder(holding held: Int) throws -> URL {
        let folder = tiny.folder("masked-\(held)")
        try TinyModel.write(to: folder)
        let bits = PruningMask.pack((0..<4 * TinyModel.classCount).map { $0 != held })
        try Data(PruningMask(bits: ["classifier.weight": bits]).encoded())
            .write(to: folder.appending(path: PruningMask.fileName))
        return folder
    }

    private func forget(holding held: Int?, in registry: Registry) async throws -> Version {
        try await registry.forget(
            ForgetOrder(
                model: TinyRegistry.model, classes: [2], dataset: TinyRegistry.dataset,
                recipe: Recipe(
                    name: "masked", method: "weights", description: "",
                    parameters: .object(held.map { ["held": .number(Double($0))] } ?? [:])),
                seed: 1, place: TinyRegistry.place),
            engine: FakeEngine(), keys: tiny.keys(), now: TinyRegistry.now, progress: { _ in })
    }

    @Test("It is published, pulled and checked with the weights, and refused if it does not hold")
    func publishing() async throws {
        let registry = try tiny.open()
        let version = try await tiny.publish(folder(holding: 1), in: registry)
        #expect(version.manifest.files.contains { $0.path == PruningMask.fileName })
        #expect(try tiny.check(registry).findings.isEmpty)
        let target = tiny.folder("pulled")
        _ = try registry.pull(
            Revision("faces@latest"), to: target, allowingUncertified: true, progress: { _ in })
        #expect(
            FileManager.default.contentsEqual(
                atPath: target.appending(path: PruningMask.fileName).path,
                andPath: try folder(holding: 1).appending(path: PruningMask.fileName).path))
        await expect(.integrity) {
            _ = try await tiny.publish(folder(holding: 0), in: registry)
        }
    }

    @Test(
        "Forgetting replaces it, or drops it with the weights that it was about",
        arguments: [1, nil])
    func forgetting(held: Int?) async throws {
        let registry = try tiny.open()
        try await tiny.publish(folder(holding: 1), in: registry)
        try await tiny.addDataset(in: registry)
        let version = try await forget(holding: held, in: registry)
        let isMasked = version.manifest.files.contains { $0.path == PruningMask.fileName }
        #expect(isMasked == (held != nil))
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("fsck finds a version whose weights are not zero where its mask holds them")
    func broken() async throws {
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        _ = try await forget(holding: 0, in: registry)
        let findings = try tiny.check(registry).findings
        #expect(findings.count == 1 && findings.first?.code == "integrity", "\(findings)")
        #expect(findings.first?.message.contains("classifier.weight") == true)
    }

    @Test("A copy of what is revoked is pruned although its successor has the same mask")
    func pruned() async throws {
        let registry = try tiny.open()
        let first = try await tiny.publish(folder(holding: 1), in: registry)
        try await tiny.addDataset(in: registry)
        let mine = tiny.folder("mine")
        _ = try registry.pull(
            Revision(first.name), to: mine, allowingUncertified: true, progress: { _ in })
        let second = try await forget(holding: 1, in: registry)
        let masks = [first, second].map { version in
            version.manifest.files.first { $0.path == PruningMask.fileName }?.digest
        }
        #expect(masks[0] != nil && masks[0] == masks[1])
        _ = try registry.revoke(
            Revision(first.name), reason: "By hand.", keys: tiny.keys(), now: TinyRegistry.now)
        let consumer = try Consumer(name: "web", keyFile: tiny.folder("consumer/consumer.pem"))
        let outcome = try registry.prune(mine, as: consumer, now: TinyRegistry.now)
        #expect(outcome.versions.contains(first.name))
        #expect(outcome.removed.contains("model.safetensors"))
    }
}
