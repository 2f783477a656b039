internal import LetheCertificates
internal import LetheRecords

extension Target {
    static let logTargets = [
        record("log-entry", LogLeaf.self),
        Target(name: "checkpoint", longestInputBytes: 512) { input in
            let checkpoint = try Checkpoint(text: text(input))
            require(checkpoint.text.utf8.elementsEqual(text(input).utf8), "Two spellings")
            require(checkpoint.size >= 0, "A log has a negative size")
            guard checkpoint.size > 0 else { return }
            let last = LogTile(.entries, holding: checkpoint.size - 1, size: checkpoint.size)
            require(last != nil, "The last entry is in no tile")
            require(
                LogTile(.entries, holding: checkpoint.size, size: checkpoint.size) == nil,
                "A tile holds an entry that is not there")
        },
        Target(name: "signed-note", longestInputBytes: 2048) { input in
            let note = try SignedNote(bytes: input)
            require(note.bytes == input, "A note has two spellings")
            require(!note.signatures.isEmpty, "A note has no signature")
        },
        Target(name: "log-proof", longestInputBytes: 4096) { input in
            let proof = try LogProof(fileBytes: input)
            require(proof.fileBytes == input, "A proof has two spellings")
            require(proof.index >= 0 && proof.path.count <= 64, "A proof is out of range")
            _ = TreeProofs.isIncluded(
                .leaf(proof.entry), at: proof.index, in: proof.index + 1, root: .empty,
                path: proof.path)
        },
        Target(name: "note-key", longestInputBytes: 256) { input in
            let key = try NoteKey(verifierKey: text(input))
            require(key.verifierKey.utf8.elementsEqual(text(input).utf8), "Two spellings")
        },
        // The number of entries, then the bundle.
        Target(name: "entry-bundle", longestInputBytes: 2048) { input in
            guard let count = input.first else { return }
            let bundle = Array(input.dropFirst())
            let prefix = try? EntryBundle.decode(bundle, count: Int(count), isPrefix: true)
            require(prefix == nil || prefix?.count == Int(count), "Another number of entries")
            let entries = try EntryBundle.decode(bundle, count: Int(count))
            require(entries == prefix, "The whole is not its own beginning")
            let written = expecting("Entries are written") { try entries.map(EntryBundle.encode) }
            require(Array(written.joined()) == bundle, "A bundle has two spellings")
        },
        Target(name: "tree-hash", longestInputBytes: 512, check: checkTree),
    ]

    /// Each byte is an entry: two ways to the root, and every proof.
    @Sendable
    private static func checkTree(_ input: [UInt8]) throws {
        let leaves = input.map { TreeHash.leaf([$0]) }
        var edge = TileEdge()
        for leaf in leaves { _ = edge.append(leaf) }
        let reading = TreeReading { (height, index) throws(LetheError) in
            .completeTree(leaves[(index << height)..<((index + 1) << height)])
        }
        let root = try reading.root(size: leaves.count)
        require(edge.root == root, "Two ways to the root end apart")
        guard let first = input.first, leaves.count > 1 else { return }
        let index = Int(first) % leaves.count
        let path = try reading.inclusionPath(of: index, in: leaves.count)
        require(
            TreeProofs.isIncluded(
                leaves[index], at: index, in: leaves.count, root: root, path: path),
            "A proof of an entry that is there does not hold")
        let old = index + 1
        let consistency = try reading.consistencyPath(from: old, to: leaves.count)
        require(
            TreeProofs.isConsistent(
                oldSize: old, oldRoot: try reading.root(size: old), newSize: leaves.count,
                newRoot: root, path: consistency),
            "A proof that one log extends another does not hold")
    }
}
