internal import LetheRecords
internal import LetheStorage

extension LogLeaf {
    /// The entry of a version whose commit's signature covers bytes of the digest `signed`.
    init(version: Version, request: Digest?, signed: Digest) {
        let manifest = version.manifest
        self.init(
            kind: .model, name: manifest.model, number: manifest.number,
            operation: manifest.operation.rawValue, time: manifest.created,
            record: version.manifestDigest, previous: manifest.parent, signed: signed,
            certificate: manifest.certificate, request: request, commit: version.commit.hex)
    }

    /// The entry of a dataset's record.
    init(
        dataset name: String, record: Digest, number: Int, previous: Digest?, time: Timestamp,
        signed: Digest, commit: CommitID
    ) {
        self.init(
            kind: .dataset, name: name, number: number, operation: "dataset", time: time,
            record: record, previous: previous, signed: signed, commit: commit.hex)
    }
}

extension Registry {
    /// The entry that the log must have for a version.
    func leaf(of version: Version) throws(LetheError) -> LogLeaf {
        var request: Digest?
        if version.manifest.operation.honoursRequest, let id = version.manifest.requests.last {
            request = Digest(hashing: try required(VersionTree.requestPath(id), of: version))
        }
        return LogLeaf(
            version: version, request: request, signed: try signedDigest(of: version.commit))
    }

    /// The entries that the log must have for a line up to a commit, oldest first.
    func leaves(of reference: ReferenceName, tip: CommitID) throws(LetheError) -> [LogLeaf] {
        if [.erasure, .receipts, .request].contains(reference.kind) {
            return try RecordLine(registry: self, reference: reference)
                .leaves(tip: tip, signed: signedDigest)
        }
        var leaves: [LogLeaf] = []
        for commit in try storage.lineage.history(from: tip).reversed() {
            if reference.isModel {
                leaves.append(try leaf(of: version(at: commit.id)))
                continue
            }
            leaves.append(
                LogLeaf(
                    dataset: reference.name,
                    record: try dataset(at: commit.id).reference.digest,
                    number: leaves.count + 1, previous: leaves.last?.record,
                    time: Timestamp(secondsSince1970: commit.secondsSince1970),
                    signed: try signedDigest(of: commit.id), commit: commit.id))
        }
        return leaves
    }

    /// The entries of everything that is there: each line in its order, the lines by time.
    func existingLeaves() throws(LetheError) -> [LogLeaf] {
        var dated: [(time: Timestamp, leaf: LogLeaf)] = []
        for (reference, tip) in try storage.lineage.references() where !reference.isTag {
            // A clock that went back must not put a version before its parent.
            var latest = Timestamp(secondsSince1970: .min)
            for leaf in try leaves(of: reference, tip: tip) {
                latest = max(latest, leaf.time)
                dated.append((latest, leaf))
            }
        }
        return dated.sorted {
            ($0.time, $0.leaf.kind.rawValue, $0.leaf.name, $0.leaf.number)
                < ($1.time, $1.leaf.kind.rawValue, $1.leaf.name, $1.leaf.number)
        }.map(\.leaf)
    }

    private func signedDigest(of commit: CommitID) throws(LetheError) -> Digest {
        guard let signature = try storage.lineage.signature(of: commit) else {
            throw LetheError(
                code: .refused, message: "The commit \(commit) is not signed.",
                remedy: "Somebody else wrote it; move the line back to a signed commit.")
        }
        return Digest(hashing: signature.signedBytes)
    }
}
