/// One erasure request: what must be forgotten, on whose clock; `.lethe/requests/<id>.json`.
public struct ForgetRequest: Record {
    /// The schema's name.
    public static let schemaName = "lethe.request.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// `r-` and twelve hexadecimal digits, derived from the other fields.
    public var id: String
    /// The model it was made for.
    public var model: String
    /// When it came in.
    public var received: Timestamp
    /// The labels to forget, ascending; numbers, never names, and none where samples are named.
    public var classes: [Int]
    /// The data that shows them.
    public var dataset: DatasetReference
    /// How many training samples it covers.
    public var sampleCount: Int
    /// The RFC 6962 Merkle root over the covered classes' commitments, by ascending label, or over
    /// the list of samples.
    public var commitment: Digest
    /// A reference to the requester's file; not a name.
    public var reference: String?
    /// Which samples, if it names samples and not classes.
    public var samples: SampleSelection?

    /// Makes a request; the id follows from the fields.
    ///
    /// - Throws: `malformed` if the fields do not encode.
    public init(
        model: String, received: Timestamp, classes: [Int], dataset: DatasetReference,
        sampleCount: Int, commitment: Digest, reference: String?,
        samples: SampleSelection? = nil
    ) throws(LetheError) {
        id = ""
        self.model = model
        self.received = received
        self.classes = classes.sorted()
        self.dataset = dataset
        self.sampleCount = sampleCount
        self.commitment = commitment
        self.reference = reference
        self.samples = samples
        id = try derivedID()
    }

    /// The id that follows from the other fields.
    public func derivedID() throws(LetheError) -> String {
        var nameless = self
        nameless.id = ""
        return "r-" + (try nameless.digest().hex.prefix(12))
    }

    /// What it covers, in words for a person: labels, or how many samples.
    public var coverage: String {
        guard samples == nil, !classes.isEmpty else {
            return "\(sampleCount) \(sampleCount == 1 ? "sample" : "samples")"
        }
        let labels = classes.map(String.init).joined(separator: ", ")
        return (classes.count == 1 ? "class " : "classes ") + labels
    }
}
