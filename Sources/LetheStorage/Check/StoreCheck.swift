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
    ///   - alsoReachable: Objects that records name beside the pointers, so that they do not count
    ///     as unused; a recipe's parts follow from the recipe.
    ///   - onBytes: Hears, on any thread, how many more bytes were hashed: every object once, and
    ///     every file with a recipe once more.
    public func run(
        alsoReachable: Set<Digest> = [], onBytes: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> StoreReport {
        let objects = ObjectCheck(store: storage.objects, onBytes: onBytes).run()
        let lineage = LineageCheck(lineage: storage.lineage).run()
        let files = PointerCheck(store: storage.objects, objects: objects, onBytes: onBytes)
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
        report.findings = (objects.findings + lineage.findings + files.findings + leftovers())
            .sorted { ($0.isDamage ? 0 : 1, $0.place) < ($1.isDamage ? 0 : 1, $1.place) }
        return report
    }

    private func closure(
        of digests: Set<Digest>, _ recipes: [Digest: AssemblyRecipe]
    ) -> Set<Digest> {
        digests.reduce(into: digests) { all, digest in
            all.formUnion(recipes[digest]?.parts.map(\.digest) ?? [])
        }
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
