import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// How many samples the pools of a run hold.
struct PoolSizes: Sendable {
    /// Forget samples used of each class; 0 for all.
    let forgetPerClass: Int
    /// Retained samples used of each class; 0 for all.
    let retainPerClass: Int
    /// Validation samples used of each forgotten class; 0 for all.
    var forgetValidationPerClass = 0
    /// Every how-many-th sample of a class is kept for validation.
    let validationInterval: Int
    /// Validation samples used of each retained class; 0 for all.
    let retainValidationPerClass: Int
}

extension GSLoRAParameters {
    var pools: PoolSizes {
        PoolSizes(
            forgetPerClass: batches.forgetSamplesPerClass,
            retainPerClass: batches.retainSamplesPerClass,
            forgetValidationPerClass: goal.forgetValidationSamplesPerClass,
            validationInterval: goal.validationInterval,
            retainValidationPerClass: goal.retainValidationSamplesPerClass)
    }
}

/// The four pools of a forget run, decoded: what moves the weights and what measures them.
struct ForgetPools {
    private(set) var forget: PreparedImages
    private(set) var retain: PreparedImages
    private(set) var forgetValidation: PreparedImages
    private(set) var retainValidation: PreparedImages
    /// What the manifest says about which samples selected the weights.
    let sentence: String

    /// - Throws: `labelMismatch`, `notFound` for a class without samples, `malformed` for images
    ///   that do not decode.
    init(
        _ task: ForgetTask, roles: ClassRoles, sizes: PoolSizes, setting: RunSetting
    ) throws(LetheError) {
        let dataset = try task.dataset.open()
        let headCount = roles.forgotten.count + roles.earlier.count + roles.retained.count
        try dataset.requireClassCount(headCount, absent: Set(roles.earlier))
        try task.requireCommitments(in: dataset, setting: setting)
        let named = try ForgottenSamples(task.commitments, in: dataset, setting: setting)
        let split = try SelectionSplit(
            dataset, excluding: Set(roles.earlier), without: named.all,
            interval: sizes.validationInterval)
        let reader = SampleReader(
            dataset: dataset, preprocessor: try ImagePreprocessor(folder: task.modelFolder))
        let single = try dataset.trainingSamples().filter { named.requested.contains($0.index) }
        let forgetSamples =
            split.training.samples(of: roles.forgotten, perClass: sizes.forgetPerClass) + single
        try Self.requireSamples(of: roles.forgotten, in: split)
        forget = try setting.prepare(forgetSamples, reader, phase: "reading images to forget")
        retain = try setting.prepare(
            split.training.samples(of: roles.retained, perClass: sizes.retainPerClass),
            reader, phase: "reading images to retain")
        let measured =
            split.validation.samples(
                of: roles.forgotten, perClass: sizes.forgetValidationPerClass) + single
        forgetValidation = try setting.prepare(
            measured.isEmpty ? forgetSamples : measured, reader, phase: "reading validation images")
        retainValidation = try setting.prepare(
            split.validation.samples(
                of: roles.retained, perClass: sizes.retainValidationPerClass),
            reader, phase: "reading validation images")
        guard retain.count > 0, retainValidation.count > 0 else {
            throw LetheError(
                code: .notFound, message: "The dataset has no samples of classes to retain.",
                remedy: "Give at least four training samples of some retained classes.")
        }
        sentence =
            split.sentence + (measured.isEmpty ? Self.tooFewSentence : "")
            + (single.isEmpty ? "" : Self.singleSentence)
    }

    /// The pools as the first adapted block sees them.
    mutating func replaceImages(
        with model: UpperBlocks, batchSize: Int, setting: RunSetting
    ) throws(LetheError) {
        let all = [\Self.forget, \.retain, \.forgetValidation, \.retainValidation]
        for (index, pool) in all.enumerated() {
            setting.progress(
                Progress(phase: "computing the lower blocks", done: index, total: all.count))
            self[keyPath: pool] = try self[keyPath: pool].transformed(
                batchSize: batchSize, cancellation: setting.cancellation, model.inputs)
        }
    }

    private static let singleSentence =
        "; samples that the request names one by one were measured themselves"

    private static let tooFewSentence =
        "; the forgotten classes have too few samples for that, their training samples were measured"

    private static func requireSamples(
        of classes: [Int], in split: SelectionSplit
    ) throws(LetheError) {
        let empty = classes.filter { split.training[$0]?.isEmpty ?? true }
        guard !empty.isEmpty else { return }
        let list = empty.map(String.init).joined(separator: ", ")
        throw LetheError(
            code: .notFound,
            message: "The dataset has no training samples of the classes to forget: \(list).",
            remedy: "Forgetting needs the data of the request; give the dataset that has it.")
    }
}
