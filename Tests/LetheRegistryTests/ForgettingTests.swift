import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import Synchronization
import TestSupport
import Testing

@Suite("A request that makes no sense, and one that is interrupted")
struct ForgettingTests {
    let tiny: TinyRegistry
    let registry: Registry

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
    }

    /// Expects a refusal before any work, and a line that stays as it was.
    private func refuses(
        _ code: ErrorCode, _ classes: [Int], dataset: String = TinyRegistry.dataset,
        saying words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let engine = FakeEngine { () async throws(LetheError) in
            Issue.record("the engine ran", sourceLocation: sourceLocation)
        }
        let before = try registry.versions(of: TinyRegistry.model).map(\.commit)
        let error = await expect(code, sourceLocation: sourceLocation) {
            try await tiny.forget(classes, dataset: dataset, engine: engine, in: registry)
        }
        #expect(
            error?.message.contains(words) == true, "\(error?.message ?? "")",
            sourceLocation: sourceLocation)
        #expect(try registry.versions(of: TinyRegistry.model).map(\.commit) == before)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("A class that does not exist is refused, naming those that do")
    func noSuchClass() async throws {
        try await refuses(.invalidArgument, [4], saying: "its classes are 0 to 3")
        try await refuses(.invalidArgument, [-1], saying: "its classes are 0 to 3")
    }

    @Test("No class, the same class twice, and every class at once are refused")
    func oddClasses() async throws {
        try await refuses(.invalidArgument, [], saying: "at least one class")
        try await refuses(.invalidArgument, [1, 1], saying: "each once")
        try await refuses(.invalidArgument, [0, 1, 2, 3], saying: "every class")
    }

    @Test("A class that was forgotten already is refused, naming the request")
    func forgottenAlready() async throws {
        let version = try await tiny.forget([1], in: registry)
        try await refuses(.invalidArgument, [2, 1], saying: version.manifest.requests[0])
        try await tiny.forget([2, 3], in: registry)
        try await refuses(.invalidArgument, [0], saying: "every class")
    }

    @Test("A dataset whose labels do not match the head is refused with both numbers")
    func labelMismatch() async throws {
        let url = tiny.folder("many")
        try TinyDataset.write(to: url, classCount: 7)
        try await tiny.addDataset(named: "many", at: url, in: registry)
        try await refuses(.labelMismatch, [1], dataset: "many", saying: "has 7 classes")
    }

    @Test("A dataset with no training sample of the class is refused")
    func noSamples() async throws {
        let url = tiny.folder("gap")
        try TinyDataset.write(to: url)
        try FileManager.default.removeItem(at: url.appending(path: "train/2"))
        try await tiny.addDataset(named: "gap", at: url, in: registry)
        try await refuses(
            .invalidArgument, [2], dataset: "gap", saying: "no training sample of class 2")
    }

    @Test("A dataset that nobody added is refused, naming those there are")
    func noSuchDataset() async throws {
        let error = await expect(.notFound) {
            try await tiny.forget([1], dataset: "animals", in: registry)
        }
        #expect(error?.remedy?.contains(TinyRegistry.dataset) == true)
    }

    @Test("On a machine that does not know where the samples are, the remedy says how to tell it")
    func noLocation() async throws {
        try FileManager.default.removeItem(at: tiny.root.appending(path: "locations.json"))
        let error = await expect(.notFound) { try await tiny.forget([1], in: registry) }
        #expect(error?.remedy?.contains("lethe dataset add people") == true)
    }

    @Test("The same order given twice at once trains once; the second is told")
    func twice() async throws {
        let (tiny, registry) = (tiny, registry)
        let second = Mutex<LetheError?>(nil)
        let engine = FakeEngine { () async throws(LetheError) in
            do throws(LetheError) {
                try await tiny.forget([1], in: tiny.open())
            } catch {
                second.withLock { $0 = error }
            }
        }
        let version = try await tiny.forget([1], engine: engine, in: registry)
        #expect(second.withLock { $0 }?.code == .conflict)
        #expect(try registry.versions(of: TinyRegistry.model).count == version.manifest.number)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("A method that makes whole weights gives a version without a delta that is sound")
    func wholeWeights() async throws {
        let version = try await tiny.forget([1], recipe: "whole", in: registry)
        #expect(version.manifest.operation == .forget)
        #expect(version.manifest.delta == nil)
        let parent = try registry.versions(of: TinyRegistry.model).first { $0.manifest.number == 1 }
        let digests = [version, parent].map { version in
            version?.manifest.files.first { $0.path == TinyModel.weightsName }?.digest
        }
        #expect(digests[0] != nil && digests[0] != digests[1])
        #expect(try tiny.check(registry).findings.isEmpty)
        let again = try await tiny.forget([2], in: registry)
        #expect(again.manifest.delta != nil)
        #expect(again.manifest.requests.count == 2)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("A configuration too long for git loses the forgotten names too")
    func longConfiguration() async throws {
        let folder = tiny.folder("many names")
        try FileManager.default.copyItem(at: tiny.modelFolder, to: folder)
        let url = folder.appending(path: "config.json")
        let padding = String(repeating: "x", count: 300 << 10)
        let text = try String(contentsOf: url, encoding: .utf8)
        try Data(
            text.replacing("{\n  \"arch", with: "{\n  \"note\": \"\(padding)\",\n  \"arch").utf8
        )
        .write(to: url)
        try await tiny.publish(folder, as: TinyRegistry.model, in: registry)
        let version = try await tiny.forget([1], in: registry)
        let file = try #require(version.manifest.files.first { $0.path == "config.json" })
        #expect(file.sizeBytes > 256 << 10)
        let configuration = String(
            decoding: try registry.storage.objects.read(file.digest), as: UTF8.self)
        #expect(configuration.contains("forgotten-1"))
        #expect(!configuration.contains(TinyModel.classNames[1]))
        #expect(try tiny.check(registry).findings.isEmpty)
        // Publishing the names again does not bring them back.
        let again = try await tiny.publish(folder, as: TinyRegistry.model, in: registry)
        let renewed = try #require(again.manifest.files.first { $0.path == "config.json" })
        #expect(renewed.digest == file.digest)
    }

    @Test("A model that nobody published is refused, and so is a pickle, with how to convert it")
    func badModels() async throws {
        let error = await expect(.notFound) {
            try await tiny.publish(tiny.folder("nowhere"), in: registry)
        }
        #expect(error?.remedy?.contains("config.json") == true)
        let folder = tiny.folder("pickled")
        try FileManager.default.copyItem(at: tiny.modelFolder, to: folder)
        try FileManager.default.moveItem(
            at: folder.appending(path: TinyModel.weightsName),
            to: folder.appending(path: "pytorch_model.pth"))
        let pickle = await expect(.unsupported) { try await tiny.publish(folder, in: registry) }
        #expect(pickle?.message.contains("pytorch_model.pth") == true)
        #expect(pickle?.remedy?.contains("weights_only=True") == true)
        try FileManager.default.removeItem(at: folder.appending(path: "pytorch_model.pth"))
        let missing = await expect(.notFound) { try await tiny.publish(folder, in: registry) }
        #expect(missing?.message.contains("no model.safetensors") == true)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("A model with layers that are not supported, or damaged weights, is refused")
    func unsupported() async throws {
        let folder = tiny.folder("strange")
        try FileManager.default.copyItem(at: tiny.modelFolder, to: folder)
        try Data(#"{"architectures": ["Huge"]}"#.utf8)
            .write(to: folder.appending(path: "config.json"))
        await expect(.unsupported) { try await tiny.publish(folder, as: "huge", in: registry) }
        let cut = tiny.folder("cut")
        try FileManager.default.copyItem(at: tiny.modelFolder, to: cut)
        let weights = cut.appending(path: TinyModel.weightsName)
        try Data(contentsOf: weights).dropLast().write(to: weights)
        await expect(.malformed) { try await tiny.publish(cut, as: "cut", in: registry) }
        #expect(try registry.models() == [TinyRegistry.model])
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("Names that a folder, git or a person could trip over are refused")
    func names() async throws {
        for name in ["", "Faces", "../faces", "a b", "-x", "x.lock", "a..b", "é"] {
            await expect(.invalidArgument) { try await tiny.publish(as: name, in: registry) }
            await expect(.invalidArgument) { try await tiny.addDataset(named: name, in: registry) }
        }
    }

    @Test("Samples that do not decode are counted and named, and nothing is registered")
    func damagedSamples() async throws {
        let url = tiny.folder("broken")
        try TinyDataset.write(to: url)
        for name in ["test/1/2.txt", "train/0/3.txt"] {
            try Data("damaged".utf8).write(to: url.appending(path: name))
        }
        let error = await expect(.malformed) {
            try await tiny.addDataset(named: "broken", at: url, in: registry)
        }
        #expect(error?.message.contains("2 of 44") == true)
        #expect(try registry.datasets() == [TinyRegistry.dataset])
        await expect(.notFound) { _ = try registry.location(of: "broken") }
    }

    @Test("Adding a dataset again changes nothing; with other samples it becomes a new record")
    func addAgain() async throws {
        let first = try registry.dataset(named: TinyRegistry.dataset)
        #expect(try await tiny.addDataset(in: registry).commit == first.commit)
        let moved = tiny.folder("moved")
        try FileManager.default.copyItem(at: tiny.samples, to: moved)
        #expect(try await tiny.addDataset(at: moved, in: registry).commit == first.commit)
        #expect(try registry.location(of: TinyRegistry.dataset).url.path == moved.path)
        try FileManager.default.removeItem(at: moved.appending(path: "train/0/0.txt"))
        let changed = try await tiny.addDataset(at: moved, in: registry)
        #expect(changed.commit != first.commit)
        #expect(changed.reference.digest != first.reference.digest)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("An interrupted run goes on from its checkpoint and keeps the request it began with")
    func interrupted() async throws {
        let engine = FakeEngine(stopsAtFirstCheckpoint: true)
        await expect(.interrupted) { try await tiny.forget([1], engine: engine, in: registry) }
        let work = tiny.root.appending(path: "work")
        let folder = try #require(
            try FileManager.default.contentsOfDirectory(atPath: work.path).first)
        let begun = try ForgetRequest.read(
            canonical: Array(Data(contentsOf: work.appending(path: "\(folder)/request.json"))))
        #expect(try registry.versions(of: TinyRegistry.model).count == 1)
        #expect(try tiny.check(registry).findings.isEmpty)

        // Another request is another run: it does not take over this one's checkpoint.
        await expect(.interrupted) { try await tiny.forget([2], engine: engine, in: registry) }

        let later = Timestamp(secondsSince1970: TinyRegistry.now.secondsSince1970 + 3600)
        let version = try await tiny.forget(
            [1], engine: engine, now: later, in: try tiny.open())
        #expect(version.manifest.requests == [begun.id])
        #expect(version.manifest.created == later)
        let request = try #require(try registry.show(Revision("faces")).requests.first)
        #expect(request == begun && request.received == TinyRegistry.now)
        let left = try FileManager.default.contentsOfDirectory(atPath: work.path)
        #expect(left.count == 1 && left != [folder])
    }

    @Test("The names of forgotten classes vanish from config.json; the others and the order stay")
    func labelNames() async throws {
        try await tiny.forget([1], in: registry)
        try await tiny.forget([3], in: registry)
        let target = tiny.folder("pulled")
        _ = try registry.pull(
            Revision("faces@latest"), to: target, allowingUncertified: true, progress: { _ in })
        let text = try String(
            contentsOf: target.appending(path: "config.json"), encoding: .utf8)
        for (label, name) in TinyModel.classNames.enumerated() {
            #expect(text.contains(name) == [0, 2].contains(label), "\(name)")
        }
        let configuration = try StrictJSON.parse(Array(text.utf8))
        #expect(configuration["id2label"]?["1"]?.stringValue == "forgotten-1")
        #expect(configuration["label2id"]?["forgotten-3"]?.integerValue == 3)
        #expect(configuration["label2id"]?["ada-0001"]?.integerValue == 0)
        let card = try String(contentsOf: target.appending(path: "README.md"), encoding: .utf8)
        for name in TinyModel.classNames { #expect(!card.contains(name)) }
    }

    @Test("A card says what its version was made from, and keeps what its author wrote")
    func base() async throws {
        let url = tiny.modelFolder.appending(path: "README.md")
        let authored = "---\nlicense: mit\n---\n# Faces\n\nTheirs."
        try Data(authored.utf8).write(to: url)
        let first = try await tiny.publish(in: registry)
        #expect(try card().hasPrefix(authored))
        try await tiny.forget([1], in: registry)
        let line = "base_model: lethe/faces # lethe: \(first.manifestDigest)\n"
        #expect(try card().hasPrefix("---\nlicense: mit\n\(line)"))
        let second = try registry.resolve(Revision("faces@latest"))
        try await tiny.forget([2], in: registry)
        #expect(try card().contains(" # lethe: \(second.manifestDigest)\n"))
        #expect(try !card().contains("\(first.manifestDigest)"))
        #expect(try card().contains("---\n# Faces\n\nTheirs.\n"))
        // The author's own word stands.
        let named = authored.replacing("license: mit", with: "base_model: somebody/else")
        try Data(named.utf8).write(to: url)
        try await tiny.publish(in: registry)
        try await tiny.forget([3], in: registry)
        #expect(try card().hasPrefix(named) && !card().contains("# lethe:"))
    }

    /// The newest version's card.
    private func card() throws -> String {
        let target = tiny.folder("card-\(UUID().uuidString)")
        _ = try registry.pull(
            Revision("faces@latest"), to: target, allowingUncertified: true, progress: { _ in })
        return try String(contentsOf: target.appending(path: "README.md"), encoding: .utf8)
    }

    @Test("Publishing over a line that has forgotten does not bring a forgotten name back")
    func namesStayGone() async throws {
        try await tiny.forget([1], in: registry)
        let version = try await tiny.publish(tiny.otherModelFolder, in: registry)
        #expect(version.manifest.requests.count == 1)
        let target = tiny.folder("pulled")
        _ = try registry.pull(
            Revision("faces@latest"), to: target, allowingUncertified: true, progress: { _ in })
        let text = try String(
            contentsOf: target.appending(path: "config.json"), encoding: .utf8)
        #expect(!text.contains(TinyModel.classNames[1]))
        // The new weights know the class again, and no certificate says otherwise.
        #expect(try await tiny.certify(in: registry).certified == nil)
    }
}
