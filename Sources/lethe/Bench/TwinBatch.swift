internal import Foundation
internal import LetheForgetting
internal import LetheRecords
internal import LetheReports
internal import LetheStorage
internal import LetheVerification

/// A batch of twins in a folder of its own: `batch.json` says what it is about, and each pair has a
/// folder with its models and, once they are measured, `result.json`.
///
/// Killed at any moment, it goes on with the next call, to the same figures.
struct TwinBatch {
    let setting: MethodTrial.Setting
    let recipes: TwinTrial.Recipes
    let seed: Int
    let work: URL
    let progress: ProgressHandler

    /// Makes the pairs that are not there yet.
    ///
    /// - Throws: `conflict` where another process or another batch has the folder.
    func pairs(_ count: Int) throws -> [TwinPair] {
        let claim = try FolderClaim.claim(work, for: "these twins", files: StoreFiles())
        defer { withExtendedLifetime(claim) {} }
        try requireSameBatch()
        let trial = try TwinTrial(
            setting, recipes: recipes, seed: seed, work: work, progress: progress)
        return try (0..<count).map { number in
            let pair = try pair(number, trial)
            progress(
                LetheRecords.Progress(
                    phase: "making pairs of twins", done: number + 1, total: count))
            return pair
        }
    }

    /// What decides the figures, for `batch.json` and for results.
    func identity() throws -> JSONValue {
        let target: JSONValue =
            switch setting.target {
            case .classes(let labels): .array(labels.sorted().map { .number(Double($0)) })
            case .share(let share): .number(share)
            }
        let configurations = try ["config.json", "preprocessor_config.json"].map { name in
            let data = try Data(contentsOf: setting.modelFolder.appending(path: name))
            return JSONValue.string(Digest(hashing: [UInt8](data)).description)
        }
        return .object([
            "training": .string(try recipes.training.digest().description),
            "forgetting": .string(try recipes.forgetting.digest().description),
            "configurations": .array(configurations),
            "dataset": .string(setting.dataset.url.lastPathComponent), "forget": target,
            "trainPerClass": .number(Double(setting.trainPerClass)),
            "testPerClass": .number(Double(setting.testPerClass)),
            "seed": .number(Double(seed)), "lethe": .string(letheVersion),
            "libTorch": .string(MethodTrial.libTorchVersion),
            "device": .string(setting.place.device),
            "threads": .number(Double(setting.place.threads)),
        ])
    }

    /// Refuses a folder in which another batch is.
    private func requireSameBatch() throws {
        let file = work.appending(path: "batch.json")
        let bytes = try CanonicalJSON.encode(identity())
        if let found = try? Data(contentsOf: file) {
            guard [UInt8](found) == bytes else {
                throw LetheError(
                    code: .conflict,
                    message: "In this folder are twins of another batch: other recipes, data, "
                        + "seed, threads or another version.",
                    remedy: "Name another folder, or delete this one.")
            }
            return
        }
        try Data(bytes).write(to: file, options: .atomic)
    }

    private func pair(_ number: Int, _ trial: TwinTrial) throws -> TwinPair {
        let file = TwinTrial.folder(ofPair: number, in: work).appending(path: "result.json")
        // A result that cannot be read is measured again: the models are there.
        if let data = try? Data(contentsOf: file),
            let pair = try? CanonicalJSON.decode(TwinPair.self, from: [UInt8](data))
        {
            return pair
        }
        let made = try trial.pair(number)
        func scores(_ folder: URL) throws -> [Double] {
            try TwinScoring.scores(
                of: folder, dataset: setting.dataset, samples: made.samples, place: setting.place)
        }
        let pair = TwinPair(
            isMember: made.isMember, original: try scores(made.original),
            unlearned: try scores(made.unlearned), retrained: try scores(made.retrained),
            averageGap: made.unlearnedFigures.averageGap(to: made.retrainedFigures),
            seedGap: made.previousFigures?.averageGap(to: made.retrainedFigures))
        try Data(CanonicalJSON.encode(pair)).write(to: file, options: .atomic)
        return pair
    }
}
