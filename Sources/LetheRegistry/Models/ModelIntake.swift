internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// Takes the files of model folders into a batch of objects.
final class ModelIntake {
    /// A file that was looked at before it is stored.
    struct Look: Sendable {
        let evidence: FileEvidence
        /// What it was stored as, if it is the file that was stored before.
        let known: StoredFile?
        /// Its bytes, if it has to be stored and is short.
        let small: SmallFile?
    }

    /// Adapters and other short files that wait to be written; 2 MiB each at most.
    private static let aheadCount = 8

    let batch: ObjectBatch
    private let registry: Registry
    private let rereading: Bool
    private let progress: ProgressHandler
    private var ahead: ReadAhead<Look>?
    /// What the files were stored as, for `RegistryIndex.remember` once they are durable.
    private(set) var seen: [(evidence: FileEvidence, file: StoredFile)] = []

    /// Begins a batch.
    ///
    /// - Parameter rereading: Whether files are read and hashed that, by their times and inode, are
    ///   the ones that were stored before.
    init(into registry: Registry, rereading: Bool, progress: @escaping ProgressHandler) {
        batch = registry.storage.objects.batch()
        self.registry = registry
        self.rereading = rereading
        self.progress = progress
    }

    /// Lets another thread read what these folders hold, while this one stores it in the same order.
    func readAhead(_ folders: [ModelFolder]) {
        let urls = folders.flatMap { folder in
            folder.names.map { folder.url.appending(path: $0) }.filter { !isText($0) }
        }
        let (registry, rereading) = (registry, rereading)
        ahead = ReadAhead(at: urls, ahead: Self.aheadCount) { (url) throws(LetheError) in
            try Self.look(at: url, for: registry, rereading: rereading)
        }
    }

    /// Stores every file of a model but the card; names of forgotten classes do not come back with a new
    /// configuration.
    func store(
        _ source: ModelFolder, of model: String, forgotten labels: [Int] = []
    ) throws(LetheError) -> (files: [VersionFile], texts: [String: [UInt8]]) {
        batch.line = model
        var files: [VersionFile] = []
        var texts: [String: [UInt8]] = [:]
        for name in source.names where name != ModelCard.name {
            let url = source.url.appending(path: name)
            guard isText(url) || name == VersionTree.configurationName && !labels.isEmpty else {
                files.append(VersionFile(path: name, try store(url)))
                continue
            }
            let text = try text(url, forgotten: labels)
            files.append(try registry.store(text: text, as: name, in: batch, &texts))
        }
        return (files, texts)
    }

    private func text(_ url: URL, forgotten labels: [Int]) throws(LetheError) -> [UInt8] {
        guard url.lastPathComponent == VersionTree.configurationName, !labels.isEmpty else {
            return try registry.storage.files.readFile(url)
        }
        return try LabelNames.erasing(
            labels,
            from: registry.storage.files.readFile(
                url, limitBytes: VersionTree.configurationLimitBytes))
    }

    private func store(_ url: URL) throws(LetheError) -> StoredFile {
        let look =
            if let ahead { try ahead.take(url) } else {
                try Self.look(at: url, for: registry, rereading: rereading)
            }
        let stored = try stored(look, url)
        seen.append((look.evidence, stored))
        return stored
    }

    private func stored(_ look: Look, _ url: URL) throws(LetheError) -> StoredFile {
        if let known = look.known, try batch.reuse(known) { return known }
        if let small = look.small { return try batch.put(small) }
        return try putWhole(url)
    }

    private func putWhole(_ url: URL) throws(LetheError) -> StoredFile {
        let name = url.lastPathComponent
        let total = registry.storage.files.sizeBytes(of: url) ?? 0
        var done = 0
        return try batch.putFile(url) {
            done += $0
            progress(Progress(phase: "storing \(name) (bytes)", done: done, total: total))
        }
    }

    private func isText(_ url: URL) -> Bool {
        VersionTree.isText(
            url.lastPathComponent, sizeBytes: registry.storage.files.sizeBytes(of: url) ?? 0)
    }

    private static func look(
        at url: URL, for registry: Registry, rereading: Bool
    ) throws(LetheError) -> Look {
        let evidence = try FileEvidence(of: url)
        let known = rereading ? nil : registry.index.storedFile(evidence)
        let small = known == nil ? try registry.storage.objects.smallFile(url) : nil
        return Look(evidence: evidence, known: known, small: small)
    }
}
