internal import LetheRecords
internal import LetheStorage

/// What an audit looks at, in the order of a report.
public enum AuditTopic: String, Sendable, CaseIterable {
    /// Each commit is signed by a trusted operator.
    case signatures
    /// Each version follows the one before it.
    case history
    /// Each version's tree holds what its manifest names and nothing else.
    case files
    /// Each version still lists every request that its ancestors honoured.
    case ancestors
    /// Each certificate is signed by a trusted verifier and is about its version.
    case certificates
    /// Each certificate's figures and gates follow from its counts and its policy.
    case figures
    /// Each certificate's bar was logged before the judgement, and judgements are counted.
    case judgements
    /// The log has every version, and every entry is a version.
    case log
    /// The log begins with what the saved checkpoint covers.
    case checkpoint
    /// Each revocation and tombstone is signed, in order, and about versions of its line.
    case erasures
    /// Each receipt names tombstones that there are.
    case receipts
    /// Each later certificate of a line covers the requests of the earlier ones.
    case epochs
    /// Each request to erase has a life that its steps, keys and versions bear out.
    case requests

    /// The question that it answers, for a person.
    public var question: String {
        switch self {
        case .signatures: "Is every commit signed by an operator who is trusted?"
        case .history: "Does every version follow the one before it?"
        case .files: "Does every version hold exactly the files that its manifest names?"
        case .ancestors: "Does every version answer for all requests of its ancestors?"
        case .certificates: "Is every certificate a trusted verifier's, about its version?"
        case .figures: "Does every certificate follow from its own counts and its policy?"
        case .judgements: "Was every bar logged before it was judged by?"
        case .log: "Does the log have every version, and no other?"
        case .checkpoint: "Does the log extend the checkpoint that was saved?"
        case .erasures: "Are revocations and tombstones signed, in order, and of this line?"
        case .receipts: "Do the receipts of deletion name tombstones that there are?"
        case .epochs: "Does the erasure epoch of every line only grow?"
        case .requests: "Is the life of every request in order, signed, and true of its versions?"
        }
    }
}

/// How often something was looked at.
public struct AuditTally: Sendable, Equatable {
    /// How many were looked at.
    public internal(set) var checkedCount = 0
    /// How many did not hold.
    public internal(set) var failedCount = 0
    /// How many could not be decided with what is at hand.
    public internal(set) var openCount = 0
}

/// The findings and counts of an audit, written down while it goes on.
struct AuditBook: Sendable {
    private(set) var tallies: [AuditTopic: AuditTally] = [:]
    private(set) var findings: [StoreFinding] = []

    /// Checks one thing; what it throws becomes a finding.
    ///
    /// - Returns: whether it holds.
    @discardableResult
    mutating func check(
        _ topic: AuditTopic, at place: String, _ body: () throws(LetheError) -> Void
    ) -> Bool {
        let failure = Self.failure(of: body)
        enter(topic, at: place, failure)
        return failure == nil
    }

    /// What a check throws; nil if it holds.
    ///
    /// For callers whose check changes what the book is a part of.
    static func failure(of body: () throws(LetheError) -> Void) -> LetheError? {
        do throws(LetheError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    /// Writes down what came of a check.
    mutating func enter(_ topic: AuditTopic, at place: String, _ failure: LetheError?) {
        tallies[topic, default: AuditTally()].checkedCount += 1
        guard let failure else { return }
        tallies[topic, default: AuditTally()].failedCount += 1
        findings.append(
            StoreFinding(
                code: "\(topic.rawValue)-\(failure.code)", place: place,
                message: [failure.message, failure.cause].compactMap { $0 }
                    .joined(separator: " "),
                remedy: failure.remedy ?? "Ask the operator; do not trust this version."))
    }

    /// Counts what was looked at elsewhere, with what was found there.
    mutating func add(_ topic: AuditTopic, checked count: Int, _ found: [StoreFinding]) {
        tallies[topic, default: AuditTally()].checkedCount += count
        tallies[topic, default: AuditTally()].failedCount += found.count(where: \.isDamage)
        findings += found
    }

    /// Writes down that something cannot be decided with what is at hand.
    mutating func leaveOpen(
        _ topic: AuditTopic, at place: String, _ message: String, remedy: String
    ) {
        tallies[topic, default: AuditTally()].openCount += 1
        note(code: "\(topic.rawValue)-open", at: place, message, remedy: remedy)
    }

    /// Writes down what is worth knowing and no damage.
    mutating func note(code: String, at place: String, _ message: String, remedy: String) {
        findings.append(
            StoreFinding(
                isDamage: false, code: code, place: place, message: message, remedy: remedy))
    }

    /// Takes over what another book has.
    mutating func merge(_ other: AuditBook) {
        findings += other.findings
        for (topic, tally) in other.tallies {
            tallies[topic, default: AuditTally()].checkedCount += tally.checkedCount
            tallies[topic, default: AuditTally()].failedCount += tally.failedCount
            tallies[topic, default: AuditTally()].openCount += tally.openCount
        }
    }
}
