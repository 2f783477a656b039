public import LetheRecords
internal import LetheStorage

/// The report as programs get it, on standard output or from another machine.
extension TransferReport {
    /// The members of the object.
    public var json: [String: JSONValue] {
        [
            "lines": .array(lines.map { .object($0.json) }),
            "objects": .number(Double(tally.objectCount)),
            "objectSizeBytes": .number(Double(tally.objectSizeBytes)),
            "gitObjects": .number(Double(tally.gitObjectCount)),
            "erased": .number(Double(erasedCount)),
            "erasedSizeBytes": .number(Double(erasedSizeBytes)),
        ]
    }

    /// Reads the report of another machine.
    ///
    /// - Throws: `malformed`.
    init(json value: JSONValue) throws(LetheError) {
        guard let lines = value["lines"]?.arrayValue else { throw LineTransfer.malformed }
        self.lines = try lines.mapping(LineTransfer.init(json:))
        tally = TransferTally(
            objectCount: value["objects"]?.integerValue ?? 0,
            objectSizeBytes: value["objectSizeBytes"]?.integerValue ?? 0,
            gitObjectCount: value["gitObjects"]?.integerValue ?? 0)
        erasedElsewhere = TransferTally(
            objectCount: value["erased"]?.integerValue ?? 0,
            objectSizeBytes: value["erasedSizeBytes"]?.integerValue ?? 0)
    }
}

extension LineTransfer {
    fileprivate static let malformed = LetheError(
        code: .malformed, message: "The other registry's report is none.",
        remedy: "Look at what it has with lethe log there.")

    fileprivate var json: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "reference": .string(reference.description), "versions": .number(Double(versionCount)),
            "outcome": .string(outcome.name), "error": .null,
        ]
        switch outcome {
        case .moved(let from, let to):
            members["from"] = from.map { .string($0.hex) } ?? .null
            members["to"] = .string(to.hex)
        case .failed(let error): members["error"] = error.json
        case .same, .ahead: break
        }
        return members
    }

    fileprivate init(json value: JSONValue) throws(LetheError) {
        guard let reference = value["reference"]?.stringValue.flatMap(ReferenceName.init),
            let count = value["versions"]?.integerValue, let name = value["outcome"]?.stringValue
        else { throw Self.malformed }
        self.reference = reference
        versionCount = count
        switch name {
        case "same": outcome = .same
        case "ahead": outcome = .ahead
        case "moved":
            guard let to = value["to"]?.stringValue.flatMap(CommitID.init) else {
                throw Self.malformed
            }
            outcome = .moved(from: value["from"]?.stringValue.flatMap(CommitID.init), to: to)
        case "failed":
            let error = value["error"].flatMap { LetheError(json: $0) }
            outcome = .failed(error ?? LetheError(code: .io, message: "It did not say why."))
        default: throw Self.malformed
        }
    }
}

extension LineTransfer.Outcome {
    fileprivate var name: String {
        switch self {
        case .moved: "moved"
        case .same: "same"
        case .ahead: "ahead"
        case .failed: "failed"
        }
    }
}
