public import LetheRecords
internal import LetheStorage

/// A name that somebody gave to a version of a model: `refs/tags/<model>/<name>`.
public struct VersionTag: Sendable, Equatable {
    /// The name.
    public let name: String
    /// The number of the version that it names.
    public let number: Int
}

extension Registry {
    /// The tags of a model, by name; one that leads to no version of the model is left out.
    ///
    /// - Throws: `invalidArgument` for a name that no model can have.
    public func tags(of model: String) throws(LetheError) -> [VersionTag] {
        _ = try ReferenceName.model(model)
        let found = try storage.lineage.references(prefix: "refs/tags/\(model)/")
        return found.compactMap { reference, target in
            guard let version = try? version(at: target), version.manifest.model == model else {
                return nil
            }
            return VersionTag(name: reference.name, number: version.manifest.number)
        }
    }
}
