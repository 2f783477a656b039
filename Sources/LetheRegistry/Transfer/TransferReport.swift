public import LetheRecords
public import LetheStorage

/// What became of one line.
public struct LineTransfer: Sendable {
    /// What happened.
    public enum Outcome: Sendable {
        /// The line moved forward; `from` is nil if it is new.
        case moved(from: CommitID?, to: CommitID)
        /// There was nothing to do.
        case same
        /// The receiving registry is ahead; it keeps what it has.
        case ahead
        /// The line did not move.
        case failed(LetheError)
    }

    /// The line.
    public let reference: ReferenceName
    /// How many versions arrived.
    public let versionCount: Int
    /// What happened.
    public let outcome: Outcome
}

/// What a push, fetch or clone did.
public struct TransferReport: Sendable {
    /// Every line that was asked for, in order.
    public internal(set) var lines: [LineTransfer] = []
    /// How much travelled, for lines that failed too: a later transfer sends only the rest.
    public internal(set) var tally = TransferTally()
    /// Objects that the receiving registry erased, because tombstones say so that arrived.
    public internal(set) var erased: [ErasedObject] = []
    /// What a receiving registry on another machine says that it erased; it names no object.
    var erasedElsewhere = TransferTally()

    /// How many objects the receiving registry erased.
    public var erasedCount: Int { erased.count + erasedElsewhere.objectCount }
    /// How long they were together.
    public var erasedSizeBytes: Int {
        erased.reduce(erasedElsewhere.objectSizeBytes) { $0 + $1.sizeBytes }
    }

    /// The first thing that went wrong.
    public var failure: LetheError? {
        for line in lines {
            if case .failed(let error) = line.outcome { return error }
        }
        return nil
    }
}
