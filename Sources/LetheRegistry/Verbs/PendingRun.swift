internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// The folder of a run that may be interrupted; running the same thing again finds it.
///
/// One process at a time has it, so that the same command given twice does not train twice into one
/// folder.
struct PendingRun {
    let url: URL
    private let claim: FolderClaim?

    /// The folder for a run that is named by everything that decides its result.
    ///
    /// - Throws: `conflict` if another process is at the same run; `io`, `diskFull`.
    init(
        kind: String, key: [String], in layout: RegistryLayout, files: StoreFiles
    ) throws(LetheError) {
        let name = Digest(hashing: Array(key.joined(separator: "\u{0}").utf8)).hex.prefix(16)
        let folder = layout.root.appending(path: "work")
        try files.makeFolder(folder)
        url = folder.appending(path: "\(kind)-\(name)")
        claim = try FolderClaim.claim(url, for: "the same run", files: files)
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
        claim = nil
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
