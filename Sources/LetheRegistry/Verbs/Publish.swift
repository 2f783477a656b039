public import Foundation
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// Publishes a model folder, or an adapter's, as the next version of a line.
    ///
    /// Publishing what the newest version already is changes nothing and gives that version.
    ///
    /// - Parameters:
    ///   - base: The version that an adapter belongs to; nil for what its configuration says.
    ///   - rereading: Whether files are read and hashed that, by their times and inode, are the
    ///     ones that were stored before.
    /// - Throws: `unsupported` or `malformed` for a model that the engine cannot run, `conflict`
    ///   if another writer was first.
    public func publish(
        _ folder: URL, as model: String, base: Revision? = nil, engine: any Engine,
        keys: KeyFolder, now: Timestamp, rereading: Bool = false,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> Version {
        _ = try ReferenceName.model(model)
        try requireWritable(by: keys)
        let source = try ModelFolder(folder)
        if !source.isAdapter { _ = try await engine.inspect(modelFolder: folder) }
        return try add(
            source, as: model, onto: tip(of: model), operation: .publish, run: nil,
            base: self.base(of: source, named: base), summary: "Publish \(model)", keys: keys,
            now: now, rereading: rereading, progress: progress)
    }

    /// Stores a folder's files and writes the version that has them.
    func add(
        _ source: ModelFolder, as model: String, onto parent: Version?,
        operation: LetheRecords.Operation, run: RunDescription?, base: BaseReference? = nil,
        summary: String, keys: KeyFolder, now: Timestamp, rereading: Bool = true,
        progress: @escaping ProgressHandler
    ) throws(LetheError) -> Version {
        try parent.mapping(refuseSharded)
        let intake = ModelIntake(into: self, rereading: rereading, progress: progress)
        let plan = VersionPlan(
            model: model, parent: parent, operation: operation, run: run, base: base,
            summary: summary, created: now)
        let draft = try draft(plan, from: source, by: intake)
        guard let draft else {
            if let parent { return parent }
            throw LetheError(code: .io, message: "A first version has nothing to be the same as.")
        }
        let version = try write(draft, onto: parent, objects: intake.batch, keys: keys)
        index.remember(intake.seen)
        return version
    }

    /// Stores a folder's files in a batch and lays out the version that has them; nil if the parent
    /// is that version already.
    func draft(
        _ plan: VersionPlan, from source: ModelFolder, by intake: ModelIntake
    ) throws(LetheError) -> VersionDraft? {
        let parent = plan.parent
        let requests = try parent.mapping(requests(of:)) ?? []
        let number = (parent?.manifest.number ?? 0) + 1
        var (files, texts) = try intake.store(
            source, of: plan.model, forgotten: requests.flatMap(\.classes))
        let authored = try authoredCard(source)
        if let parent, plan.run == nil, parent.manifest.base == plan.base,
            isSame(files, as: parent), try isSame(authored, as: parent)
        {
            return nil
        }
        let card = Array(
            ModelCard.text(
                authored: authored, model: plan.model, operation: plan.operation, number: number,
                requests: requests,
                base: plan.base.map {
                    CardBase(model: $0.model, version: $0.version, relation: .adapter)
                }
            ).utf8)
        texts[ModelCard.name] = card
        files.append(Self.textFile(ModelCard.name, card))
        let manifest = VersionManifest(
            model: plan.model, number: number, parent: parent?.manifestDigest,
            operation: plan.operation, created: plan.created, files: files,
            requests: requests.map(\.id), run: plan.run, base: plan.base)
        return VersionDraft(
            manifest: manifest, texts: texts, requests: requests,
            certificates: try parent.mapping(certificates(of:)) ?? [:], summary: plan.summary)
    }

    /// Stores a text, in git too if it is small enough.
    func store(
        text: [UInt8], as name: String, in batch: ObjectBatch, _ texts: inout [String: [UInt8]]
    ) throws(LetheError) -> VersionFile {
        if VersionTree.isText(name, sizeBytes: text.count) { texts[name] = text }
        try batch.put(text)
        return Self.textFile(name, text)
    }

    private func authoredCard(_ source: ModelFolder) throws(LetheError) -> String? {
        guard source.names.contains(ModelCard.name) else { return nil }
        let bytes = try storage.files.readFile(source.url.appending(path: ModelCard.name))
        return String(decoding: bytes, as: UTF8.self)
    }

    static func textFile(_ path: String, _ bytes: [UInt8]) -> VersionFile {
        VersionFile(
            path: path, digest: Digest(hashing: bytes), sizeBytes: bytes.count, assembly: nil)
    }

    private func isSame(_ files: [VersionFile], as parent: Version) -> Bool {
        let before = parent.manifest.files.filter { $0.path != ModelCard.name }
        let now = files.sorted { $0.path < $1.path }
        return before.map(\.path) == now.map(\.path) && before.map(\.digest) == now.map(\.digest)
    }

    /// Whether the author's part of the card is the parent's; a folder without a card changes none.
    private func isSame(_ card: String?, as parent: Version) throws(LetheError) -> Bool {
        guard let card else { return true }
        let before = try storage.lineage.readFile(TreePath(ModelCard.name), at: parent.commit)
        return ModelCard.authoredPart(of: String(decoding: before ?? [], as: UTF8.self))
            == ModelCard.authoredPart(of: card)
    }
}
