internal import LetheRecords

/// Compares every file that a pointer in the lineage names with the pointer.
struct PointerCheck: Sendable {
    let objects: ObjectCheck.Outcome
    /// What came of putting together the files that recipes give: nil where it is as it should be.
    let files: [StoredFile: LetheError?]
    /// What signed tombstones name.
    let erased: ErasedContent

    /// The files to put together: every recipe of every file that a pointer names, the longest
    /// first.
    static func files(
        of pointers: some Sequence<LargeFilePointer>, _ recipes: [Digest: FileRecipe]
    ) -> [StoredFile] {
        let byFile = Dictionary(grouping: recipes) { $0.value.file }
        return pointers.flatMap { pointer in
            (byFile[pointer.digest] ?? []).map { file(pointer, $0.key) }
        }.sorted { ($1.sizeBytes, $0.digest) < ($0.sizeBytes, $1.digest) }
    }

    private static func file(_ pointer: LargeFilePointer, _ recipe: Digest) -> StoredFile {
        StoredFile(digest: pointer.digest, sizeBytes: pointer.sizeBytes, assembly: recipe)
    }

    /// What was found.
    struct Outcome: Sendable {
        var findings: [StoreFinding] = []
        var pointerCount = 0
        var assemblyCount = 0
        /// The objects that the pointers need; a recipe stands for its parts.
        var needed: Set<Digest> = []
    }

    func run(_ pointers: [LargeFilePointer: String]) -> Outcome {
        let recipes = Dictionary(grouping: objects.recipes) { $0.value.file }
        return pointers.sorted { $0.value < $1.value }.reduce(into: Outcome()) { all, item in
            let assemblies = recipes[item.key.digest]?.map(\.key) ?? []
            let one = check(item.key, at: item.value, assemblies)
            all.findings += one.findings
            all.pointerCount += one.pointerCount
            all.assemblyCount += one.assemblyCount
            all.needed.formUnion(one.needed)
        }
    }

    private func check(
        _ pointer: LargeFilePointer, at place: String, _ assemblies: [Digest]
    ) -> Outcome {
        var outcome = Outcome()
        if let sizeBytes = objects.sizesBytes[pointer.digest] {
            outcome.needed = [pointer.digest]
            if sizeBytes == pointer.sizeBytes {
                outcome.pointerCount = 1
            } else {
                outcome.findings = [lost(pointer, place, "its object has \(sizeBytes) bytes")]
            }
            return outcome
        }
        if assemblies.isEmpty, !erased.files.contains(pointer.digest) {
            outcome.findings = [
                lost(pointer, place, "no object and no recipe in the store gives it")
            ]
        }
        for assembly in assemblies.sorted() {
            outcome.needed.insert(assembly)
            if let error = files[Self.file(pointer, assembly)] ?? nil, error.code != .keyMissing {
                // Another recipe may still give the file; this one is damage all the same.
                outcome.findings.append(lost(pointer, place, error.message))
            } else {
                outcome.pointerCount = 1
                outcome.assemblyCount += 1
            }
        }
        return outcome
    }

    private func lost(
        _ pointer: LargeFilePointer, _ place: String, _ reason: String
    ) -> StoreFinding {
        StoreFinding(
            code: "file-lost", place: place,
            message: "The file \(pointer.digest) cannot be put together: \(reason)",
            remedy: "Publish that file again, or copy its objects from another registry.")
    }
}
