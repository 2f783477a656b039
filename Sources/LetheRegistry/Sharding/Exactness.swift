internal import Foundation
internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

extension Registry {
    /// Why a sharded version never saw what its line has deleted; nil for other models.
    ///
    /// - Throws: `integrity` for a version whose records contradict each other.
    func exactProof(of version: Version) throws(LetheError) -> ExactProof? {
        guard let proof = try recordedProof(of: version) else { return nil }
        // Of a version whose bytes are erased the records are left, and they must agree.
        if proof.contradiction == nil, try isErased(version) { return proof }
        try evidence(for: proof, in: version).check(proof, requests: requests(of: version))
        return proof
    }

    /// Whether it was decided that a version loses its bytes.
    private func isErased(_ version: Version) throws(LetheError) -> Bool {
        try erasureRecords(of: version.manifest.model).erased.contains(version.reference)
    }

    /// What a version's records say of its exactness, without a look at its files.
    private func recordedProof(of version: Version) throws(LetheError) -> ExactProof? {
        guard let state = version.manifest.shards else { return nil }
        let deletions = try version.manifest.requests.mapping { (id) throws(LetheError) in
            RequestReference(id: id, digest: try deletion(of: id, in: version).digest())
        }
        return ExactProof(
            plan: state.plan, base: state.base, deletions: deletions,
            deletedSlices: state.deletedSlices,
            members: state.served.map {
                ExactMember(shard: $0.shard, stages: state.chain(from: $0))
            })
    }

    /// Makes sure that a certificate claims exactness where it has to, and proves it.
    func checkExactness(_ claimed: ExactProof?, of version: Version) throws(LetheError) {
        guard try exactProof(of: version) == claimed else {
            throw LetheError(
                code: .integrity,
                message: "The certificate of \(version.name) proves the exactness of another "
                    + "version.",
                remedy: "Run lethe fsck; certify the model again.")
        }
    }

    private func evidence(
        for proof: ExactProof, in version: Version
    ) throws(LetheError) -> ExactEvidence {
        func file(_ path: String) throws(LetheError) -> VersionFile {
            guard let file = version.manifest.files.first(where: { $0.path == path }) else {
                throw Self.inconsistent(version, "it has no \(path)")
            }
            return file
        }
        return try ExactEvidence(
            for: proof,
            file: { (path) throws(LetheError) in
                try storage.objects.read(file(path).stored, limitBytes: Self.planLimitBytes)
            },
            metadata: { (path) throws(LetheError) in try metadata(of: file(path)) })
    }
}

extension ExactEvidence {
    /// Reads the evidence from a pulled folder.
    ///
    /// - Throws: `notFound`, `malformed`, `refused` for a file that is not the one of the proof.
    init(in folder: URL, for proof: ExactProof) throws(LetheError) {
        let files = StoreFiles()
        try self.init(
            for: proof,
            file: { (path) throws(LetheError) in
                try files.readFile(
                    folder.appending(path: path), limitBytes: Registry.planLimitBytes)
            },
            metadata: { (path) throws(LetheError) in
                try Self.metadata(of: folder.appending(path: path))
            })
    }

    private static func metadata(of url: URL) throws(LetheError) -> [String: String] {
        do {
            let handle = try FileHandle(forReadingFrom: url)
            defer { try? handle.close() }
            let size = Int(try handle.seekToEnd())
            try handle.seek(toOffset: 0)
            let first = [UInt8](try handle.read(upToCount: 8) ?? Data())
            let length = try SafetensorsHeader.jsonLength(ofFirstEight: first)
            let rest = [UInt8](try handle.read(upToCount: length) ?? Data())
            return try SafetensorsHeader(parsing: first + rest, fileSizeBytes: size).metadata
        } catch let error as LetheError {
            throw error
        } catch {
            throw LetheError(
                code: .notFound, message: "\(url.path) cannot be read.",
                remedy: "Pull the version again.", cause: error)
        }
    }
}
