import Foundation
import LetheRecords
import LetheStorage
import Synchronization
import TestSupport
import Testing

@testable import LetheRegistry

/// An engine that notes its tasks and does what the fake one does.
private final class NotingEngine: Engine {
    let forgets = Mutex<[ForgetTask]>([])
    let trains = Mutex<[TrainTask]>([])
    private let engine = FakeEngine()

    func inspect(modelFolder: URL) async throws(LetheError) -> ModelDescription {
        try await engine.inspect(modelFolder: modelFolder)
    }

    func describe(
        dataset: DatasetLocation, key: CommitmentKey, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> DatasetDescription {
        try await engine.describe(dataset: dataset, key: key, progress: progress)
    }

    func locate(
        _ names: [String], in dataset: DatasetLocation, key: CommitmentKey,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> LocatedSamples {
        try await engine.locate(names, in: dataset, key: key, progress: progress)
    }

    func nearest(
        _ task: ExampleTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> [SimilarSample] {
        try await engine.nearest(task, progress: progress)
    }

    func train(
        _ task: TrainTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> RunOutcome {
        trains.withLock { $0.append(task) }
        return try await engine.train(task, progress: progress)
    }

    func forget(
        _ task: ForgetTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> RunOutcome {
        forgets.withLock { $0.append(task) }
        return try await engine.forget(task, progress: progress)
    }
}

@Suite("Requests by samples, by examples, and several in one run")
struct SampleRequestTests {
    private let tiny: TinyRegistry
    private let registry: Registry
    private let engine = NotingEngine()

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
    }

    private func order(
        _ classes: [Int] = [], samples: [String] = [], separate: Bool = false
    ) throws(LetheError) -> ForgetOrder {
        let recipe = Recipe(
            name: "weights", method: "weights", description: "", parameters: .object([:]))
        return ForgetOrder(
            model: TinyRegistry.model, classes: classes, dataset: TinyRegistry.dataset,
            recipe: samples.isEmpty ? try registry.recipe(named: "strong") : recipe, seed: 1,
            place: TinyRegistry.place, samples: samples, isSeparate: separate)
    }

    @discardableResult
    private func forget(_ order: ForgetOrder) async throws(LetheError) -> Version {
        try await registry.forget(
            order, engine: engine, keys: tiny.keys(), now: TinyRegistry.now, progress: { _ in })
    }

    @Test("A request by samples commits to them and names none")
    func commits() async throws {
        let version = try await forget(order(samples: ["train/1/2.txt", "train:20"]))
        let request = try #require(registry.requests(of: version).last)
        let list = try #require(
            registry.sampleLists(of: version, requests: [request])[request.id])
        #expect(request.classes.isEmpty && request.sampleCount == 2)
        #expect(request.commitment == MerkleTree.root(of: list.commitments))
        #expect(request.samples == (try list.selection()))
        let key = try tiny.keys().commitmentKey
        let sample = Array(TinyDataset.sample("train", 1, 2).utf8)
        #expect(list.commitments.contains(key.commitment(toSample: sample)))
        for file in try registry.storage.lineage.files(at: version.commit) {
            let text = String(decoding: try registry.storage.lineage.read(file), as: UTF8.self)
            #expect(!text.contains("1/2.txt") && !text.contains("train:20"), "\(file.path)")
            #expect(!text.contains(Digest(hashing: sample).hex), "\(file.path)")
        }
        #expect(try tiny.check(registry).findings.isEmpty)
        let task = try #require(engine.forgets.withLock { $0.last })
        #expect(task.commitments?.requested == list.commitments)
    }

    @Test("Exact copies of a sample are one commitment and are counted")
    func copies() async throws {
        let first = tiny.samples.appending(path: "train/0/0.txt")
        let copy = tiny.samples.appending(path: "train/3/0.txt")
        try Data(contentsOf: first).write(to: copy)
        try await tiny.addDataset(in: registry)
        let version = try await forget(order(samples: ["train/0/0.txt"]))
        let request = try #require(registry.requests(of: version).last)
        #expect(request.sampleCount == 2 && request.samples?.distinctCount == 1)
    }

    @Test("Later forgetting and training keep what was forgotten out, also after certifying")
    func laterRuns() async throws {
        let first = try await forget(order(samples: ["train/1/2.txt"]))
        let list = try #require(
            registry.sampleLists(of: first, requests: registry.requests(of: first)).values.first)
        let second = try await forget(order([3]))
        let task = try #require(engine.forgets.withLock { $0.last })
        #expect(task.commitments?.forgotten == list.commitments)
        let kept = try registry.sampleLists(
            of: second, requests: registry.requests(of: second))
        #expect(kept.count == 1)
        _ = try await registry.train(
            TrainOrder(
                model: TinyRegistry.model, folder: tiny.modelFolder,
                dataset: TinyRegistry.dataset, excludedClasses: [0],
                recipe: registry.recipe(named: "strong"), seed: 3, place: TinyRegistry.place),
            engine: engine, keys: tiny.keys(), now: TinyRegistry.now, progress: { _ in })
        let training = try #require(engine.trains.withLock { $0.last })
        #expect(training.excludedClasses == [0, 3])
        #expect(training.commitments?.forgotten == list.commitments)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("What was forgotten already, both ways at once and a changed dataset are refused")
    func refused() async throws {
        let version = try await forget(order(samples: ["train/1/2.txt"]))
        let again = await expect(.invalidArgument) {
            try await forget(order(samples: ["train/0/0.txt", "train/1/2.txt"]))
        }
        #expect(again?.message.contains("Line 2") == true)
        #expect(again?.message.contains(version.manifest.requests[0]) == true)
        await expect(.invalidArgument) {
            try await forget(order([2], samples: ["train/0/0.txt"]))
        }
        try await forget(order([2]))
        await expect(.invalidArgument) { try await forget(order(samples: ["train/2/0.txt"])) }
        try Data("another face".utf8).write(to: tiny.samples.appending(path: "train/0/1.txt"))
        await expect(.integrity) { try await forget(order(samples: ["train/0/0.txt"])) }
    }

    @Test("A key that did not make the commitments is refused")
    func otherKey() async throws {
        let other = try KeyFolder.create(at: tiny.folder("other-keys"))
        let mixed = tiny.folder("mixed-keys")
        try FileManager.default.copyItem(at: tiny.keysFolder, to: mixed)
        try FileManager.default.removeItem(at: mixed.appending(path: "commitment.key"))
        try FileManager.default.copyItem(
            at: tiny.folder("other-keys").appending(path: "commitment.key"),
            to: mixed.appending(path: "commitment.key"))
        _ = other
        let keys = try KeyFolder(contentsOf: mixed)
        let order = try order(samples: ["train/0/0.txt"])
        await expect(.refused) {
            _ = try await registry.forget(
                order, engine: engine, keys: keys, now: TinyRegistry.now, progress: { _ in })
        }
    }

    @Test("A list that was changed in the lineage is found by the check")
    func changedList() async throws {
        let version = try await forget(order(samples: ["train/1/2.txt"]))
        let request = try #require(registry.requests(of: version).last)
        let list = try SampleList(
            commitmentKey: "0123456789abcdef", commitments: [Digest(hashing: [1])])
        await expect(.integrity) {
            try registry.requireList(list, of: request)
        }
    }

    @Test("Several requests are honoured in one run and stay several")
    func severalRequests() async throws {
        let version = try await forget(order([2, 0], separate: true))
        let requests = try registry.requests(of: version)
        #expect(requests.map(\.classes) == [[0], [2]])
        #expect(Set(requests.map(\.id)).count == 2)
        #expect(version.manifest.requests == requests.map(\.id))
        #expect(engine.forgets.withLock { $0.map { $0.requests.count } } == [2])
        let outcome = try await tiny.certify(in: registry)
        #expect(outcome.report.forgotten.map(\.classes) == [[0], [2]])
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("Examples are listed, and their confirmation is of this list and this kind")
    func examples() async throws {
        let order = ExampleOrder(
            model: TinyRegistry.model, dataset: TinyRegistry.dataset, folder: tiny.samples,
            nearestCount: 3, place: TinyRegistry.place)
        let listing = try await registry.findExamples(
            order, engine: engine, keys: tiny.keys(), progress: { _ in })
        #expect(listing.names == ["train:0", "train:1", "train:2"])
        #expect(listing.classes == [0])
        let bySamples = try listing.confirmation(as: .samples)
        #expect(try listing.confirmation(as: .classes) != bySamples)
        try await forget(self.order(samples: listing.names))
        let next = try await registry.findExamples(
            order, engine: engine, keys: tiny.keys(), progress: { _ in })
        #expect(next.names == ["train:3", "train:4", "train:5"])
        #expect(try next.confirmation(as: .samples) != bySamples)
    }

    @Test("A plan changes nothing and counts what there is")
    func plan() async throws {
        try FileManager.default.removeItem(at: tiny.samples.appending(path: "train/3"))
        try await tiny.addDataset(in: registry)
        let before = try registry.versions(of: TinyRegistry.model).count
        let plan = try await registry.plan(
            order(samples: ["train/1/2.txt"]), engine: engine, keys: tiny.keys(),
            now: TinyRegistry.now, progress: { _ in })
        #expect(try registry.versions(of: TinyRegistry.model).count == before)
        #expect(plan.trial.stepCount == 2)
        #expect(plan.classes.map(\.namedCount) == [0, 1, 0, 0])
        #expect(plan.classes.map(\.trainingCount) == [6, 5, 6, 0])
        #expect(plan.classes.map(\.testCount) == [5, 5, 5, 5])
        #expect(plan.withoutData == [3] && plan.withFewData == [0, 1, 2])
        #expect(!plan.storage.isMeasured)
        let classes = try await registry.plan(
            order([2]), engine: engine, keys: tiny.keys(), now: TinyRegistry.now,
            progress: { _ in })
        #expect(classes.classes.map(\.role) == [.retained, .retained, .forgotten, .retained])
        try await forget(order([2]))
        let again = try await registry.plan(
            order([1]), engine: engine, keys: tiny.keys(), now: TinyRegistry.now,
            progress: { _ in })
        #expect(again.storage.isMeasured && again.sequenceNumber == 1)
        #expect(again.classes.map(\.role) == [.retained, .forgotten, .earlier, .retained])
    }

    @Test("The policy picks the recipe by kind of request and architecture")
    func recipes() throws {
        var policy = try registry.policy(named: "default")
        func choice(_ kind: RecipeRule.Kind) throws(LetheError) -> String {
            try registry.chooseRecipe(
                for: kind, model: TinyRegistry.model, policy: policy
            ).recipe
        }
        #expect(try choice(.classes) == "gs-lora")
        #expect(throws: LetheError.self) { try choice(.samples) }
        policy.recipes = [
            RecipeRule(request: .samples, architecture: "Other", recipe: "no"),
            RecipeRule(request: .samples, architecture: TinyModel.architecture, recipe: "yes"),
            RecipeRule(request: .classes, recipe: "any"),
        ]
        #expect(try choice(.samples) == "yes")
        #expect(try choice(.classes) == "any")
    }
}

@Suite("Lists of samples as people write them")
struct SampleFileTests {
    private func lines(_ bytes: [UInt8]) throws -> [String] {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "list.txt")
        try Data(bytes).write(to: url)
        return try SampleFile.read(url)
    }

    @Test("Lines end with LF or CR LF, the last one with nothing")
    func lineEnds() throws {
        #expect(try lines(Array("train:1\ntrain:2\n".utf8)) == ["train:1", "train:2"])
        #expect(try lines(Array("train:1\r\na b/ü.jpg".utf8)) == ["train:1", "a b/ü.jpg"])
    }

    @Test("Nothing, an empty line, too many, too much and no text are refused")
    func hostile() throws {
        let many = String(repeating: "t\n", count: SampleList.countLimit + 1)
        let huge = [UInt8](repeating: 0x0A, count: SampleFile.sizeLimitBytes + 1)
        for (bytes, code) in [
            ([], ErrorCode.invalidArgument), (Array("\n".utf8), .invalidArgument),
            (Array("train:1\n \ntrain:2".utf8), .invalidArgument),
            (Array(many.utf8), .invalidArgument), (huge, .invalidArgument),
            ([0xFF, 0xFE, 0x0A], .malformed),
        ] {
            let error = #expect(throws: LetheError.self) { try lines(bytes) }
            #expect(error?.code == code)
        }
        let nowhere = #expect(throws: LetheError.self) {
            try SampleFile.read(URL(fileURLWithPath: "/nowhere/list.txt"))
        }
        #expect(nowhere?.code == .notFound)
    }

    @Test("A file of ten million lines is refused without being read")
    func tenMillionLines() throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "list.txt")
        #expect(FileManager.default.createFile(atPath: url.path, contents: nil))
        let file = try FileHandle(forWritingTo: url)
        try file.truncate(atOffset: 80_000_000)
        try file.close()
        let error = #expect(throws: LetheError.self) { try SampleFile.read(url) }
        #expect(error?.message.contains("80000000 bytes") == true)
    }
}
