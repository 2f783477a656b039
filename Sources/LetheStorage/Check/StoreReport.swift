/// One thing that a check found.
public struct StoreFinding: Sendable, Hashable {
    /// Whether something is lost or wrong; otherwise it is only untidy.
    public let isDamage: Bool
    /// The kind of finding, for programs, such as `object-damaged`.
    public let code: String
    /// The file, commit or reference it is about.
    public let place: String
    /// What is wrong, in one sentence.
    public let message: String
    /// What mends it, in one sentence.
    public let remedy: String

    /// Describes a finding.
    public init(
        isDamage: Bool = true, code: String, place: String, message: String, remedy: String
    ) {
        self.isDamage = isDamage
        self.code = code
        self.place = place
        self.message = message
        self.remedy = remedy
    }
}

extension StoreFinding: Comparable {
    /// Damage first, then by place and code.
    public static func < (left: StoreFinding, right: StoreFinding) -> Bool {
        (left.isDamage ? 0 : 1, left.place, left.code)
            < (right.isDamage ? 0 : 1, right.place, right.code)
    }
}

/// What a check of the store found, and how much it looked at.
public struct StoreReport: Sendable, Hashable {
    /// Everything found, damage first, then by place.
    public internal(set) var findings: [StoreFinding] = []
    /// Objects whose digest was computed.
    public internal(set) var objectCount = 0
    /// The bytes of these objects.
    public internal(set) var objectSizeBytes = 0
    /// Files that were put together from their parts and compared.
    public internal(set) var assemblyCount = 0
    /// References that were followed.
    public internal(set) var referenceCount = 0
    /// Commits that were read.
    public internal(set) var commitCount = 0
    /// git-lfs pointers whose file was found whole.
    public internal(set) var pointerCount = 0
    /// Objects that no version needs.
    public internal(set) var orphanCount = 0
    /// The bytes of these objects.
    public internal(set) var orphanSizeBytes = 0

    /// Whether nothing is lost or wrong.
    public var isClean: Bool { !findings.contains(where: \.isDamage) }
}
