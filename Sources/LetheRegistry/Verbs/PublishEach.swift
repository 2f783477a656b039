public import Foundation
public import LetheRecords
internal import LetheStorage

/// What became of one folder of many.
public struct PublishedModel: Sendable {
    /// The newest version of the model.
    public let version: Version
    /// Whether it is a new one; otherwise the folder was published before and has not changed.
    public let isNew: Bool
}

extension Registry {
    /// Publishes every folder in a folder as the next version of the model of its name, all
    /// together: a thousand small models or adapters cost a few waits for the disk.
    ///
    /// Every folder is looked at before anything is written. A crash leaves the old or the new
    /// version of each model.
    ///
    /// - Parameters:
    ///   - folder: Its sub-folders are the models; files beside them and hidden folders are left
    ///     out.
    ///   - base: The version that the adapters among them belong to; nil for what each says.
    ///   - rereading: As for `publish`.
    /// - Returns: the models by name.
    /// - Throws: `invalidArgument` for folders whose names are no names of models, `notFound` if
    ///   there is no folder in it; what `publish` throws, naming the folder. Nothing is written
    ///   then.
    public func publishEach(
        in folder: URL, base: Revision? = nil, engine: any Engine, keys: KeyFolder,
        now: Timestamp, rereading: Bool = false, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> [PublishedModel] {
        let names = try Self.modelNames(in: folder)
        try requireWritable(by: keys)
        var sources: [(name: String, source: ModelFolder)] = []
        for name in names {
            let url = folder.appending(path: name)
            let source = try ModelFolder(url)
            if !source.isAdapter { try await inspect(url, by: engine) }
            sources.append((name, source))
        }
        return try publish(
            sources, base: base, keys: keys, now: now, rereading: rereading, progress: progress)
    }

    private func inspect(_ folder: URL, by engine: any Engine) async throws(LetheError) {
        do throws(LetheError) {
            _ = try await engine.inspect(modelFolder: folder)
        } catch {
            throw LetheError(
                code: error.code, message: "\(folder.path): \(error.message)",
                remedy: error.remedy, cause: error)
        }
    }

    private func publish(
        _ sources: [(name: String, source: ModelFolder)], base: Revision?, keys: KeyFolder,
        now: Timestamp, rereading: Bool, progress: ProgressHandler
    ) throws(LetheError) -> [PublishedModel] {
        let batch = storage.objects.batch()
        var seen: [(FileEvidence, StoredFile)] = []
        var drafts: [(draft: VersionDraft, parent: Version?)] = []
        var models: [PublishedModel] = []
        for (number, (name, source)) in sources.enumerated() {
            let parent = try tip(of: name)
            batch.line = name
            let plan = VersionPlan(
                model: name, parent: parent, operation: .publish, run: nil,
                base: try self.base(of: source, named: base), summary: "Publish \(name)",
                created: now)
            let draft = try draft(
                plan, from: source, in: batch, rereading: rereading, seen: &seen,
                progress: { _ in })
            if let draft { drafts.append((draft, parent)) }
            if draft == nil, let parent {
                models.append(PublishedModel(version: parent, isNew: false))
            }
            progress(Progress(phase: "storing models", done: number + 1, total: sources.count))
        }
        if !drafts.isEmpty {
            models += try write(drafts, objects: batch, keys: keys)
                .map { PublishedModel(version: $0, isNew: true) }
        }
        index.remember(seen)
        return models.sorted { $0.version.manifest.model < $1.version.manifest.model }
    }

    /// The names of the folders in a folder, each a name for a model.
    private static func modelNames(in folder: URL) throws(LetheError) -> [String] {
        let found: [String]
        do {
            found = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        } catch {
            throw LetheError(
                code: .notFound, message: "There is no folder \(folder.path).",
                remedy: "Name the folder that has a folder for each model.", cause: error)
        }
        let names = found.filter { !$0.hasPrefix(".") && isFolder("\(folder.path)/\($0)") }
            .sorted()
        let wrong = names.filter { (try? ReferenceName.model($0)) == nil }
        if let first = wrong.first {
            throw LetheError(
                code: .invalidArgument,
                message: "\(wrong.count) of \(names.count) folders in \(folder.path) have names "
                    + "that no model can have; the first is \"\(first)\".",
                remedy: "Rename them: 1 to 64 of a-z, 0-9, \".\", \"_\" and \"-\", beginning with "
                    + "a letter or digit.")
        }
        guard !names.isEmpty else {
            throw LetheError(
                code: .notFound, message: "\(folder.path) has no folder of a model in it.",
                remedy: "Name the folder that has a folder for each model.")
        }
        return names
    }
    /// Whether a folder is there, links followed.
    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }
}
