public import Foundation
public import LetheRecords
internal import LetheReports
import LetheTensor
import LetheVision

/// Lets cheats and honest models come before the judge, to see what it misses.
///
/// The models are real and small. The first version knows eight classes and must forget two; the
/// reference and the honest model were trained anew without them, under seeds of their own.
public struct ProvingGround: Sendable {
    /// The policy of the proving ground: every probe, on 120 forgotten test images.
    ///
    /// Its thresholds were chosen on the seeds 1 to 5; docs/results/judge.md has others.
    public static let policy = Policy(
        name: "proving-ground", description: "For made-up problems.", errorBudget: 0.05,
        forgottenMarginAboveChance: 0.1, forgottenSampleMinimum: 100, retainedDropMaximum: 0.1,
        retainedDropUpperBoundMaximum: 0.25, worstClassDropMaximum: 0.5,
        worstClassSampleMinimum: 50,
        probes: ProbePolicy(
            seed: 1, headRefit: RecoveryProbe(imagesPerClass: [1, 5], excessMaximum: 0.25),
            prototype: RecoveryProbe(imagesPerClass: [5], excessMaximum: 0.25),
            membership: MembershipProbe(advantageMaximum: 0.1), rounding: RoundingProbe(bits: [4]),
            relearning: RelearningProbe(
                imagesPerClass: [0, 1, 5, 20], retainedImagesPerClass: 20, stepCount: 30,
                batchSize: 32, learningRate: 0.002, excessMaximum: 0.35,
                measuredSteps: [5, 10, 20], curveExcessMaximum: 0.2,
                retainedOnlyExcessMaximum: 0.02),
            weightDistance: WeightDistanceProbe(barrierPointCount: 3),
            neighbourClass: NeighbourProbe(gapMaximum: 0.15), outputDivergence: DivergenceProbe()))

    /// The same with fewer curves, for tests: those of no image and of five of each class.
    public static var shortPolicy: Policy {
        var short = policy
        short.name = "proving-ground-short"
        short.probes?.relearning?.imagesPerClass = [0, 5]
        return short
    }

    /// How it went for one contender.
    public struct Outcome: Sendable {
        /// Who.
        public let contender: Contender
        /// The gates of accuracy that failed.
        public let accuracyFailures: [String]
        /// The gates of probes that failed.
        public let probeFailures: [String]
        /// Why the judge refused; nil if it did not.
        public let refusal: String?
        /// The report; nil if the judge refused.
        public let report: JudgeReport?
        /// SHA-256 of the judged weights.
        public let weights: Digest
        /// SHA-256 of the pixels and labels of the problem.
        public let data: Digest

        /// Whether a cheat got through, or an honest model did not.
        public var isMistake: Bool {
            let isCaught = refusal != nil || !accuracyFailures.isEmpty || !probeFailures.isEmpty
            return contender.expectation == .passes ? isCaught : !isCaught
        }

        /// Whether what must happen has happened.
        public var isAsExpected: Bool {
            switch contender.expectation {
            case .passes: !isMistake
            case .failsAccuracy: !accuracyFailures.isEmpty
            case .failsProbe: !probeFailures.isEmpty
            case .refused: refusal != nil
            }
        }
    }

    private let folder: URL
    private let seed: Int
    private let threads: Int
    private let policy: Policy
    private let problem: MadeUpProblem

    /// Makes the data, the first version, the reference and the honest model in a folder.
    ///
    /// - Throws: `io`, `tensor`, `device`.
    public init(
        in folder: URL, seed: Int, threads: Int, policy: Policy = ProvingGround.policy
    ) async throws(LetheError) {
        self.folder = folder
        self.seed = seed
        self.threads = threads
        self.policy = policy
        let problem = MadeUpProblem(seed: seed)
        self.problem = problem
        try problem.write(to: folder.appending(path: "data"))
        try problem.write(to: folder.appending(path: "leaking"), leaking: true)
        try await OwnThread.run(name: "lethe.proving-ground") { (_) throws(LetheError) in
            try Threads.set(threads)
            let starts: [(String, Int, Bool)] = [
                ("original", seed, false), ("reference", seed + 1000, true),
                (Contender.retrained.rawValue, seed + 2000, true),
            ]
            for (name, seed, isRetrained) in starts {
                let model = try Self.trained(problem, in: folder, seed: seed, isRetrained)
                try Self.save(model, to: folder.appending(path: name))
            }
        }
    }

