import Foundation
import LetheRecords
import Synchronization
import TestSupport

@testable import LetheStorage

/// A registry in a temporary folder, with a short way to make versions.
struct StorageFixture {
    let temporary: TemporaryFolder
    let root: URL

    init() throws {
        temporary = try TemporaryFolder()
        root = temporary.url.appending(path: "registry")
        try RegistryStorage.create(at: root) { (layout, files) throws(LetheError) in
            try files.replaceFile(layout.description, with: Array("{}".utf8))
        }
    }

    /// Takes a registry that is there already.
    init(in temporary: TemporaryFolder, root: URL) {
        self.temporary = temporary
        self.root = root
    }

    /// A copy of the whole registry, as it is on the disk.
    func copy() throws -> StorageFixture {
        let temporary = try TemporaryFolder()
        let target = temporary.url.appending(path: "registry")
        try FileManager.default.copyItem(at: root, to: target)
        return StorageFixture(in: temporary, root: target)
    }

    func open(
        beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in }
    ) throws(LetheError) -> RegistryStorage {
        try RegistryStorage(opening: root, beforeStep: beforeStep)
    }

    func index(_ storage: RegistryStorage) throws(LetheError) -> RegistryIndex {
        try RegistryIndex(
            storage.layout, lineage: storage.lineage, isReadOnly: storage.isReadOnly,
            files: storage.files,
            tensors: { storage.objects.knownTensorParts(of: $0)?.map(\.digest) },
            reader: StorageFixture.version)
    }

    /// Publishes a safetensors file as the next version of `faces`.
    @discardableResult
    func publish(
        _ bytes: [UInt8], in storage: RegistryStorage, on model: String = "faces",
        from expected: CommitID?? = .none
    ) throws -> CommitID {
        let source = temporary.url.appending(path: "\(UUID().uuidString).safetensors")
        try Data(bytes).write(to: source)
        let line = try ReferenceName.model(model)
        try StorageFixture.order(storage, nil).finishInterrupted()
        let tip = if let expected { expected } else { try storage.lineage.target(of: line) }
        let batch = storage.objects.batch()
        let file = try batch.putFile(source)
        let index = try index(storage)
        let write = VersionWrite(
            try StorageFixture.draft(file, parent: tip), on: line, from: tip,
            logged: { StorageFixture.leaf(line, $0, signed: $1) },
            indexed: { commit in
                let versions = try? StorageFixture.versions(
                    of: line, tip: commit, in: storage.lineage)
                return versions!.last!
            })
        return try StorageFixture.order(storage, index).write(
            [write], objects: batch, sign: StorageFixture.fakeSigner)[0]
    }

    /// The write order with a log that anyone may sign.
    static func order(_ storage: RegistryStorage, _ index: RegistryIndex?) -> WriteOrder {
        WriteOrder(
            lineage: storage.lineage, index: index, log: storage.log, keeper: keeper(storage))
    }

    /// Checkpoints without signatures: only their text.
    static func keeper(_ storage: RegistryStorage) -> LogKeeper {
        LogKeeper(
            origin: "lethe/test", isExpected: false,
            sign: { (checkpoint) throws(LetheError) in Array(checkpoint.text.utf8) },
            open: { (bytes) throws(LetheError) in
                try Checkpoint(text: String(decoding: bytes, as: UTF8.self))
            },
            history: { () throws(LetheError) in
                var leaves: [LogLeaf] = []
                for (name, tip) in try storage.lineage.references() {
                    for commit in try storage.lineage.history(from: tip).reversed() {
                        let signature = try storage.lineage.signature(of: commit.id)
                        let signed = Digest(hashing: signature?.signedBytes ?? [])
                        leaves.append(leaf(name, commit.id, signed: signed))
                    }
                }
                return leaves
            })
    }

    /// An entry of the log that says what `LogRecovery` needs.
    static func leaf(_ line: ReferenceName, _ commit: CommitID, signed: Digest) -> LogLeaf {
        LogLeaf(
            kind: .model, name: line.name, number: 1, operation: "publish",
            time: Timestamp(secondsSince1970: 1_700_000_000),
            record: Digest(hashing: Array(commit.hex.utf8)), previous: nil, signed: signed,
            commit: commit.hex)
    }

    static func draft(_ file: StoredFile, parent: CommitID?) throws(LetheError) -> CommitDraft {
        let assembly = file.assembly.map { "\($0)" } ?? ""
        return CommitDraft(
            tree: [
                try TreePath("model.safetensors"):
                    LargeFilePointer(digest: file.digest, sizeBytes: file.sizeBytes).bytes,
                try TreePath(".lethe/version.json"): Array(assembly.utf8),
                try TreePath("README.md"): Array("A model.\n".utf8),
            ],
            parents: parent.map { [$0] } ?? [],
            message: "Publish a model\n\nLethe-Operation: publish\n",
            author: CommitAuthor(name: "Lethe", email: "lethe@example.org"),
            secondsSince1970: 1_700_000_000)
    }

    /// Looks like a signature; git checks the form of a commit, not this.
    static func fakeSigner(_ bytes: [UInt8]) throws(LetheError) -> String {
        "-----BEGIN SSH SIGNATURE-----\n\(bytes.count)\n-----END SSH SIGNATURE-----\n"
    }

    /// What Registry does with manifests, in small.
    static func version(
        of reference: ReferenceName, _ commit: LineageCommit, position: Int, in lineage: Lineage
    ) throws(LetheError) -> IndexedVersion {
        let text = try lineage.readFile(TreePath("model.safetensors"), at: commit.id) ?? []
        let manifest = try lineage.readFile(TreePath(".lethe/version.json"), at: commit.id)
        let pointer = try LargeFilePointer.parse(text)!
        let file = StoredFile(
            digest: pointer.digest, sizeBytes: pointer.sizeBytes,
            assembly: Digest(String(decoding: manifest ?? [], as: UTF8.self)))
        return IndexedVersion(
            reference: reference, number: position, commit: commit.id,
            parent: commit.parents.first, operation: "publish",
            secondsSince1970: commit.secondsSince1970, summary: commit.summary,
            files: [IndexedFile(path: "model.safetensors", file: file)],
            requests: ["request-\(position - 1)"])
    }

    static func versions(
        of reference: ReferenceName, tip: CommitID, in lineage: Lineage
    ) throws(LetheError) -> [IndexedVersion] {
        var versions: [IndexedVersion] = []
        for (index, commit) in try lineage.history(from: tip).reversed().enumerated() {
            versions.append(try version(of: reference, commit, position: index + 1, in: lineage))
        }
        return versions
    }

    /// Every ordinary file below a folder of the registry, in order.
    func files(_ folder: String) -> [URL] {
        let url = root.appending(path: folder)
        let paths = FileManager.default.enumerator(atPath: url.path)?.allObjects as? [String] ?? []
        return paths.sorted().map { url.appending(path: $0) }.filter {
            (try? FileStatus.of($0.path)?.isRegular) == true
        }
    }
}

