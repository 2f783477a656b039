public import Foundation
public import LetheRecords

/// The engine's port without tensors: a model is its classifier's first column, and forgetting a
/// class turns that class's entry negative.
///
/// What it writes depends on nothing but its task, so two runs give the same bytes.
public struct FakeEngine: Engine {
    /// What happens in the middle of a run; for tests that need another writer just then.
    public var amidRun: @Sendable () async throws(LetheError) -> Void
    /// Whether a run that finds no checkpoint leaves one and stops, as after Ctrl-C.
    public var stopsAtFirstCheckpoint: Bool

    /// The file that an interrupted run leaves in its checkpoint folder.
    public static let checkpointName = "checkpoint.txt"

    /// Makes an engine.
    public init(
        stopsAtFirstCheckpoint: Bool = false,
        amidRun: @escaping @Sendable () async throws(LetheError) -> Void = {
            () async throws(LetheError) in
        }
    ) {
        self.stopsAtFirstCheckpoint = stopsAtFirstCheckpoint
        self.amidRun = amidRun
    }

    /// Reads `config.json` and the header of the weights; knows the architecture `Tiny` only.
    public func inspect(modelFolder: URL) async throws(LetheError) -> ModelDescription {
        let configuration = try StrictJSON.parse(
            TinyFiles.read(modelFolder.appending(path: "config.json")))
        guard case .array(let names)? = configuration["architectures"],
            names.first?.stringValue == TinyModel.architecture
        else {
            throw LetheError(
                code: .unsupported, message: "The model has layers that are not supported.",
                remedy: "Publish a model of the architecture \(TinyModel.architecture).")
        }
        let weights = try TinyWeights(
            reading: modelFolder.appending(path: TinyModel.weightsName))
        return ModelDescription(
            architecture: TinyModel.architecture, classCount: weights.classCount,
            parameterCount: weights.parameterCount)
    }