    /// Has a contender judged.
    ///
    /// - Throws: what is no refusal of the judge, such as `io`.
    public func judge(_ contender: Contender) async throws(LetheError) -> Outcome {
        let place = folder.appending(path: contender.rawValue)
        try await prepare(contender, at: place)
        let data = contender == .trainedOnTest ? "leaking" : "data"
        let task = try task(place, data: data)
        do {
            var report = try await VerificationJudge(batchSize: 64).judge(task) { _ in }
            if contender == .reportEdited { Self.edit(&report) }
            try ReportCheck.require(
                report, requests: task.requests, policy: task.policy, sequenceNumber: 1)
            return Self.outcome(contender, report, task)
        } catch {
            guard [.refused, .integrity, .numerical].contains(error.code) else { throw error }
            return Outcome(
                contender: contender, accuracyFailures: [], probeFailures: [],
                refusal: error.message, report: nil, weights: task.weights,
                data: task.datasetReference.digest)
        }
    }

    private static func outcome(
        _ contender: Contender, _ report: JudgeReport, _ task: JudgeTask
    ) -> Outcome {
        let failed = report.gates.filter { !$0.held }
        let isProbe: (GateResult) -> Bool = {
            $0.gate.hasSuffix("-recovery") || $0.gate.hasSuffix("-attack")
        }
        return Outcome(
            contender: contender,
            accuracyFailures: failed.filter { !isProbe($0) }.map(\.gate),
            probeFailures: failed.filter(isProbe).map { "\($0.gate) \($0.subject)" },
            refusal: nil, report: report, weights: task.weights,
            data: task.datasetReference.digest)
    }

    private func task(_ model: URL, data: String) throws(LetheError) -> JudgeTask {
        let name = "model.safetensors"
        let original = folder.appending(path: "original")
        let reference = DatasetReference(name: "made-up", digest: problem.digest)
        let request = try ForgetRequest(
            model: "small", received: Timestamp(secondsSince1970: 1_800_000_000),
            classes: MadeUpProblem.forgotten, dataset: reference, sampleCount: 120,
            commitment: Digest(hashing: []), reference: nil)
        return JudgeTask(
            modelFolder: model, originalFolder: original,
            weights: try WeightsFile.digest(of: model.appending(path: name)),
            original: try WeightsFile.digest(of: original.appending(path: name)),
            dataset: DatasetLocation(url: folder.appending(path: data), format: "idx"),
            datasetReference: reference, split: "test", requests: [request], policy: policy,
            sequenceNumber: 1, place: RunPlace(threads: threads),
            referenceFolder: folder.appending(path: "reference"))
    }

    private func prepare(_ contender: Contender, at place: URL) async throws(LetheError) {
        guard contender != .retrained else { return }
        let (folder, problem, seed, threads) = (folder, problem, seed, threads)
        try await OwnThread.run(name: "lethe.proving-ground") { (_) throws(LetheError) in
            try Threads.set(threads)
            let model = try ClassifierLoading.load(folder: folder.appending(path: "original"))
            try Cheats(problem: problem, seed: seed).apply(contender, to: model)
            try Self.save(model, to: place)
            if contender == .negativeAdapter {
                try PlainFile.write(
                    Array("an adapter that nobody loads".utf8),
                    to: place.appending(path: "adapter_model.safetensors"))
            }
        }
    }

    /// Says of every forgotten image that it was missed, but forgets the bounds.
    private static func edit(_ report: inout JudgeReport) {
        for index in report.forgotten.indices {
            report.forgotten[index].correctCount = 0
            report.forgotten[index].accuracy = 0
        }
        for index in report.gates.indices where !report.gates[index].held {
            report.gates[index].value = report.gates[index].limit
            report.gates[index].held = true
        }
    }

    private static func trained(
        _ problem: MadeUpProblem, in folder: URL, seed: Int, _ isRetrained: Bool
    ) throws(LetheError) -> any ImageClassifier {
        let start = folder.appending(path: "configuration")
        try MadeUpProblem.writeConfiguration(to: start)
        let model = try ClassifierLoading.create(
            folder: start, generator: Generator(seed: UInt64(bitPattern: Int64(seed))))
        let forgotten = Set(isRetrained ? MadeUpProblem.forgotten : [])
        let pool = try SmallTraining.Pool(problem.training) { !forgotten.contains($0) }
        try SmallTraining(seed: seed).fit(model, to: pool)
        return model
    }

    private static func save(
        _ model: any ImageClassifier, to folder: URL
    ) throws(LetheError) {
        try MadeUpProblem.writeConfiguration(to: folder)
        try model.save(weightsTo: folder.appending(path: "model.safetensors"))
    }
}
