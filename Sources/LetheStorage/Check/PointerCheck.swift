internal import LetheRecords

/// Puts together every file that a pointer in the lineage names, and compares it with the pointer.
struct PointerCheck: Sendable {
    let store: ObjectStore
    let objects: ObjectCheck.Outcome
    let onBytes: @Sendable (Int) -> Void

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
        let items = pointers.sorted { $0.value < $1.value }
        let verdicts = ParallelWork.map(items) { pointer, place in
            check(pointer, at: place, recipes[pointer.digest]?.map(\.key) ?? [])
        }
        return verdicts.reduce(into: Outcome()) { all, one in
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
        if assemblies.isEmpty {
            outcome.findings = [
                lost(pointer, place, "no object and no recipe in the store gives it")
            ]
        }
        for assembly in assemblies.sorted() {
            outcome.needed.insert(assembly)
            let file = StoredFile(
                digest: pointer.digest, sizeBytes: pointer.sizeBytes, assembly: assembly)
            do throws(LetheError) {
                try store.stream(file) { (piece) throws(LetheError) in onBytes(piece.count) }
                outcome.pointerCount = 1
                outcome.assemblyCount += 1
            } catch {
                // Another recipe may still give the file; this one is damage all the same.
                outcome.findings.append(lost(pointer, place, error.message))
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