    /// Reads `<split>/<label>/<sample>.txt`; a sample that begins with `damaged` does not decode.
    public func describe(
        dataset: DatasetLocation, key: CommitmentKey, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> DatasetDescription {
        let splits = try TinyDataset.splits(in: dataset.url)
        let samples = splits.flatMap { $0.classes.joined() }
        var damaged: [URL] = []
        for url in samples where try TinyFiles.read(url).starts(with: Array("damaged".utf8)) {
            damaged.append(url)
        }
        if let first = damaged.first {
            throw LetheError(
                code: .malformed,
                message: "\(damaged.count) of \(samples.count) samples do not decode, the first "
                    + "is \(first.lastPathComponent).",
                remedy: "Remove or mend them.")
        }
        let found = try splits.mapping { (split) throws(LetheError) in
            SplitDescription(
                name: split.name,
                commitments: try split.classes.mapping { (urls) throws(LetheError) in
                    try urls.mapping { (url) throws(LetheError) in
                        key.commitment(to: try TinyFiles.read(url), domain: "lethe.sample.v1")
                    }
                })
        }
        return DatasetDescription(format: "folder", splits: found)
    }

    /// Finds samples by `train/<label>/<number>.txt`.
    public func locate(
        _ names: [String], in dataset: DatasetLocation, key: CommitmentKey,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> LocatedSamples {
        let (training, matches) = try await training(dataset, key)
        let named = try names.enumerated().mapping { (line, name) throws(LetheError) in
            guard let match = matches[name] else {
                throw LetheError(
                    code: .notFound, message: "Line \(line + 1) names no sample of this dataset.")
            }
            return match
        }
        return LocatedSamples(named: named, training: training)
    }

    /// Takes the first training samples for the nearest ones.
    public func nearest(
        _ task: ExampleTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> [SimilarSample] {
        let (_, matches) = try await training(task.dataset, task.commitments.key)
        let each = matches.filter { $0.key.hasPrefix("train:") }.values
        let free = each.sorted { $0.index < $1.index }.filter {
            !task.excludedClasses.contains($0.label)
                && !task.commitments.forgotten.contains($0.commitment)
        }
        return free.prefix(task.nearestCount).enumerated().map {
            SimilarSample(sample: $1, similarity: 1 - Double($0) / 10)
        }
    }

    private func training(
        _ dataset: DatasetLocation, _ key: CommitmentKey
    ) async throws(LetheError) -> (split: SplitDescription, matches: [String: SampleMatch]) {
        let all = try await describe(dataset: dataset, key: key, progress: { _ in })
        guard let split = all.splits.first(where: { $0.name == "train" }) else {
            throw LetheError(code: .notFound, message: "There is no split train.")
        }
        var matches: [String: SampleMatch] = [:]
        for (label, commitments) in split.commitments.enumerated() {
            for (number, commitment) in commitments.enumerated() {
                let match = SampleMatch(
                    index: matches.count, label: label, commitment: commitment)
                matches["train/\(label)/\(number).txt"] = match
            }
        }
        for match in Array(matches.values) { matches["train:\(match.index)"] = match }
        return (split, matches)
    }

    /// Writes the untouched weights of a new tiny model.
    public func train(
        _ task: TrainTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> RunOutcome {
        try await run(in: task.checkpointFolder, progress)
        try TinyFiles.write(TinyModel.weights(shift: Float(task.seed)), to: task.weightsFile)
        return outcome(.weights, parameters: task.recipe.parameters, place: task.place)
    }

    /// Writes a delta of rank one that takes the recipe's `strength` from each class to forget; or
    /// the weights of another tiny model, where the recipe's method is `weights`; with a mask that
    /// holds the number `held` of the classifier, where the recipe names one.
    public func forget(
        _ task: ForgetTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> RunOutcome {
        try await run(in: task.checkpointFolder, progress)
        if task.recipe.method == "weights" {
            try TinyFiles.write(TinyModel.weights(shift: Float(task.seed)), to: task.weightsFile)
            var outcome = outcome(
                .weights, parameters: task.recipe.parameters, place: task.place)
            if let url = task.maskFile, let held = task.recipe.parameters["held"]?.integerValue {
                let bits = PruningMask.pack((0..<4 * TinyModel.classCount).map { $0 != held })
                try TinyFiles.write(
                    PruningMask(bits: ["classifier.weight": bits]).encoded(), to: url)
                outcome.writesMask = true
            }
            return outcome
        }
        guard case .number(let strength)? = task.recipe.parameters["strength"] else {
            throw LetheError(code: .invalidArgument, message: "The recipe names no strength.")
        }
        let delta = TinyModel.delta(
            forgetting: task.requests.flatMap(\.classes), strength: Float(strength), seed: task.seed
        )
        try TinyFiles.write(delta, to: task.deltaFile)
        var outcome = outcome(.delta, parameters: task.recipe.parameters, place: task.place)
        outcome.gradients = [
            GradientLook(step: 1, forgetNorm: 2, retainNorm: 0.5, cosine: -0.25),
            GradientLook(step: 2, forgetNorm: 1, retainNorm: 0.25, cosine: 0.5),
        ]
        return outcome
    }

    private func run(in folder: URL, _ progress: ProgressHandler) async throws(LetheError) {
        let checkpoint = folder.appending(path: Self.checkpointName)
        progress(Progress(phase: "training", done: 1, total: 2))
        if stopsAtFirstCheckpoint,
            !FileManager.default.fileExists(atPath: checkpoint.path)
        {
            try TinyFiles.write(Array("step 1".utf8), to: checkpoint)
            throw LetheError(
                code: .interrupted, message: "Interrupted after step 1 of 2.",
                remedy: "Run the same command again to go on.")
        }
        try await amidRun()
        progress(Progress(phase: "training", done: 2, total: 2))
    }

    private func outcome(
        _ product: RunProduct, parameters: JSONValue, place: RunPlace
    ) -> RunOutcome {
        RunOutcome(
            product: product, parameters: parameters, stepCount: 2, goalReached: true,
            selection: "every fifth training sample", selectionFigures: ["forgotten": 0],
            environment: TinyModel.environment(place))
    }
}

extension Sequence {
    /// `map` for closures that throw a known error.
    func mapping<Result, Failure: Error>(
        _ transform: (Element) throws(Failure) -> Result
    ) throws(Failure) -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try transform(element)) }
        return results
    }
}
