/// What went wrong, in a closed set that programs can switch on.
///
/// The set is hidden behind static members so that codes can be added without breaking callers.
public struct ErrorCode: Sendable, Hashable, CustomStringConvertible {
    /// The stable name, as printed with `--json`.
    public let description: String

    /// The process exit code (architecture section 7): 1 failed, 2 usage, 3 gate, 4 integrity,
    /// 5 refused, 6 conflict.
    public let exitCode: Int32

    private init(_ description: String, exit exitCode: Int32) {
        self.description = description
        self.exitCode = exitCode
    }

    /// A program or a person gave a value that makes no sense here.
    public static let invalidArgument = ErrorCode("invalid-argument", exit: 2)
    /// A name, revision, class, file or object that does not exist.
    public static let notFound = ErrorCode("not-found", exit: 1)
    /// Something of that name is already there.
    public static let alreadyExists = ErrorCode("already-exists", exit: 1)
    /// A file from outside is not what its format demands.
    public static let malformed = ErrorCode("malformed", exit: 1)
    /// A format, layer or feature that this version does not handle.
    public static let unsupported = ErrorCode("unsupported", exit: 1)
    /// The labels of a dataset and the head of a model do not fit each other.
    public static let labelMismatch = ErrorCode("label-mismatch", exit: 2)
    /// The operating system refused: permissions, read-only, missing folder.
    public static let io = ErrorCode("io", exit: 1)
    /// The disk is full.
    public static let diskFull = ErrorCode("disk-full", exit: 1)
    /// LibTorch reported an error.
    public static let tensor = ErrorCode("tensor", exit: 1)
    /// A device that this machine or this LibTorch does not have.
    public static let device = ErrorCode("device", exit: 1)
    /// A loss or weight that is not a finite number.
    public static let numerical = ErrorCode("numerical", exit: 1)
    /// The goal was not reached within the budget of the recipe.
    public static let goalNotReached = ErrorCode("goal-not-reached", exit: 1)
    /// The person pressed Ctrl-C; finished work is kept.
    public static let interrupted = ErrorCode("interrupted", exit: 130)
    /// A gate of the policy did not hold.
    public static let gateFailed = ErrorCode("gate-failed", exit: 3)
    /// Bytes do not match their digest, or a signature does not match its bytes.
    public static let integrity = ErrorCode("integrity", exit: 4)
    /// Policy says no: revoked, uncertified, untrusted key.
    public static let refused = ErrorCode("refused", exit: 5)
    /// Bytes are encrypted and their key is not at hand.
    public static let keyMissing = ErrorCode("key-missing", exit: 1)
    /// Somebody else was first.
    public static let conflict = ErrorCode("conflict", exit: 6)

    /// Every code, as another program may tell them.
    private static let all: [ErrorCode] = [
        .invalidArgument, .notFound, .alreadyExists, .malformed, .unsupported, .labelMismatch, .io,
        .diskFull, .tensor, .device, .numerical, .goalNotReached, .interrupted, .gateFailed,
        .integrity, .refused, .keyMissing, .conflict,
    ]

    /// The code of a stable name; nil if there is none.
    public static func named(_ name: String) -> ErrorCode? {
        all.first { $0.description == name }
    }
}

/// The one error type of Lethe: a code, what was wrong, and what to do next.
public struct LetheError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure this is.
    public let code: ErrorCode
    /// What was wrong, in one sentence for a person.
    public let message: String
    /// What to do next, in one sentence; nil where nothing can be done.
    public let remedy: String?
    /// The lower error, as text, that led here.
    public let cause: String?

    /// Makes an error; `cause` is kept as text so that errors stay `Sendable`.
    public init(
        code: ErrorCode, message: String, remedy: String? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause.map { String(describing: $0) }
    }

    /// The message, the cause and the remedy in reading order.
    public var description: String {
        var text = message
        if let cause { text += " (\(cause))" }
        if let remedy { text += "\n\(remedy)" }
        return text
    }
}
