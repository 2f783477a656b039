internal import Foundation
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// Finds the version that a revision names; without an `@`, that is `fallback`.
    ///
    /// The index says which commit it is, and the commit is read and compared. An answer that does
    /// not hold, and an answer that there is none, count only after the line was read again.
    ///
    /// - Throws: `notFound` with what there is instead.
    public func resolve(
        _ revision: Revision, fallback: String = "latest"
    ) throws(LetheError) -> Version {
        let reference = try ReferenceName.model(revision.model)
        guard try storage.lineage.target(of: reference) != nil else {
            throw try unknown(model: revision.model)
        }
        let text = revision.selector ?? fallback
        if let selector = Self.selector(text) {
            if let found = try? find(selector, in: reference) { return found }
            try index.reread(reference)
            if let found = try find(selector, in: reference) { return found }
        }
        throw try missing(text, of: revision.model)
    }

    /// The version of a line that a selector names; nil if there is none.
    ///
    /// - Throws: `integrity` if the commit is not what the index says that it is.
    func find(
        _ selector: VersionSelector, in reference: ReferenceName
    ) throws(LetheError) -> Version? {
        let commits = try index.commits(selector, of: reference)
        guard let commit = commits.first else { return nil }
        if case .commitPrefix(let prefix) = selector, commits.count > 1 {
            throw LetheError(
                code: .invalidArgument, message: "\"\(prefix)\" begins several commits.",
                remedy: "Write more digits.")
        }
        let version = try version(at: commit)
        guard version.manifest.model == reference.name, Self.fits(version, selector) else {
            throw LetheError(
                code: .integrity, message: "The index names \(commit), which is another version.",
                remedy: "Run lethe reindex.")
        }
        return version
    }

    private static func fits(_ version: Version, _ selector: VersionSelector) -> Bool {
        switch selector {
        case .number(let number): version.manifest.number == number
        case .newestOf(let operation): version.manifest.operation.rawValue == operation
        case .commitPrefix(let prefix): version.commit.hex.hasPrefix(prefix)
        case .oldest: version.parent == nil
        case .newest: true
        }
    }

    private static func selector(_ text: String) -> VersionSelector? {
        if text == "latest" { return .newest }
        if text == "certified" {
            return .newestOf(operation: LetheRecords.Operation.certify.rawValue)
        }
        if text.hasPrefix("v"), let number = Int(text.dropFirst()) { return .number(number) }
        let isHex = text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
        return isHex && text.utf8.count >= 7 ? .commitPrefix(text) : nil
    }

    private func missing(_ selector: String, of model: String) throws(LetheError) -> LetheError {
        if selector == "certified" {
            return LetheError(
                code: .refused, message: "No version of \(model) is certified.",
                remedy: "Certify one with lethe certify \(model), or name a version.")
        }
        return LetheError(
            code: .notFound, message: "\(model) has no version \"\(selector)\".",
            remedy: "It has v1 to v\(try tip(of: model)?.manifest.number ?? 0); see lethe log "
                + "\(model).")
    }
}
