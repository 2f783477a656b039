/// A request to erase as it came in: the first record of its line, `refs/requests/<id>`.
///
/// It says what is to be forgotten and on whose clock; what becomes of it, `CaseStep` records say.
/// It names nobody: the requester is a reference into a file that lies elsewhere.
public struct ErasureCase: Record {
    /// The schema's name.
    public static let schemaName = "lethe.case.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// `c-` and twelve hexadecimal digits, derived from the other fields.
    public var id: String
    /// The model.
    public var model: String
    /// When it came in; the clock runs from here.
    public var received: Timestamp
    /// The data that shows what is to be forgotten.
    public var dataset: DatasetReference
    /// The labels, ascending; none where samples are named.
    public var classes: [Int]
    /// The samples, by keyed commitments; nil where classes are named.
    public var samples: SampleList?
    /// How many training samples it names.
    public var sampleCount: Int
    /// The right that it claims.
    public var basis: LegalBasis
    /// A reference to the requester's file, such as `case 17/2026`; not a name.
    public var requester: String

    /// Describes a request; the id follows from the fields.
    ///
    /// - Throws: `invalidArgument` for a requester that looks like a name or an address.
    public init(
        model: String, received: Timestamp, dataset: DatasetReference, classes: [Int],
        samples: SampleList? = nil, sampleCount: Int, basis: LegalBasis, requester: String
    ) throws(LetheError) {
        id = ""
        self.model = model
        self.received = received
        self.dataset = dataset
        self.classes = classes.sorted()
        self.samples = samples
        self.sampleCount = sampleCount
        self.basis = basis
        self.requester = try RequesterReference.validate(requester)
        id = try derivedID()
    }

    /// Reads a request.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        schema = try fields.decode(String.self, forKey: .schema)
        id = try fields.decode(String.self, forKey: .id)
        model = try fields.decode(String.self, forKey: .model)
        received = try fields.decode(Timestamp.self, forKey: .received)
        dataset = try fields.decode(DatasetReference.self, forKey: .dataset)
        classes = try fields.decode([Int].self, forKey: .classes)
        samples = try fields.decodeIfPresent(SampleList.self, forKey: .samples)
        sampleCount = try fields.decode(Int.self, forKey: .sampleCount)
        basis = try fields.decode(LegalBasis.self, forKey: .basis)
        requester = try RequesterReference.validate(
            fields.decode(String.self, forKey: .requester))
    }

    /// The id that follows from the other fields.
    public func derivedID() throws(LetheError) -> String {
        var nameless = self
        nameless.id = ""
        return "c-" + (try nameless.digest().hex.prefix(12))
    }

    /// What it covers, in words for a person.
    public var coverage: String {
        guard samples == nil else {
            return "\(sampleCount) \(sampleCount == 1 ? "sample" : "samples")"
        }
        let labels = classes.map(String.init).joined(separator: ", ")
        return classes.count == 1 ? "class \(labels)" : "classes \(labels)"
    }
}

/// The right to erasure that a request claims.
///
/// The cases are the grounds of article 17(1) of the GDPR, and one for every other law or contract.
public enum LegalBasis: String, Sendable, Codable, CaseIterable {
    /// The data are no longer needed for what they were collected for, (a).
    case noLongerNeeded = "no-longer-needed"
    /// Consent was withdrawn, (b).
    case consentWithdrawn = "consent-withdrawn"
    /// The person objects, (c).
    case objection
    /// The data were processed unlawfully, (d).
    case unlawful
    /// A law demands erasure, (e).
    case legalObligation = "legal-obligation"
    /// The data were collected from a child for a service, (f).
    case childService = "child-service"
    /// Another law, a licence or a contract.
    case other
}

/// The rule for what stands for a requester in records that are kept for ever.
public enum RequesterReference {
    /// Takes a reference that can be no name and no address: it has a digit and no `@`.
    ///
    /// A rule cannot know every name; which one to take is our choice. A number of a file always
    /// has a digit, and a name hardly ever.
    ///
    /// - Throws: `invalidArgument` with the rule.
    public static func validate(_ text: String) throws(LetheError) -> String {
        let marks = Set(" ./_-#:".utf8)
        let isAllowed = text.utf8.allSatisfy { byte in
            isDigit(byte) || isLetter(byte) || marks.contains(byte)
        }
        guard (1...64).contains(text.utf8.count), isAllowed, text.utf8.contains(where: isDigit)
        else {
            throw LetheError(
                code: .invalidArgument,
                message: text.contains("@")
                    ? "A requester's reference must not be an e-mail address: it is kept for ever."
                    : "A requester's reference has 1 to 64 of a-z, A-Z, 0-9, space and ./_-#: and "
                        + "at least one digit, so that it is no name: it is kept for ever.",
                remedy: "Give the number of your own file, such as \"case 17/2026\", and keep who "
                    + "that is elsewhere.")
        }
        return text
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
    }
}
