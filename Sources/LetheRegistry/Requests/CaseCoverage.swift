internal import LetheRecords
internal import LetheStorage

/// A version that has honoured a request to erase, and the requests of its line that say so.
struct Honouring {
    let version: Version
    let requests: [RequestReference]
}

extension Registry {
    /// The first version of the model whose requests cover a case; nil if none does.
    ///
    /// - Parameter isCertified: Only versions that a certificate covers.
    func honouring(
        _ file: CaseFile, isCertified: Bool = false
    ) throws(LetheError) -> Honouring? {
        for version in try versions(of: file.opening.model) {
            guard !isCertified || version.manifest.operation == .certify,
                let requests = try covering(file.opening, at: version)
            else { continue }
            return Honouring(version: version, requests: requests)
        }
        return nil
    }

    /// The requests that a version has honoured and that together cover a case; nil if something
    /// of it is left.
    ///
    /// Coverage is a matter of content: whoever asks second for the same class is covered by what
    /// was done for the first.
    private func covering(
        _ opening: ErasureCase, at version: Version
    ) throws(LetheError) -> [RequestReference]? {
        let requests = try requests(of: version)
            .filter { $0.dataset.name == opening.dataset.name }
        guard !requests.isEmpty else { return nil }
        guard let list = opening.samples else {
            let used = requests.filter { !Set($0.classes).isDisjoint(with: opening.classes) }
            let isWhole = Set(used.flatMap(\.classes)).isSuperset(of: opening.classes)
            return isWhole ? try used.mapping(Self.reference) : nil
        }
        var left = Set(list.commitments)
        var used: [ForgetRequest] = []
        for request in requests {
            let forgotten = try commitments(of: request, at: version, key: list.commitmentKey)
            guard !left.isDisjoint(with: forgotten) else { continue }
            left.subtract(forgotten)
            used.append(request)
        }
        return left.isEmpty ? try used.mapping(Self.reference) : nil
    }

    /// The samples that a request had forgotten, if they are committed to under a key; nil for any.
    func commitments(
        of request: ForgetRequest, at version: Version, key: String? = nil
    ) throws(LetheError) -> Set<Digest> {
        let deletions = "deletions/\(request.id).json"
        if let file = version.manifest.files.first(where: { $0.path == deletions }) {
            let bytes = try storage.lineage.readFile(TreePath(file.path), at: version.commit)
            return try bytes.mapping(Deletion.read(canonical:))?.commitments ?? []
        }
        guard request.samples != nil else { return [] }
        let list = try sampleLists(of: version, requests: [request])[request.id]
        guard let list, key == nil || list.commitmentKey == key else { return [] }
        return Set(list.commitments)
    }
}
