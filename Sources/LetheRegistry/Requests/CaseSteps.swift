public import LetheRecords

extension Registry {
    /// Says that the requester is who they say.
    ///
    /// - Throws: `notFound`, `refused` for a step out of order.
    public func identify(
        _ id: String, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> CaseFile {
        try requireWritable(by: keys)
        return try append(.identified, to: caseFile(id), keys: keys, now: now)
    }

    /// Says that a request will be honoured; where the policy wants more than one operator, each of
    /// them says so with a key of their own.
    ///
    /// - Throws: `refused` for a step out of order, for the same key twice, and where the policy's
    ///   limits are reached.
    public func accept(
        _ id: String, policy: Policy, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> CaseFile {
        try requireWritable(by: keys)
        let file = try caseFile(id)
        let needed = policy.requests?.approvalMinimum ?? 1
        if file.approvals.isEmpty {
            try CaseLimits(policy.requests).check(file, among: caseFiles(), now: now)
        }
        return try append(.accepted, to: file, keys: keys, now: now) {
            $0.approvalMinimum = needed > 1 ? needed : nil
        }
    }

    /// Says that a request will not be honoured, and why.
    ///
    /// - Throws: `invalidArgument` for a reason that names somebody or is none; `refused`.
    public func refuse(
        _ id: String, reason: String, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> CaseFile {
        try requireWritable(by: keys)
        return try append(.refused, to: caseFile(id), reason: reason, keys: keys, now: now)
    }

    /// Takes two further months (GDPR article 12(3)), once, within the first month.
    ///
    /// - Throws: as `refuse`.
    public func extend(
        _ id: String, reason: String, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> CaseFile {
        try requireWritable(by: keys)
        return try append(.extended, to: caseFile(id), reason: reason, keys: keys, now: now)
    }

    /// Takes a request back, before a version has honoured it.
    ///
    /// - Throws: as `refuse`.
    public func withdraw(
        _ id: String, reason: String, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> CaseFile {
        try requireWritable(by: keys)
        let file = try caseFile(id)
        if file.isPending, let version = try honouring(file)?.version {
            throw LetheError(
                code: .refused,
                message: "\(version.name) has honoured \(id) already; it can no longer be taken "
                    + "back.",
                remedy: "lethe requests settle writes down what was done.")
        }
        return try append(.withdrawn, to: file, reason: reason, keys: keys, now: now)
    }

    /// Says that whoever received a model that knew the data was told (GDPR article 19).
    ///
    /// Who they are stands in `pulls/` as far as it is known; the record keeps a number only,
    /// because a list of customers must be erasable.
    ///
    /// - Parameter others: Recipients besides, whom the registry does not know.
    /// - Throws: `refused` for a step out of order.
    public func notify(
        _ id: String, others: Int = 0, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> CaseFile {
        try requireWritable(by: keys)
        let file = try caseFile(id)
        let known = try file.newest(.run)?.requests.mapping { (requests) throws(LetheError) in
            try recipients(of: requests.map(\.id)).count
        }
        return try append(.notified, to: file, keys: keys, now: now) {
            $0.recipientCount = (known ?? 0) + max(others, 0)
        }
    }

    /// Says that the requester was answered.
    ///
    /// - Throws: `refused` for a step out of order.
    public func close(
        _ id: String, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> CaseFile {
        try requireWritable(by: keys)
        return try append(.closed, to: caseFile(id), keys: keys, now: now)
    }
}
