internal import Foundation
public import LetheRecords

/// Recomputes everything the store claims and trusts nothing: digests of objects, files put
/// together from recipes, every commit and file reachable from a reference, every pointer.
///
/// It never stops at the first finding and changes nothing.
public struct StoreCheck: Sendable {
    private let storage: RegistryStorage

    /// Checks this registry.
    public init(_ storage: RegistryStorage) {
        self.storage = storage
    }

    /// Runs the check, hashing on all cores.
    ///
    /// - Parameters:
    ///   - alsoReachable: Objects that records name beside the pointers: they must be there and do
    ///     not count as unused; what a recipe needs follows from the recipe.
    ///   - erased: What signed tombstones name: that it is not there is no loss.
    ///   - onBytes: Hears, on any thread, how many more bytes were hashed: every object once, and
    ///     every file with a recipe once more.
    public func run(
        alsoReachable: Set<Digest> = [], erased: ErasedContent = ErasedContent(),
        onBytes: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> StoreReport {
        let lineage = LineageCheck(lineage: storage.lineage).run()
        let (objects, wholes) = hash(lineage.pointers.keys, onBytes)
        let files = PointerCheck(objects: objects, files: wholes, erased: erased)
            .run(lineage.pointers)

        var report = StoreReport()
        report.objectCount = objects.sizesBytes.count
        report.objectSizeBytes = objects.sizesBytes.values.reduce(0, +)
        report.assemblyCount = files.assemblyCount
        report.referenceCount = lineage.referenceCount
        report.commitCount = lineage.commitCount
        report.pointerCount = files.pointerCount

        let needed = closure(of: files.needed.union(alsoReachable), objects.recipes)
        let orphans = objects.sizesBytes.filter { !needed.contains($0.key) }
        report.orphanCount = orphans.count
        report.orphanSizeBytes = orphans.values.reduce(0, +)
        let found = objects.findings + lineage.findings + files.findings
        let lost = missing(needed.subtracting(erased.objects), objects)
        let unread = self.unread(objects.unread, needed: needed.subtracting(erased.objects))
        report.findings = (found + lost + leftovers() + unread).sorted()
        return report
    }

    /// Hashes every object, and every file with a recipe as a whole.
    ///
    /// First the files with their parts, two hashes at once and on all cores where states are
    /// remembered. Whatever was not found whole there is looked at alone, to say what is wrong with
    /// it, beside the objects that are part of no file.
    private func hash(
        _ pointers: some Sequence<LargeFilePointer>, _ onBytes: @escaping @Sendable (Int) -> Void
    ) -> (ObjectCheck.Outcome, [StoredFile: LetheError?]) {
        let store = storage.objects
        let check = ObjectCheck(store: store, onBytes: onBytes)
        let (recipes, others) = check.paths()
        var objects = ObjectCheck.Outcome()
        for verdict in ParallelWork.map(recipes, check.check) { objects.add(verdict) }
        let files = PointerCheck.files(of: pointers, objects.recipes)
        let good = FileCheck(store: store, onBytes: onBytes)
            .run(files, except: Set(objects.sizesBytes.keys))
        objects.sizesBytes.merge(good.sizesBytes) { size, _ in size }
        let goodPaths = Set(good.sizesBytes.keys.map(store.path))
        let work =
            files.filter { !good.files.contains($0) }.map { Work.file($0) }
            + others.filter { !goodPaths.contains($0) }.map { Work.object($0) }
        var failures: [StoredFile: LetheError?] = [:]
        for file in good.files { failures[file] = .some(nil) }
        let results = ParallelWork.map(work) { work -> Result in
            switch work {
            case .object(let path): .object(check.check(path))
            case .file(let file): .file(file, store.failure(of: file, onBytes: onBytes))
            }
        }
        for result in results {
            switch result {
            case .object(let verdict): objects.add(verdict)
            case .file(let file, let failure): failures[file] = .some(failure)
            }
        }
        return (objects, failures)
    }

    private enum Work: Sendable {
        case file(StoredFile)
        case object(String)
    }

    private enum Result: Sendable {
        case file(StoredFile, LetheError?)
        case object(ObjectCheck.Verdict)
    }

    private func closure(
        of digests: Set<Digest>, _ recipes: [Digest: FileRecipe]
    ) -> Set<Digest> {
        var all = digests
        var waiting = Array(digests)
        while let digest = waiting.popLast() {
            waiting += (recipes[digest]?.needs ?? []).filter { all.insert($0).inserted }
        }
        return all
    }

    /// What a record names and the store lacks, even where the same file follows in another way.
    private func missing(
        _ needed: Set<Digest>, _ objects: ObjectCheck.Outcome
    ) -> [StoreFinding] {
        needed.filter { objects.sizesBytes[$0] == nil && !storage.objects.contains($0) }.map {
            StoreFinding(
                code: "object-missing", place: storage.objects.path(of: $0),
                message: "The object \($0) is not in the store, but a record names it.",
                remedy: "Publish again the file that it is part of, or copy it from another "
                    + "registry.")
        }
    }

    /// Where no key at all is at hand nothing can be said; where some are, what a record names
    /// and none of them reads is lost.
    private func unread(_ unread: Set<Digest>, needed: Set<Digest>) -> [StoreFinding] {
        let lost = storage.vault?.hasKeys == true ? unread.intersection(needed) : []
        let others = unread.count - lost.count
        let remedy =
            "Name the folder of the keys in LETHE_KEYS, or restore it from a backup of the keys. "
            + "What was encrypted with a key that was destroyed nobody can read."
        let findings = [
            StoreFinding(
                code: "objects-unreadable", place: storage.objects.folder,
                message: "\(lost.count) encrypted objects that records name cannot be read: their "
                    + "keys are not among those at hand, or were destroyed.", remedy: remedy),
            StoreFinding(
                isDamage: false, code: "objects-unread", place: storage.objects.folder,
                message: "\(others) encrypted objects were not read, because their key is not at "
                    + "hand: of them only the form and the length were checked.", remedy: remedy),
        ]
        return findings.filter { $0.isDamage ? !lost.isEmpty : others > 0 }
    }

    private func leftovers() -> [StoreFinding] {
        let abandoned = (try? ScratchFolder.abandoned(in: storage.layout.temporary.path)) ?? []
        return abandoned.map { path in
            StoreFinding(
                isDamage: false, code: "temporary-left", place: path,
                message: "A writer that is dead left temporary files.",
                remedy: "Nothing to do: the next command that writes removes them.")
        }
    }
}
