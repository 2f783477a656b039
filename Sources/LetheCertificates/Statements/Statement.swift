public import LetheRecords

/// What a statement says about its subjects: a record with an in-toto predicate type.
public protocol Predicate: Record {
    /// The predicate type, a URI with the version at its end.
    static var predicateType: String { get }
}

extension ForgetVerdict: Predicate {}

/// An in-toto Statement v1: somebody says something about files named by digest
/// (in-toto/attestation, spec/v1/statement.md).
public struct Statement<Content: Predicate>: Codable, Sendable, Equatable {
    /// The files that the statement is about, ordered by name.
    public let subject: [Subject]
    /// What it says of them.
    public let predicate: Content

    /// Says something about files; they are put in order of their name.
    ///
    /// - Throws: `invalidArgument` for no file, or for two of the same name.
    public init(subject: [Subject], predicate: Content) throws(LetheError) {
        self.subject = subject.sorted { $0.name < $1.name }
        self.predicate = predicate
        guard Self.isWellFormed(self.subject) else {
            throw LetheError(
                code: .invalidArgument,
                message: "A statement needs at least one file, each name once.")
        }
    }

    /// Reads a statement of this predicate type.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let type = try container.decode(String.self, forKey: .type)
        let predicateType = try container.decode(String.self, forKey: .predicateType)
        guard type == statementType, predicateType == Content.predicateType else {
            throw LetheError(
                code: .unsupported,
                message: "Expected \(Content.predicateType) in \(statementType), found "
                    + "\(predicateType.prefix(120)) in \(type.prefix(120)).",
                remedy: "A newer statement needs a newer Lethe.")
        }
        subject = try container.decode([Subject].self, forKey: .subject)
        predicate = try container.decode(Content.self, forKey: .predicate)
        guard Self.isWellFormed(subject), predicate.schema == Content.schemaName else {
            throw LetheError(
                code: .malformed,
                message: "The statement's files are not ordered by name, each once, or its "
                    + "predicate is not \(Content.schemaName).")
        }
    }

    /// Writes the statement with its two type fields.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(statementType, forKey: .type)
        try container.encode(subject, forKey: .subject)
        try container.encode(Content.predicateType, forKey: .predicateType)
        try container.encode(predicate, forKey: .predicate)
    }

    private static func isWellFormed(_ subject: [Subject]) -> Bool {
        !subject.isEmpty && zip(subject, subject.dropFirst()).allSatisfy { $0.name < $1.name }
    }

    private enum CodingKeys: String, CodingKey {
        case type = "_type"
        case subject, predicateType, predicate
    }
}

/// The `_type` of every in-toto statement of version 1.
private let statementType = "https://in-toto.io/Statement/v1"

/// One file by name and SHA-256 (an in-toto ResourceDescriptor).
public struct Subject: Codable, Sendable, Hashable {
    /// The path of the file in the model repository.
    public let name: String
    /// SHA-256 of the file.
    public let digest: Digest

    /// Names a file.
    public init(name: String, digest: Digest) {
        self.name = name
        self.digest = digest
    }

    /// Reads `{"digest":{"sha256":"…"},"name":"…"}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        let digests = try container.decode([String: String].self, forKey: .digest)
        guard digests.count == 1, let digest = digests["sha256"].flatMap(Digest.init(hex:)) else {
            throw LetheError(
                code: .malformed, message: "The subject \"\(name.prefix(80))\" has no one sha256.")
        }
        self.digest = digest
    }

    /// Writes `{"digest":{"sha256":"…"},"name":"…"}`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(["sha256": digest.hex], forKey: .digest)
    }

    private enum CodingKeys: String, CodingKey {
        case name, digest
    }
}
