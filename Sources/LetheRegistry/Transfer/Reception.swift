internal import Foundation
internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// Takes lines of another registry into this one: first everything they need, then checks as
/// strict as those of `fsck`, and last the reference.
///
/// The source is not trusted in anything: signatures are checked against the keys of the receiving
/// registry, every byte against its digest. A line that fails leaves the receiving registry as it
/// was, apart from whole objects that nothing refers to.
struct Reception {
    let source: TransferSource
    let target: Registry
    let trusted: TrustedKeys
    let keys: KeyFolder
    let progress: ProgressHandler

    init(
        from source: TransferSource, to target: Registry, keys: KeyFolder,
        progress: @escaping ProgressHandler
    ) throws(LetheError) {
        guard try !target.storage.isSame(as: source.layout) else {
            throw LetheError(
                code: .invalidArgument,
                message: "\(source.name) is this registry itself.",
                remedy: "Name another registry.")
        }
        self.source = source
        self.target = target
        self.keys = keys
        self.progress = progress
        trusted = try target.trustedKeys()
    }

    /// Takes these lines, or all; one that fails does not stop the others.
    func receive(_ names: [String]) throws(LetheError) -> TransferReport {
        var report = TransferReport()
        for reference in try source.lineage.chosenLines(names) {
            let transfer = RegistryTransfer(from: source, to: target.storage)
            var count = 0
            let outcome: LineTransfer.Outcome
            do throws(LetheError) {
                outcome = try receive(reference, by: transfer, &count)
            } catch {
                outcome = .failed(error)
            }
            report.lines.append(
                LineTransfer(reference: reference, versionCount: count, outcome: outcome))
            report.tally.add(transfer.tally)
        }
        return report
    }

    private func receive(
        _ reference: ReferenceName, by transfer: RegistryTransfer, _ count: inout Int
    ) throws(LetheError) -> LineTransfer.Outcome {
        let (theirs, ours, comparison) = try transfer.compare(reference)
        switch comparison {
        case .same: return .same
        case .ahead: return .ahead
        case .diverged(let base):
            throw disagreement(reference, theirs: theirs, ours: ours).conflict(after: base)
        case .unrelated: throw disagreement(reference, theirs: theirs, ours: ours).unrelated()
        case .forward(let commits):
            try copy(commits, of: reference, after: ours, by: transfer)
            try transfer.makeDurable()
            let versions = try check(commits, of: reference, after: ours)
            let leaves = try target.leaves(of: reference, tip: theirs).suffix(commits.count)
            try target.writeOrder(keys).receive(
                versions, on: reference, from: ours, objects: transfer.batch,
                leaves: Array(leaves))
            count = commits.count
            // What is revoked here from now on leaves no server of this registry any more when the
            // command says so. Receipts and requests revoke nothing.
            if reference.isModel || reference.kind == .erasure {
                try target.waitForSenders(of: reference.name)
            }
            return .moved(from: ours, to: theirs)
        }
    }

    private func copy(
        _ commits: [CommitID], of reference: ReferenceName, after ours: CommitID?,
        by transfer: RegistryTransfer
    ) throws(LetheError) {
        if let ours, reference.isModel {
            transfer.trust(try target.version(at: ours).storedFiles)
        }
        var doneBytes = 0
        let records = try target.erasureRecords(of: reference.name)
        for (number, id) in commits.enumerated() {
            try transfer.copyCommit(id) { (signature) throws(LetheError) in
                try Registry.check(signature, of: id, trusted)
            }
            guard reference.isModel else { continue }
            let version = try target.version(at: id)
            let isErased = records.erased.contains(version.reference)
            for file in version.storedFiles {
                if isErased, records.erasedObjects.contains(file.assembly ?? file.digest) {
                    continue
                }
                try transfer.copyFile(file) { count in
                    doneBytes += count
                    progress(
                        Progress(
                            phase: "\(reference.name), \(number + 1) of \(commits.count) versions "
                                + "(bytes)",
                            done: doneBytes, total: max(doneBytes, file.sizeBytes)))
                }
            }
        }
    }

