internal import LetheRecords

/// Hashes files that recipes put together, as a whole and part by part in one go: each part's bytes
/// are read once and hashed twice at once.
struct FileCheck: Sendable {
    let store: ObjectStore
    let onBytes: @Sendable (Int) -> Void

    /// What was found to be as it should be; whatever is not in it has to be looked at again.
    struct Outcome: Sendable {
        var files: Set<StoredFile> = []
        /// Objects that have their digest, and their lengths.
        var sizesBytes: [Digest: Int] = [:]
    }

    /// A stretch, and the parts of it whose objects are compared with their names on the way.
    private struct Work: Sendable {
        let stretch: Stretch
        let objects: Set<Digest>
    }

    /// Hashes all stretches of the files on all cores, and each object with one of them.
    ///
    /// - Parameter known: Objects that need not be compared with their names.
    func run(_ files: [StoredFile], except known: Set<Digest>) -> Outcome {
        var seen = known
        var work: [Work] = []
        for file in files {
            guard let parts = (try? store.parts(of: file)) ?? nil else { continue }
            for stretch in store.stretches(of: file, parts) {
                let objects = stretch.parts.map(\.digest).filter { seen.insert($0).inserted }
                work.append(Work(stretch: stretch, objects: Set(objects)))
            }
        }
        work.sort { $0.stretch.sizeBytes > $1.stretch.sizeBytes }
        let found = ParallelWork.map(work, check)
        var outcome = Outcome(files: Set(work.map(\.stretch.file)))
        for (work, found) in zip(work, found) {
            if !found.isConfirmed { outcome.files.remove(work.stretch.file) }
            outcome.sizesBytes.merge(found.sizesBytes) { size, _ in size }
        }
        return outcome
    }

    private func check(
        _ work: Work
    ) -> (isConfirmed: Bool, sizesBytes: [Digest: Int]) {
        var reader = StretchReader(work.stretch, of: store)
        var objects = work.objects
        var sizesBytes: [Digest: Int] = [:]
        do throws(LetheError) {
            while let piece = try reader.next() {
                let digest = piece.part.digest
                guard objects.contains(digest) else {
                    reader.hashWhole()
                    onBytes(reader.bytes.count)
                    continue
                }
                let isGood = reader.hashWholeAndPart(piece)
                onBytes(2 * reader.bytes.count)
                guard piece.isLastOfPart else { continue }
                // The same object may be in the stretch again.
                objects.remove(digest)
                if isGood { sizesBytes[digest] = piece.part.length }
            }
            return (reader.isConfirmed, sizesBytes)
        } catch {
            return (false, sizesBytes)
        }
    }
}
