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
    /// The labels to forget, ascending; numbers only, never names.
    public var classes: [Int]
    /// The data that shows them.
    public var dataset: DatasetReference
    /// How many training samples it covers.
    public var sampleCount: Int
    /// The RFC 6962 Merkle root over the covered classes' commitments, by ascending label.
    public var commitment: Digest
    /// A reference to the requester's file; not a name.
    public var reference: String?

    /// Makes a request; the id follows from the fields.
    ///
    /// - Throws: `malformed` if the fields do not encode.
    public init(
        model: String, received: Timestamp, classes: [Int], dataset: DatasetReference,
        sampleCount: Int, commitment: Digest, reference: String?
    ) throws(LetheError) {
        id = ""
        self.model = model
        self.received = received
        self.classes = classes.sorted()
        self.dataset = dataset
        self.sampleCount = sampleCount
        self.commitment = commitment
        self.reference = reference
        id = "r-" + (try digest().hex.prefix(12))
    }
}
