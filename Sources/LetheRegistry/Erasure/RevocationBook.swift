public import LetheRecords
internal import LetheStorage

/// Whether a version is given out, and whether its bytes are still there.
public enum VersionState: String, Sendable, CaseIterable {
    /// Nothing speaks against it.
    case current
    /// It is no longer given out.
    case revoked
    /// It is revoked, and what only revoked versions needed was decided to go.
    case erased
}

/// Which versions of a line are revoked, and by what.
///
/// A certificate revokes every earlier version of its line that is not itself certified for the
/// same requests: an uncertified candidate is base and delta, and whoever has the base has what was
/// forgotten. That follows from the versions alone and holds before anybody writes it down; a
/// record (`Revocation`) names the versions and adds those that a person revoked.
struct RevocationBook {
    private let records: ErasureRecords
    /// The newest certified version: its number and how many requests it is certified for.
    private let certified: (number: Int, requestCount: Int)?

    init(_ records: ErasureRecords, certified: (number: Int, requestCount: Int)?) {
        self.records = records
        self.certified = certified
    }

    func state(number: Int, operation: String, requestCount: Int) -> VersionState {
        if records.erased.contains(where: { $0.number == number }) { return .erased }
        let isNamed = revocation(ofNumber: number) != nil
        let isOvertaken = isOvertaken(
            number: number, operation: operation, requestCount: requestCount)
        return isNamed || isOvertaken ? .revoked : .current
    }

    func state(of version: Version) -> VersionState {
        state(
            number: version.manifest.number, operation: version.manifest.operation.rawValue,
            requestCount: version.manifest.requests.count)
    }

    /// The newest record that revokes a version.
    func revocation(ofNumber number: Int) -> Revocation? {
        records.revocations.last { $0.versions.contains { $0.number == number } }
    }

    /// Whether the newest certificate overtakes a version.
    func isOvertaken(number: Int, operation: String, requestCount: Int) -> Bool {
        RevocationRule.isOvertaken(
            number: number, operation: operation, requestCount: requestCount, by: certified)
    }
}

extension Registry {
    /// What is revoked on a line.
    func revocationBook(of model: String) throws(LetheError) -> RevocationBook {
        let newest = try newestCertified(of: model)
        return RevocationBook(
            try erasureRecords(of: model),
            certified: newest.map { ($0.manifest.number, $0.manifest.requests.count) })
    }

    /// The newest certified version of a line; nil if none is certified.
    func newestCertified(of model: String) throws(LetheError) -> Version? {
        // The tip alone says whether there can be one; only then is the history asked.
        guard let tip = try tip(of: model), !tip.manifest.requests.isEmpty else { return nil }
        if tip.manifest.operation == .certify { return tip }
        guard try !certificates(of: tip).isEmpty else { return nil }
        do throws(LetheError) {
            return try resolve(Revision("\(model)@certified"))
        } catch {
            guard error.code == .refused else { throw error }
            return nil
        }
    }

    /// Whether a version is given out, and whether its bytes are still there.
    public func state(of version: Version) throws(LetheError) -> VersionState {
        try revocationBook(of: version.manifest.model).state(of: version)
    }

    /// Refuses a version that is revoked.
    ///
    /// - Throws: `refused`, naming the certified version to take instead.
    func refuseRevoked(_ version: Version) throws(LetheError) {
        let model = version.manifest.model
        let book = try revocationBook(of: model)
        let state = book.state(of: version)
        guard state != .current else { return }
        let newest = try newestCertified(of: model)
        let successor = newest.flatMap { book.state(of: $0) == .current ? $0 : nil }
        let record = book.revocation(ofNumber: version.manifest.number)
        let reason =
            record?.reason ?? Self.overtaken(version, by: newest?.name ?? "its successor")
        throw LetheError(
            code: .refused,
            message: "\(version.name) is revoked"
                + (state == .erased ? " and its bytes are erased" : "") + ": \(reason)",
            remedy: successor.map { "Pull \($0.name)." }
                ?? "Certify a newer version, or choose another with lethe log \(model).")
    }

    private static func overtaken(_ version: Version, by successor: String) -> String {
        "\(successor) is certified, and \(version.name) still knows what it has forgotten or was "
            + "only its candidate."
    }

    func erased(_ version: Version) -> LetheError {
        LetheError(
            code: .refused,
            message: "The bytes of \(version.name) are erased; a signed tombstone says so.",
            remedy: "Take a newer version: lethe log \(version.manifest.model).")
    }
}