    /// Checks what has arrived as `fsck` would.
    private func check(
        _ commits: [CommitID], of reference: ReferenceName, after ours: CommitID?
    ) throws(LetheError) -> [IndexedVersion] {
        if reference.kind == .dataset { return try checkDataset(commits, of: reference) }
        guard reference.isModel else {
            return try checkRecords(commits, of: reference, after: ours)
        }
        let line = LineCheck(
            target, model: reference.name, trusted: trusted,
            erased: try target.erasureRecords(of: reference.name).erasedObjects)
        var parent = try ours.mapping { (id) throws(LetheError) in try target.version(at: id) }
        return try commits.mapping { (id) throws(LetheError) in
            let commit = try target.storage.lineage.commit(id)
            let version = try target.version(at: id)
            guard commit.parents == parent.map({ [$0.commit] }) ?? [] else {
                throw inconsistent(reference, "a version has other parents than the one before")
            }
            try line.check(version, after: parent)
            parent = version
            return VersionIndexing.indexed(version, on: reference, summary: commit.summary)
        }
    }

    private func checkDataset(
        _ commits: [CommitID], of reference: ReferenceName
    ) throws(LetheError) -> [IndexedVersion] {
        let lineage = target.storage.lineage
        let before = try lineage.history(of: reference).count
        var versions: [IndexedVersion] = []
        for (offset, id) in commits.enumerated() {
            guard try target.dataset(at: id).record.name == reference.name,
                try lineage.files(at: id).count == 1
            else { throw inconsistent(reference, "a record is another dataset's") }
            versions.append(
                VersionIndexing.dataset(
                    try lineage.commit(id), number: before + offset + 1, on: reference))
        }
        return versions
    }

    private func checkRecords(
        _ commits: [CommitID], of reference: ReferenceName, after ours: CommitID?
    ) throws(LetheError) -> [IndexedVersion] {
        let line = RecordLine(registry: target, reference: reference)
        var parent = ours
        let before = try ours.mapping(line.entries(at:))?.count ?? 0
        var versions: [IndexedVersion] = []
        for id in commits {
            let commit = try target.storage.lineage.commit(id)
            guard commit.parents == parent.map({ [$0] }) ?? [] else {
                throw inconsistent(reference, "a record has other parents than the one before")
            }
            try line.check(id, after: parent)
            parent = id
            versions.append(
                VersionIndexing.dataset(
                    commit, number: before + versions.count + 1, on: reference))
        }
        if reference.kind == .request, let tip = commits.last {
            _ = try target.caseFile(reference.name, at: tip)
        }
        if reference.kind == .erasure, let tip = commits.last {
            try refuseStrangers(in: ErasureRecords(line.entries(at: tip)), of: reference.name)
        }
        return versions
    }

    private func inconsistent(_ reference: ReferenceName, _ complaint: String) -> LetheError {
        LetheError(
            code: .integrity,
            message: "\(reference.name) in \(source.name) is inconsistent: "
                + "\(complaint).",
            remedy: "Run lethe fsck there.")
    }
}

extension Reception {
    private func disagreement(
        _ reference: ReferenceName, theirs: CommitID, ours: CommitID?
    ) -> LineDisagreement {
        LineDisagreement(
            reference: reference,
            target: .init(
                tip: ours, lineage: target.storage.lineage, name: target.storage.layout.root.path),
            source: .init(tip: theirs, lineage: source.lineage, name: source.name))
    }

    /// Decisions come before versions; those about versions that will not come are not taken.
    private func refuseStrangers(
        in records: ErasureRecords, of model: String
    ) throws(LetheError) {
        guard let stranger = try target.stranger(in: records, of: model) else { return }
        throw LetheError(
            code: .conflict,
            message: "\(model) went on in both registries: what was decided in \(source.name) is "
                + "about another \(model)@v\(stranger.number) than that in "
                + "\(target.storage.layout.root.path).",
            remedy: "Nothing was moved. Fetch into the registry whose versions shall be followed, "
                + "and do the other registry's work again on top.")
    }
}

extension Version {
    /// Everything of this version that is an object: its files, the delta that made it, and the
    /// stages that it may serve; revoked ones need not be there any more.
    var storedFiles: [StoredFile] {
        (manifest.files + [manifest.delta?.file].compactMap { $0 }).map(\.stored)
            + (manifest.shards?.cleanStages ?? []).map(\.file.stored)
    }
}
