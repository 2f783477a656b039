/// How a line's first version answered each sample of a test split: right or wrong, and nothing
/// else.
///
/// Retained accuracy is measured against a line's first version, which knows everything that was
/// ever forgotten. This record, signed by a verifier, takes its place once its weights are erased.
/// The order of the bits is that of the split's samples, which the dataset's record commits to.
public struct Yardstick: Record {
    /// The schema's name.
    public static let schemaName = "lethe.yardstick.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The model.
    public var model: String
    /// The line's first version.
    public var version: VersionReference
    /// SHA-256 of its weights file.
    public var weights: Digest
    /// The test data, by the digest of its record.
    public var dataset: DatasetReference
    /// The split that was measured.
    public var split: String
    /// How many samples the split has.
    public var sampleCount: Int
    /// Eight samples a byte in hexadecimal digits, the first sample in the highest bit; 1 is right,
    /// unused bits at the end are 0.
    public var correct: String
    /// Where it was measured.
    public var environment: RunEnvironment
    /// When.
    public var created: Timestamp

    /// Describes answers, one for each sample in the split's order.
    public init(
        model: String, version: VersionReference, weights: Digest, dataset: DatasetReference,
        split: String, answers: [Bool], environment: RunEnvironment, created: Timestamp
    ) {
        self.model = model
        self.version = version
        self.weights = weights
        self.dataset = dataset
        self.split = split
        sampleCount = answers.count
        correct = Self.digits(of: answers)
        self.environment = environment
        self.created = created
    }

    /// Whether each sample was answered rightly, in the split's order.
    ///
    /// - Throws: `malformed` if the digits are not those of `sampleCount` samples.
    public func answers() throws(LetheError) -> [Bool] {
        var bits: [Bool] = []
        for byte in Hex.decode(correct) ?? [] {
            for place in 0..<8 { bits.append((byte >> (7 - place)) & 1 == 1) }
        }
        let answers = Array(bits.prefix(max(sampleCount, 0)))
        guard Self.digits(of: answers) == correct, answers.count == sampleCount else {
            throw LetheError(
                code: .malformed,
                message: "The yardstick of \(model) does not have one bit for each of "
                    + "\(sampleCount) samples.",
                remedy: "Restore the lineage from a backup or another clone.")
        }
        return answers
    }

    private static func digits(of answers: [Bool]) -> String {
        var bytes = [UInt8](repeating: 0, count: (answers.count + 7) / 8)
        for (number, isRight) in answers.enumerated() where isRight {
            bytes[number / 8] |= 0x80 >> UInt8(number % 8)
        }
        return Hex.encode(bytes)
    }
}
