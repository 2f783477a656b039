internal import Foundation
internal import LetheRecords

/// What dead processes left beside the objects: temporary files, lock files, and runs that nobody
/// goes on with.
///
/// Loose objects of git that nothing refers to stay: `git gc` in `lineage.git` packs and prunes
/// them by git's own rules.
struct StaleFiles {
    /// A file that replaces another lives for less than a second; after a day its writer is dead.
    private static let replacementGraceSeconds = 24 * 3600

    private let storage: RegistryStorage
    private let now: Timestamp
    private let runGraceSeconds: Int

    init(_ storage: RegistryStorage, now: Timestamp, runGraceSeconds: Int) {
        self.storage = storage
        self.now = now
        self.runGraceSeconds = runGraceSeconds
    }

    /// Removes them, or only names them.
    func remove(isDryRun: Bool, _ report: inout CollectionReport) throws(LetheError) {
        let scratch = try ScratchFolder.abandoned(in: storage.layout.temporary.path)
        let files = storage.objects.leases.abandonedOwners() + replacements()
        let runs = FolderListing.names(in: runsFolder).map { "\(runsFolder)/\($0)" }
        let oldRuns = runs.filter { age(of: $0) >= runGraceSeconds }
        report.leftovers = (scratch + files + oldRuns).map(relative)
        report.keptRuns = runs.filter { !oldRuns.contains($0) }.map(relative)
        if isDryRun { return }
        try ScratchFolder.reap(in: storage.layout.temporary.path)
        for file in files { try storage.files.remove(file) }
        for run in oldRuns {
            try storage.files.step(.remove, run)
            try? FileManager.default.removeItem(atPath: run)
        }
    }

    private var runsFolder: String { storage.layout.root.appending(path: "work").path }

    /// Files that were to replace another, and whose writer died before.
    private func replacements() -> [String] {
        let root = storage.layout.root
        let folders = [root, storage.layout.keys, storage.layout.recipes, storage.layout.policies]
        return folders.map(\.path).flatMap { folder in
            FolderListing.names(in: folder)
                .filter { $0.wholeMatch(of: /.+\.[0-9]+-[0-9a-f]+\.tmp/) != nil }
                .map { "\(folder)/\($0)" }
                .filter { age(of: $0) >= Self.replacementGraceSeconds }
        }
    }

    /// The age of the newest thing at or below a path, in seconds; negative for the future.
    private func age(of path: String) -> Int {
        let paths = [path] + FolderListing.paths(below: path).map { "\(path)/\($0)" }
        let newest = paths.compactMap { (try? FileStatus.of($0))??.modifiedNanoseconds }.max()
        guard let newest else { return 0 }
        return Int(now.secondsSince1970) - newest / 1_000_000_000
    }

    private func relative(_ path: String) -> String {
        String(path.dropFirst(storage.layout.root.path.count + 1))
    }
}
