import LetheRecords
import LetheVision

/// Decodes and prepares samples for a model, several at a time on all cores.
struct SampleReader: Sendable {
    let dataset: ImageDataset
    let preprocessor: ImagePreprocessor

    /// One prepared image: its values channel by channel, and its sizes.
    struct Prepared: Sendable {
        let values: [Float]
        let shape: [Int]
    }

    /// The prepared images of some samples, in their order.
    ///
    /// - Throws: `malformed` that names and counts the samples that do not decode.
    func read(_ samples: some Collection<Sample>) throws(LetheError) -> [Prepared] {
        let results = parallelMap(Array(samples)) { sample in
            Result { () throws(LetheError) in try prepare(sample) }
        }
        var prepared: [Prepared] = []
        var failures = UndecodableSamples()
        for (sample, result) in zip(samples, results) {
            switch result {
            case .success(let image): prepared.append(image)
            case .failure(let error): failures.add(dataset.description(of: sample), error)
            }
        }
        try failures.throwIfAny(among: samples.count)
        return prepared
    }

    private func prepare(_ sample: Sample) throws(LetheError) -> Prepared {
        let image = try preprocessor.prepared(dataset.image(of: sample))
        return Prepared(
            values: preprocessor.normalized(image),
            shape: [image.channels, image.height, image.width])
    }
}

/// Collects the samples that do not decode, to name and count them in one error.
struct UndecodableSamples {
    /// How many are named in the message.
    private static let namedCount = 5
    private var names: [String] = []
    private var firstError: LetheError?
    private var count = 0

    mutating func add(_ name: String, _ error: LetheError) {
        count += 1
        if names.count < Self.namedCount { names.append(name) }
        if firstError == nil { firstError = error }
    }

    /// - Throws: `malformed` if there is any; the first one's own error says why.
    func throwIfAny(among total: Int) throws(LetheError) {
        guard let firstError else { return }
        guard firstError.code == .malformed || firstError.code == .unsupported else {
            throw firstError
        }
        let more = count > names.count ? " and \(count - names.count) more" : ""
        throw LetheError(
            code: .malformed,
            message: "\(count) of \(total) images do not decode: "
                + names.joined(separator: ", ") + more + ". The first: \(firstError.message)",
            remedy: "Repair or remove these images; none is skipped silently.")
    }
}
