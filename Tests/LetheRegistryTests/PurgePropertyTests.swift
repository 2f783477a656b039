import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Erasing in random lineages")
struct PurgePropertyTests {
    @Test("Surviving versions keep every byte, erased ones keep none of their own")
    func random() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("random lineages: the seed is \(seed)")
        for number in 0..<3 {
            var history = try await RandomHistory(seed: seed &+ UInt64(number))
            for _ in 0..<14 { try await history.step() }
            try await history.purgeAndCheck()
            #expect(history.erasedCount > 0 || history.purgeCount > 0, "seed \(seed)")
        }
    }
}

/// Random things done to a registry of two models, and the promise checked after each purge.
private struct RandomHistory {
    private let tiny: TinyRegistry
    private let registry: Registry
    private let seed: UInt64
    private var generator: SplitMix64
    private(set) var purgeCount = 0
    private(set) var erasedCount = 0
    private static let models = ["faces", "cats"]

    init(seed: UInt64) async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        self.seed = seed
        generator = SplitMix64(seed: seed)
        try await tiny.addDataset(in: registry)
        for model in Self.models { try await tiny.publish(as: model, in: registry) }
    }

    private mutating func draw(_ count: Int) -> Int { Int(generator.next() % UInt64(count)) }

    mutating func step() async throws {
        let model = Self.models[draw(Self.models.count)]
        do throws(LetheError) {
            switch draw(8) {
            case 0: try await publish(as: model, shift: Float(draw(4)))
            case 1, 2: try await forget(draw(TinyModel.classCount), of: model)
            case 3, 4: try await certify(model)
            case 5: try await tiny.keepYardstick(of: model, in: registry)
            case 6: try revoke(model)
            default: try await purgeAndCheck()
            }
        } catch {
            // Not every step makes sense at every moment; none may break anything.
            let expected: [ErrorCode] = [.invalidArgument, .alreadyExists, .refused]
            #expect(expected.contains(error.code), "\(error), seed \(seed)")
        }
    }

    private func publish(as model: String, shift: Float) async throws(LetheError) {
        let folder = tiny.folder("model-\(shift)")
        try? TinyModel.write(to: folder, shift: shift)
        try await tiny.publish(folder, as: model, in: registry)
    }

    private func forget(_ label: Int, of model: String) async throws(LetheError) {
        let recipe = try registry.recipe(named: label % 2 == 0 ? "strong" : "whole")
        _ = try await registry.forget(
            ForgetOrder(
                model: model, classes: [label], dataset: TinyRegistry.dataset, recipe: recipe,
                seed: 1, place: TinyRegistry.place),
            engine: FakeEngine(), keys: tiny.keys(), now: TinyRegistry.now, progress: { _ in })
    }

    private func certify(_ model: String) async throws(LetheError) {
        _ = try await registry.certify(
            JudgeOrder(
                revision: Revision(model), dataset: TinyRegistry.dataset,
                policy: registry.policy(named: "default"), place: TinyRegistry.place),
            judge: FakeJudge(), keys: tiny.keys(), now: TinyRegistry.now, progress: { _ in })
    }

    private mutating func revoke(_ model: String) throws(LetheError) {
        let count = try registry.versions(of: model).count
        _ = try registry.revoke(
            Revision("\(model)@v\(draw(count) + 1)"), reason: "By chance.", keys: tiny.keys(),
            now: TinyRegistry.now)
    }

    mutating func purgeAndCheck() async throws(LetheError) {
        let foreseen = try tiny.purge(isDryRun: true, in: registry)
        let report = try tiny.purge(in: registry)
        #expect(Set(foreseen.removed) == Set(report.removed), "seed \(seed)")
        purgeCount += 1
        erasedCount += report.removed.count
        _ = try registry.collectGarbage(
            CollectionOrder(graceSeconds: 0), now: Timestamp(Date()), progress: { _ in })
        let check = try tiny.check(registry)
        #expect(check.findings.isEmpty, "\(check.findings), seed \(seed)")
        var needed: Set<String> = []
        for model in Self.models {
            let states = try registry.log(model).reversed().map(\.state)
            for (version, state) in zip(try registry.versions(of: model), states)
            where state != .erased {
                let delta = version.manifest.delta?.file
                for file in version.manifest.files + [delta].compactMap({ $0 }) {
                    needed.formUnion(Self.objects(of: file, in: registry))
                }
            }
        }
        let present = Set(
            files(below: tiny.root.appending(path: "objects/sha256")).map {
                $0.deletingLastPathComponent().lastPathComponent + $0.lastPathComponent
            })
        #expect(present == needed, "seed \(seed)")
    }

    /// What a file is put together from, read off the recipes without Lethe's own code.
    private static func objects(of file: VersionFile, in registry: Registry) -> Set<String> {
        objects(file.digest, file.assembly, in: registry)
    }

    private static func objects(
        _ digest: Digest, _ assembly: Digest?, in registry: Registry
    ) -> Set<String> {
        guard let assembly else { return [digest.hex] }
        let data = (try? Data(contentsOf: registry.storage.objects.url(of: assembly))) ?? Data()
        let recipe = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
        var found: Set<String> = [assembly.hex]
        for part in recipe["parts"] as? [[String: Any]] ?? [] {
            if let digest = (part["digest"] as? String).flatMap({ Digest($0) }) {
                found.insert(digest.hex)
            }
        }
        for name in ["base", "delta"] {
            guard let next = recipe[name] as? [String: Any],
                let digest = (next["digest"] as? String).flatMap({ Digest($0) })
            else { continue }
            let assembly = (next["assembly"] as? String).flatMap { Digest($0) }
            found.formUnion(objects(digest, assembly, in: registry))
        }
        return found
    }
}
