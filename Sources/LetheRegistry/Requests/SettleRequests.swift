public import LetheRecords
internal import LetheStorage

/// What the lineage says about open requests.
public struct Settlement: Sendable {
    /// Steps that were written now: the request's id and the step.
    public internal(set) var written: [(id: String, step: CaseStep.Kind)] = []
    /// Requests that cannot go on by themselves, with what stands in the way, one sentence each.
    public internal(set) var waiting: [(id: String, reasons: [String])] = []
}

extension Registry {
    /// Writes down what the lineage proves about open requests: that a version has honoured them,
    /// that a certificate says so, and that nothing else has the data any more.
    ///
    /// - Parameters:
    ///   - ids: The requests; all open ones if none is named.
    ///   - remainder: Why what remains exposed may remain; nil to wait until nothing does.
    /// - Throws: `notFound`, `conflict`; what reading the lineage throws.
    public func settle(
        _ ids: [String] = [], remainder: String? = nil, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> Settlement {
        try requireWritable(by: keys)
        let files = try ids.isEmpty ? caseFiles() : ids.mapping(caseFile)
        var settlement = Settlement()
        for file in files where file.isOpen {
            try settle(file, remainder, keys, now, &settlement)
        }
        return settlement
    }

    private func settle(
        _ file: CaseFile, _ remainder: String?, _ keys: KeyFolder, _ now: Timestamp,
        _ settlement: inout Settlement
    ) throws(LetheError) {
        var file = file
        let id = file.opening.id
        if [.accepted, .planned].contains(file.state), let found = try honouring(file) {
            file = try append(.run, to: file, keys: keys, now: now) {
                $0.version = found.version.reference
                $0.requests = found.requests
            }
            settlement.written.append((id, .run))
            // A run that was killed behind its version left its folder, with a copy of the weights.
            PendingRun.sweep(
                kind: "forget", honoured: try requests(of: found.version), in: storage.layout)
        }
        if file.state == .run, let found = try honouring(file, isCertified: true) {
            _ = try checkedCertificate(of: found.version, trusted: trustedKeys())
            file = try append(.verified, to: file, keys: keys, now: now) {
                $0.version = found.version.reference
                $0.requests = found.requests
                $0.certificate = found.version.manifest.certificate
            }
            settlement.written.append((id, .verified))
        }
        var reasons = [file.state.advice(id)]
        if file.state == .verified {
            let (blocking, expiring) = try exposed(file)
            let remaining = blocking + expiring
            if blocking.isEmpty || remainder != nil {
                let reason = blocking.isEmpty ? nil : remainder
                file = try append(.propagated, to: file, reason: reason, keys: keys, now: now) {
                    $0.remaining = remaining
                }
                settlement.written.append((id, .propagated))
                reasons = [file.state.advice(id)]
            } else {
                reasons = blocking
            }
        }
        settlement.waiting.append((id, reasons))
    }

    /// What still has the data of a request that a certificate covers: what somebody has to do
    /// something about, and what ends by itself.
    private func exposed(
        _ file: CaseFile
    ) throws(LetheError) -> (blocking: [String], expiring: [String]) {
        var blocking: Set<String> = []
        var expiring: Set<String> = []
        for request in file.newest(.verified)?.requests ?? [] {
            let trace = try trace(request.id)
            expiring.formUnion(trace.expiring)
            blocking.formUnion(trace.exposed)
        }
        return (blocking.subtracting(expiring).sorted(), expiring.sorted())
    }
}
