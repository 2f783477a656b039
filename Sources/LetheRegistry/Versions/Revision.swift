internal import Foundation
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// Finds the version that a revision names; without an `@`, that is `fallback`.
    ///
    /// - Throws: `notFound` with what there is instead.
    public func resolve(
        _ revision: Revision, fallback: String = "latest"
    ) throws(LetheError) -> Version {
        let versions = try versions(of: revision.model)
        let selector = revision.selector ?? fallback
        let found: Version?
        if selector == "latest" {
            found = versions.last
        } else if selector == "certified" {
            found = versions.last { $0.manifest.operation == .certify }
        } else if selector.hasPrefix("v"), let number = Int(selector.dropFirst()) {
            found = versions.first { $0.manifest.number == number }
        } else {
            found = try matching(commit: selector, in: versions)
        }
        guard let found else { throw missing(selector, of: revision.model, versions) }
        return found
    }

    private func matching(
        commit prefix: String, in versions: [Version]
    ) throws(LetheError) -> Version? {
        guard prefix.utf8.count >= 7 else { return nil }
        let found = versions.filter { $0.commit.hex.hasPrefix(prefix) }
        guard found.count < 2 else {
            throw LetheError(
                code: .invalidArgument, message: "\"\(prefix)\" begins several commits.",
                remedy: "Write more digits.")
        }
        return found.first
    }

    private func missing(
        _ selector: String, of model: String, _ versions: [Version]
    ) -> LetheError {
        if selector == "certified" {
            return LetheError(
                code: .refused, message: "No version of \(model) is certified.",
                remedy: "Certify one with lethe certify \(model), or name a version.")
        }
        return LetheError(
            code: .notFound, message: "\(model) has no version \"\(selector)\".",
            remedy: "It has v1 to v\(versions.last?.manifest.number ?? 0); see lethe log \(model).")
    }
}
