public import Foundation
public import LetheRecords
public import LetheRegistry
public import LetheStorage

/// A registry in a temporary folder with keys, a tiny model and a tiny dataset beside it.
///
/// The paths are plain, so that another process can be told where everything is.
public struct TinyRegistry: Sendable {
    /// The model's name in every test.
    public static let model = "faces"
    /// The dataset's name in every test.
    public static let dataset = "people"
    /// The moment of everything that is written.
    public static let now = Timestamp(secondsSince1970: 1_800_000_000)
    /// Where every run takes place.
    public static let place = RunPlace(threads: 1)

    /// The registry's folder.
    public let root: URL
    /// Private keys, recipes, policies, models and samples; outside the registry.
    public let outside: URL
    private let owned: [TemporaryFolder]

    /// The folder of the private keys.
    public var keysFolder: URL { outside.appending(path: "keys") }
    /// The folder with `recipes/` and `policies/`.
    public var defaults: URL { outside.appending(path: "defaults") }
    /// The samples.
    public var samples: URL { outside.appending(path: "samples") }
    /// A model folder.
    public var modelFolder: URL { outside.appending(path: "model") }
    /// A model folder with other weights.
    public var otherModelFolder: URL { outside.appending(path: "other-model") }

    /// Makes an empty registry.
    public init(encrypting: Bool = false) throws {
        let temporary = try TemporaryFolder()
        owned = [temporary]
        outside = temporary.url.appending(path: "outside")
        root = temporary.url.appending(path: "registry")
        try TinyModel.write(to: modelFolder)
        try TinyModel.write(to: otherModelFolder, shift: 1)
        try TinyDataset.write(to: samples)
        try Self.writeDefaults(to: defaults)
        let keys = try KeyFolder.create(at: keysFolder)
        _ = try Registry.create(
            at: root, defaults: defaults, policy: "default", keys: keys, now: Self.now,
            encrypting: encrypting)
    }

    /// Takes folders that another process made.
    public init(root: URL, outside: URL) {
        self.root = root
        self.outside = outside
        owned = []
    }

    private init(root: URL, outside: URL, owned: [TemporaryFolder]) {
        self.root = root
        self.outside = outside
        self.owned = owned
    }

    /// A copy of the registry's folder, as it is on the disk; what is outside is shared.
    public func copy() throws -> TinyRegistry {
        let temporary = try TemporaryFolder()
        let target = temporary.url.appending(path: "registry")
        try FileManager.default.copyItem(at: root, to: target)
        return TinyRegistry(root: target, outside: outside, owned: owned + [temporary])
    }

    /// The registry that this one is a clone of (`cloned`).
    public var source: TinyRegistry {
        TinyRegistry(root: outside.appending(path: "source"), outside: outside, owned: owned)
    }

    /// A clone of this registry with the same keys; a copy of this one becomes its `source`.
    public func cloned() throws -> TinyRegistry {
        try FileManager.default.copyItem(at: root, to: source.root)
        let temporary = try TemporaryFolder()
        let target = temporary.url.appending(path: "registry")
        _ = try Registry.clone(
            source.root, to: target, keys: keys(), now: Self.now, progress: { _ in })
        return TinyRegistry(root: target, outside: outside, owned: owned + [temporary])
    }

    /// A folder for this test's other files; it goes with the registry.
    public func folder(_ name: String) -> URL {
        root.deletingLastPathComponent().appending(path: name)
    }

    /// Opens the registry.
    public func open(
        beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in }
    ) throws(LetheError) -> Registry {
        let registry = try Registry(opening: root, beforeStep: beforeStep)
        try registry.useKeys(in: keysFolder)
        return registry
    }

    /// The private keys.
    public func keys() throws(LetheError) -> KeyFolder { try KeyFolder(contentsOf: keysFolder) }

    private static func writeDefaults(to folder: URL) throws {
        for name in ["recipes", "policies"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        for (name, strength) in [("strong", 2.0), ("weak", 0.25)] {
            let recipe = Recipe(
                name: name, method: "fake", description: "Takes \(strength) from each class.",
                parameters: .object(["strength": .number(strength)]))
            try TinyFiles.write(
                recipe.canonicalBytes(), to: folder.appending(path: "recipes/\(name).json"))
        }
        let whole = Recipe(
            name: "whole", method: "weights", description: "Makes other weights.",
            parameters: .object([:]))
        try TinyFiles.write(
            whole.canonicalBytes(), to: folder.appending(path: "recipes/whole.json"))
        let policy = Policy(
            name: "default", description: "At most chance.", errorBudget: 0.05,
            forgottenMarginAboveChance: 0, forgottenSampleMinimum: 1, retainedDropMaximum: 0.02,
            retainedDropUpperBoundMaximum: 0.05, worstClassDropMaximum: 0.1,
            worstClassSampleMinimum: 1)
        try TinyFiles.write(
            policy.canonicalBytes(), to: folder.appending(path: "policies/default.json"))
    }
}

extension TinyRegistry {
    /// Publishes the tiny model, or the one in another folder.
    @discardableResult
    public func publish(
        _ folder: URL? = nil, as model: String = TinyRegistry.model, in registry: Registry
    ) async throws(LetheError) -> Version {
        try await registry.publish(
            folder ?? modelFolder, as: model, engine: FakeEngine(), keys: keys(),
            now: Self.now, progress: { _ in })
    }

    /// Registers the tiny dataset.
    @discardableResult
    public func addDataset(
        named name: String = TinyRegistry.dataset, at url: URL? = nil, in registry: Registry
    ) async throws(LetheError) -> RegisteredDataset {
        try await registry.addDataset(
            named: name, at: DatasetLocation(url: url ?? samples), engine: FakeEngine(),
            keys: keys(), now: Self.now, progress: { _ in })
    }

    /// Forgets classes of the tiny model.
    @discardableResult
    public func forget(
        _ classes: [Int], recipe: String = "strong", dataset: String = TinyRegistry.dataset,
        engine: FakeEngine = FakeEngine(), now: Timestamp = TinyRegistry.now,
        in registry: Registry
    ) async throws(LetheError) -> Version {
        try await registry.forget(
            ForgetOrder(
                model: Self.model, classes: classes, dataset: dataset,
                recipe: registry.recipe(named: recipe), seed: 1, place: Self.place),
            engine: engine, keys: keys(), now: now, progress: { _ in })
    }

    /// Certifies the newest version of the tiny model.
    @discardableResult
    public func certify(
        judge: FakeJudge = FakeJudge(), keys: KeyFolder? = nil, in registry: Registry
    ) async throws(LetheError) -> CertifyOutcome {
        let order = JudgeOrder(
            revision: try Revision(Self.model), dataset: Self.dataset,
            policy: try registry.policy(named: "default"), place: Self.place)
        let signing = if let keys { keys } else { try self.keys() }
        return try await registry.certify(
            order, judge: judge, keys: signing, now: Self.now, progress: { _ in })
    }

    /// Checks everything.
    public func check(_ registry: Registry? = nil) throws(LetheError) -> StoreReport {
        let opened = if let registry { registry } else { try open() }
        return try opened.check(progress: { _ in })
    }
}
