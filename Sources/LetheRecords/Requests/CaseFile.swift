/// A request and everything that was done about it, in order.
public struct CaseFile: Sendable {
    /// The request as it came in.
    public let opening: ErasureCase
    /// What was done, oldest first.
    public private(set) var steps: [CaseStep] = []

    /// A request that nothing was done about.
    public init(_ opening: ErasureCase) {
        self.opening = opening
    }

    /// Where it stands.
    public var state: CaseState {
        guard let last = steps.last(where: { $0.step != .extended }) else { return .received }
        guard last.step == .accepted else { return CaseState(after: last.step) }
        return approvals.count >= approvalMinimum ? .accepted : .awaitingApproval
    }

    /// The operators' keys that accepted it.
    public var approvals: Set<String> {
        Set(steps.filter { $0.step == .accepted }.map(\.operatorKey))
    }

    /// How many have to.
    public var approvalMinimum: Int {
        steps.compactMap(\.approvalMinimum).max() ?? 1
    }

    /// Whether the time was extended.
    public var isExtended: Bool { steps.contains { $0.step == .extended } }

    /// By when the requester must be answered: one calendar month after receipt, three if the time
    /// was extended (GDPR article 12(3)).
    ///
    /// It is the same time of the same day of the month, or of the month's last day. The law gives
    /// until the end of that day; we chose never to be later than any reading of it.
    public var due: Timestamp { opening.received.adding(months: isExtended ? 3 : 1) }

    /// Whether somebody still has to do something.
    public var isOpen: Bool { ![.closed, .refused, .withdrawn].contains(state) }

    /// Whether nobody has refused it and no version honours it yet.
    public var isPending: Bool { CaseState.beforeRun.contains(state) }

    /// The newest step of a kind.
    public func newest(_ kind: CaseStep.Kind) -> CaseStep? { steps.last { $0.step == kind } }

    /// Adds a step.
    ///
    /// - Throws: `refused` for one that is out of order, with what to do next; `malformed` for one
    ///   of another case or that lacks what it needs.
    public mutating func add(_ step: CaseStep) throws(LetheError) {
        guard step.case == opening.id else {
            throw malformed("a step of \(step.case.prefix(40)) among those of \(opening.id)")
        }
        try requireOrder(step)
        try requireContent(step)
        steps.append(step)
    }

    private func requireOrder(_ step: CaseStep) throws(LetheError) {
        guard state.allowed.contains(step.step) else {
            throw LetheError(
                code: .refused,
                message: "The request \(opening.id) is \(state.words); the step "
                    + "\"\(step.step.rawValue)\" cannot follow.",
                remedy: state.advice(opening.id))
        }
        if step.step == .accepted, approvals.contains(step.operatorKey) {
            throw LetheError(
                code: .refused,
                message: "The key \(step.operatorKey) has accepted \(opening.id) already; "
                    + "\(approvalMinimum) different operators have to.",
                remedy: "Another operator runs lethe requests accept \(opening.id) with --keys.")
        }
        guard step.step == .extended else { return }
        if isExtended || step.created > due {
            throw LetheError(
                code: .refused,
                message: isExtended
                    ? "The time of \(opening.id) was extended already; the law allows it once."
                    : "The time of \(opening.id) ended on \(due); it can no longer be extended.",
                remedy: "Answer the requester; GDPR article 12(3) asks for an extension to be "
                    + "told within the first month.")
        }
    }

    private func requireContent(_ step: CaseStep) throws(LetheError) {
        let needsReason: Set<CaseStep.Kind> = [.refused, .extended, .withdrawn]
        if needsReason.contains(step.step), step.reason == nil {
            throw malformed("the step \"\(step.step.rawValue)\" of \(opening.id) has no reason")
        }
        let isComplete =
            switch step.step {
            case .planned: step.reach != nil
            case .run: step.version != nil && step.requests?.isEmpty == false
            case .verified: step.version != nil && step.certificate != nil
            case .propagated: step.remaining != nil
            case .notified: step.recipientCount != nil
            default: true
            }
        if !isComplete { throw malformed("a step \"\(step.step.rawValue)\" that lacks a field") }
    }

    private func malformed(_ what: String) -> LetheError {
        LetheError(
            code: .malformed, message: "The line of a request has \(what).",
            remedy: "Restore the lineage from a backup or another clone.")
    }
}

/// Where a request stands.
public enum CaseState: String, Sendable, Codable, CaseIterable {
    /// It came in.
    case received
    /// The requester is known.
    case identified
    /// Accepted by fewer operators than have to.
    case awaitingApproval = "awaiting-approval"
    /// It will be honoured.
    case accepted
    /// It will not be honoured.
    case refused
    /// What it reaches is known.
    case planned
    /// A version has forgotten it.
    case run
    /// A certificate says so.
    case verified
    /// Nothing else has it.
    case propagated
    /// Recipients were told.
    case notified
    /// The requester was answered.
    case closed
    /// Taken back.
    case withdrawn

    /// The states in which it may still be taken back.
    public static let beforeRun: Set<CaseState> = [
        .received, .identified, .awaitingApproval, .accepted, .planned,
    ]

    /// The state that a step leads to.
    init(after step: CaseStep.Kind) {
        self =
            switch step {
            case .identified: .identified
            case .accepted: .accepted
            case .refused: .refused
            case .extended: .received
            case .planned: .planned
            case .run: .run
            case .verified: .verified
            case .propagated: .propagated
            case .notified: .notified
            case .closed: .closed
            case .withdrawn: .withdrawn
            }
    }

    /// The steps that may follow.
    var allowed: Set<CaseStep.Kind> {
        switch self {
        case .received: [.identified, .refused, .withdrawn, .extended]
        case .identified, .awaitingApproval: [.accepted, .refused, .withdrawn, .extended]
        case .accepted, .planned: [.planned, .run, .withdrawn, .extended]
        case .run: [.verified, .extended]
        case .verified: [.propagated, .extended]
        case .propagated: [.notified, .extended]
        case .notified: [.closed, .extended]
        case .refused, .closed, .withdrawn: []
        }
    }

    /// In words.
    public var words: String {
        self == .awaitingApproval ? "accepted, but not by enough operators" : rawValue
    }

    /// What to do next about a request in this state.
    public func advice(_ id: String) -> String {
        switch self {
        case .received: "Check who asks, then lethe requests identify \(id)."
        case .identified: "lethe requests accept \(id), or refuse it with a reason."
        case .awaitingApproval: "Another operator runs lethe requests accept \(id) with --keys."
        case .accepted: "lethe requests plan \(id)."
        case .planned: "lethe requests run \(id)."
        case .run: "Certify the model with lethe certify, then lethe requests settle."
        case .verified: "See what lethe requests settle says is exposed, and purge."
        case .propagated: "Tell the recipients (lethe notices), then lethe requests notify \(id)."
        case .notified: "Answer the requester, then lethe requests close \(id)."
        case .refused, .closed, .withdrawn: "Nothing is left to do; a new request is a new case."
        }
    }
}
