public import Foundation
public import LetheRecords
import LetheTensor
import LetheVision
import Logging

/// Times one GS-LoRA training step: forward, backward, update.
///
/// Without a model folder it is DeiT-tiny at 224 pixels (arXiv:2012.12877) with random weights and
/// random images; half of a batch is to be forgotten. The figures are for comparing with the same
/// step in PyTorch on the same machine (`scripts/golden/forgetting_step_benchmark.py`).
public enum StepBenchmark {
    /// What was measured.
    public struct Result: Sendable, Codable, Equatable {
        /// Samples of a step.
        public var batchSize: Int
        /// Threads of the kernels.
        public var threads: Int
        /// The time of every measured step, in seconds, in order.
        public var stepSeconds: [Double]
        /// The largest resident memory of the process so far, in bytes.
        public var peakMemoryBytes: Int
        /// The version of the LibTorch that computed.
        public var libTorch: String

        /// The middle of the measured times, in seconds.
        public var medianSeconds: Double {
            stepSeconds.isEmpty ? 0 : stepSeconds.sorted()[stepSeconds.count / 2]
        }
    }

    /// Steps that are run before the clock starts.
    private static let warmUpSteps = 2

    /// Runs on the calling thread, which it blocks; call it from a thread of your own.
    ///
    /// - Parameters:
    ///   - steps: How many steps are timed.
    ///   - batchSize: Samples of a step, at least 2.
    ///   - modelFolder: A model to take instead of DeiT-tiny.
    ///   - imageSize: The side of the random images, in pixels; that of the model if nil.
    /// - Throws: `invalidArgument`, `device`, `tensor`.
    public static func run(
        steps: Int, batchSize: Int = 16, place: RunPlace, modelFolder: URL? = nil,
        imageSize: Int? = nil, progress: @escaping ProgressHandler = { _ in }
    ) throws(LetheError) -> Result {
        guard steps > 0, batchSize > 1 else {
            throw LetheError(
                code: .invalidArgument,
                message: "A benchmark needs at least one step and two samples.",
                remedy: "Give larger numbers.")
        }
        let setting = try RunSetting(
            place, progress: progress, cancellation: CancellationFlag(),
            logger: .init(label: "lethe.benchmark"))
        let generator = try Generator(seed: 1337)
        let model = try model(modelFolder, generator, setting.device)
        let method = try method(model, batchSize, imageSize, generator)
        let optimizer = try AdamW(parameters: method.parameters, learningRate: 1e-3)
        var seconds: [Double] = []
        let clock = ContinuousClock()
        for step in 0..<steps + warmUpSteps {
            let start = clock.now
            _ = try method.update(
                step: step, optimizer, learningRate: 1e-3, gradientNormLimit: 0)
            let elapsed = start.duration(to: clock.now).components
            if step >= warmUpSteps {
                seconds.append(Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
            }
            progress(Progress(phase: "timing steps", done: seconds.count, total: steps))
        }
        return Result(
            batchSize: batchSize, threads: place.threads, stepSeconds: seconds,
            peakMemoryBytes: peakMemoryBytes(), libTorch: LibTorch.loadedVersion)
    }

    private static func model(
        _ folder: URL?, _ generator: Generator, _ device: Device
    ) throws(LetheError) -> VisionTransformer {
        if let folder { return try VisionTransformer.load(folder: folder, device: device) }
        let tiny = VisionTransformerConfiguration(
            classCount: 1000, imageSize: 224, patchSize: 16, channels: 3, width: 192, depth: 12,
            headCount: 3, feedForwardWidth: 768)
        return try VisionTransformer.create(tiny, generator: generator, device: device)
    }

    /// The paper's loss on one batch of random images.
    private static func method(
        _ model: VisionTransformer, _ batchSize: Int, _ imageSize: Int?, _ generator: Generator
    ) throws(LetheError) -> GSLoRA {
        let configuration = model.configuration
        let side = imageSize ?? configuration.imageSize
        let images = try Tensor.normal(
            shape: [batchSize, configuration.channels, side, side], generator: generator
        ).moved(to: model.device)
        let forgetCount = batchSize / 2
        let batch = ForgetBatch(
            images: images, forgetLabels: try Tensor([Int64](repeating: 0, count: forgetCount)),
            retainLabels: try Tensor([Int64](repeating: 1, count: batchSize - forgetCount)),
            teacher: nil)
        let parameters = try GSLoRAParameters(
            Recipe(
                name: "benchmark", method: GSLoRAParameters.method, description: "",
                parameters: ["suppressionWeight": 0]), classCount: configuration.classCount)
        let adapters = try LowRankAdapters(
            model, rank: parameters.rank, slopeSquared: 5, seed: RunSeed(seed: 1337, task: 0))
        let roles = ClassRoles(
            forgotten: [0], earlier: [], retained: Array(1..<configuration.classCount))
        return try GSLoRA(
            model, adapters: adapters, losses: parameters.losses, roles: roles, monitor: nil,
            batch: { _ throws(LetheError) in batch },
            meter: { _ throws(LetheError) in
                SelectionCheck(figures: [:], score: 0, meetsGoal: false)
            })
    }

    /// The high-water mark that Linux keeps; 0 where there is none.
    private static func peakMemoryBytes() -> Int {
        let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let digits = line?.filter(\.isNumber) ?? ""
        return (Int(digits) ?? 0) * 1024
    }
}
