import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import Logging

/// What every run needs before its method starts: threads, device, dataset, reader.
struct RunSetting {
    let device: Device
    let place: RunPlace
    let progress: ProgressHandler
    let cancellation: CancellationFlag
    let logger: Logger

    /// Prepares the calling thread, on which everything else has to happen.
    ///
    /// - Throws: `device` or `invalidArgument` for a place that is not there.
    init(
        _ place: RunPlace, progress: @escaping ProgressHandler, cancellation: CancellationFlag,
        logger: Logger
    ) throws(LetheError) {
        device = try Device(parsing: place.device)
        try device.requireAvailable()
        try Threads.set(place.threads)
        try LibTorch.set(deterministic: true)
        self.place = place
        self.progress = progress
        self.cancellation = cancellation
        self.logger = logger
    }

    /// What the manifest says about where it ran.
    var environment: RunEnvironment {
        RunEnvironment(
            lethe: letheVersion, libTorch: LibTorch.loadedVersion,
            device: device.description, threads: place.threads)
    }

    /// Decodes a pool of samples, reporting under a phase.
    func prepare(
        _ samples: [Sample], _ reader: SampleReader, phase: String
    ) throws(LetheError) -> PreparedImages {
        try PreparedImages(samples, reader: reader, device: device, cancellation: cancellation) {
            progress(Progress(phase: phase, done: $0, total: samples.count))
        }
    }

    /// Where checkpoints of a task go: what makes two runs the same is digested.
    func checkpoints(
        in folder: URL, identity: [String: JSONValue]
    ) throws(LetheError) -> CheckpointStore {
        var identity = identity
        identity["environment"] = [
            "lethe": .string(environment.lethe), "libTorch": .string(environment.libTorch),
            "device": .string(environment.device), "threads": .number(Double(environment.threads)),
        ]
        let bytes = try CanonicalJSON.encode(JSONValue.object(identity))
        return try CheckpointStore(folder: folder, task: Digest(hashing: bytes), logger: logger)
    }
}

extension ImageDataset {
    /// Refuses a dataset whose labels are not those of the head.
    ///
    /// - Parameter absent: Classes whose data may be gone, so that the last labels may be missing.
    /// - Throws: `labelMismatch` with both numbers.
    func requireClassCount(_ headCount: Int, absent: Set<Int>) throws(LetheError) {
        let mayEndEarly = format != .folder && classCount < headCount
        if mayEndEarly, (classCount..<headCount).allSatisfy(absent.contains) { return }
        guard classCount == headCount else {
            throw LetheError(
                code: .labelMismatch,
                message: "The dataset has \(classCount) classes, but the model's head has "
                    + "\(headCount) outputs.",
                remedy: "Use the dataset that the model was trained for.")
        }
    }
}

/// Hashes a file in pieces.
enum FileDigest {
    static func of(_ url: URL) throws(LetheError) -> Digest {
        var hasher = DigestHasher()
        do {
            let file = try FileHandle(forReadingFrom: url)
            defer { try? file.close() }
            while let data = try file.read(upToCount: 1 << 20), !data.isEmpty {
                hasher.update([UInt8](data))
            }
        } catch {
            throw LetheError(
                code: .io, message: "\(url.lastPathComponent) cannot be read.",
                remedy: "Check the path and its permissions.", cause: error)
        }
        return hasher.finalize()
    }
}