/// A small safetensors file: float32 tensors of the given lengths, each filled with a number.
func safetensors(_ tensors: [(name: String, count: Int, value: Float)]) throws -> [UInt8] {
    let entries = try SafetensorsHeader.layOut(tensors.map { ($0.name, "F32", [$0.count]) })
    let values = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.value) })
    return SafetensorsHeader.encode(entries)
        + entries.flatMap { entry in
            let floats = [Float](repeating: values[entry.name]!, count: entry.shape[0])
            return unsafe floats.withUnsafeBytes { unsafe Array($0) }
        }
}

/// Counts the steps of a store, and fails the one it is told to.
final class StepCounter: Sendable {
    private let count = Mutex(0)
    private let seen = Mutex<[StorageStep]>([])
    let failing: Int

    init(failing: Int = .max) {
        self.failing = failing
    }

    var steps: [StorageStep] { seen.withLock { $0 } }
    var hasFailed: Bool { count.withLock { $0 } >= failing }

    var hook: BeforeStep {
        { (step) throws(LetheError) in
            self.seen.withLock { $0.append(step) }
            let number = self.count.withLock { count in
                count += 1
                return count
            }
            guard number == self.failing else { return }
            throw LetheError(code: .diskFull, message: "Step \(number) fails: \(step).")
        }
    }
}

/// Runs a program and returns what it printed; nil if it is not installed.
struct Command {
    let status: Int32
    let output: String

    static func path(of name: String) -> String? {
        ["/usr/bin", "/usr/local/bin", "/bin"].map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func has(_ name: String) -> Bool { path(of: name) != nil }

    static func run(_ name: String, _ arguments: [String], in folder: URL) throws -> Command {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path(of: name)!)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = [
            "HOME": folder.path, "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1",
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Command(
            status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
    }
}
