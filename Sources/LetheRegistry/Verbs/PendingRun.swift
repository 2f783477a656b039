internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// The folder of a run that may be interrupted; running the same thing again finds it.
struct PendingRun {
    let url: URL

    /// The folder for a run that is named by everything that decides its result.
    init(kind: String, key: [String], in layout: RegistryLayout) throws(LetheError) {
        let name = Digest(hashing: Array(key.joined(separator: "\u{0}").utf8)).hex.prefix(16)
        url = layout.root.appending(path: "work/\(kind)-\(name)")
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw LetheError(
                code: .io, message: "The folder \(url.path) cannot be made.",
                remedy: "See that the registry can be written and that the disk has room.",
                cause: error)
        }
    }

    /// Removes the folders of runs whose request is honoured by now: their process died between
    /// writing the version and `finish`.
    static func sweep(kind: String, honoured: [ForgetRequest], in layout: RegistryLayout) {
        let folder = layout.root.appending(path: "work")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names where name.hasPrefix("\(kind)-") {
            let run = PendingRun(url: folder.appending(path: name))
            let request = run.saved(ForgetRequest.self, named: requestName)
            if let request, honoured.contains(request) { run.finish() }
        }
    }

    private init(url: URL) {
        self.url = url
    }

    /// The file of the request that a run is for.
    static let requestName = "request.json"

    /// Removes the folder: its result is in the lineage now.
    ///
    /// It goes to `tmp/` first, in one step: half a folder would be a run that nobody goes on with.
    func finish() {
        let manager = FileManager.default
        let root = url.deletingLastPathComponent().deletingLastPathComponent()
        let temporary = RegistryLayout(root: root).temporary.appending(
            path: "run-\(UUID().uuidString)")
        let isMoved = (try? manager.moveItem(at: url, to: temporary)) != nil
        try? manager.removeItem(at: isMoved ? temporary : url)
    }

    /// A record of an earlier try, if there is one.
    func saved<Saved: Record>(_ type: Saved.Type, named name: String) -> Saved? {
        guard let data = try? Data(contentsOf: url.appending(path: name)) else { return nil }
        return try? Saved.read(canonical: [UInt8](data))
    }

    /// Keeps a record for a later try.
    func save(_ record: some Record, named name: String, files: StoreFiles) throws(LetheError) {
        try files.replaceFile(url.appending(path: name), with: record.canonicalBytes())
    }
}
