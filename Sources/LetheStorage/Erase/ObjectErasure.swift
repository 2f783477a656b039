public import LetheRecords

/// Removes objects that have a tombstone, unless a surviving version or a running command needs
/// them.
///
/// It may run beside writers and readers and may be killed at any point, as garbage collection may:
/// each object is decided on and removed inside the transaction that leases are taken in, with the
/// references as they are in that moment.
public struct ObjectErasure {
    /// What became of the objects.
    public struct Outcome: Sendable {
        /// Those that were removed now.
        public internal(set) var removed: [ErasedObject] = []
        /// Those that are there and stay, with what holds them.
        public internal(set) var kept: [KeptObject] = []
    }

    /// Whether to change nothing and only say what would go.
    public var isDryRun = false
    /// How many objects are decided on in one transaction; writers wait for it.
    var batchCount = 64
    /// What holds an object that a running command relies on.
    public static let runningCommand = "a running command"

    private let storage: RegistryStorage

    /// Prepares to erase objects of a registry.
    public init(_ storage: RegistryStorage) {
        self.storage = storage
    }

    /// Removes those of the objects that are there, recipes first: a recipe without its parts
    /// promises what is not there.
    ///
    /// - Throws: what `needs` throws; `io`, `conflict`. What was removed by then is gone, and
    ///   running again goes on.
    public func run(
        _ objects: Set<Digest>, needs: inout ObjectNeeds, progress: ProgressHandler = { _ in }
    ) throws(LetheError) -> Outcome {
        var outcome = Outcome()
        try needs.update()
        let present = try inOrder(objects)
        for start in stride(from: 0, to: present.count, by: batchCount) {
            let batch = Array(present[start..<min(start + batchCount, present.count)])
            try isDryRun ? foresee(batch, needs, &outcome) : remove(batch, &needs, &outcome)
            let done = start + batch.count
            progress(Progress(phase: "erasing (objects)", done: done, total: present.count))
        }
        if !isDryRun { try RememberedStates.sweep(storage.objects) }
        if !outcome.removed.isEmpty, !isDryRun {
            // What was said to be gone does not come back when the power fails.
            try storage.files.syncFileSystem(of: storage.objects.folder)
        }
        return outcome
    }

    private func inOrder(_ objects: Set<Digest>) throws(LetheError) -> [ErasedObject] {
        var found: [(height: Int, object: ErasedObject)] = []
        for digest in objects {
            guard let sizeBytes = storage.objects.sizeBytes(of: digest) else { continue }
            let isRecipe = try storage.objects.beginsAsRecipe(digest)
            let recipe = isRecipe ? try? storage.objects.recipe(digest) : nil
            found.append(
                (recipe?.height ?? 0, ErasedObject(digest: digest, sizeBytes: sizeBytes)))
        }
        return found.sorted {
            (-$0.height, $0.object.digest) < (-$1.height, $1.object.digest)
        }.map(\.object)
    }

    private func foresee(
        _ batch: [ErasedObject], _ needs: ObjectNeeds, _ outcome: inout Outcome
    ) {
        let leased = storage.objects.leases.held(among: batch.map(\.digest))
        for object in batch {
            if let holder = holder(of: object, needs, leased) {
                outcome.kept.append(holder)
            } else {
                outcome.removed.append(object)
            }
        }
    }

    private func remove(
        _ batch: [ErasedObject], _ needs: inout ObjectNeeds, _ outcome: inout Outcome
    ) throws(LetheError) {
        for object in batch {
            try storage.files.step(.remove, storage.objects.path(of: object.digest))
        }
        try storage.objects.leases.whileFrozen(asking: batch.map(\.digest)) {
            (leased) throws(LetheError) in
            try needs.update()
            for object in batch {
                if let holder = holder(of: object, needs, leased) {
                    outcome.kept.append(holder)
                } else if try storage.files.removeAnnounced(
                    storage.objects.path(of: object.digest))
                {
                    outcome.removed.append(object)
                }
            }
        }
    }

    private func holder(
        of object: ErasedObject, _ needs: ObjectNeeds, _ leased: Set<Digest>
    ) -> KeptObject? {
        let holder =
            needs.holders[object.digest]
            ?? (leased.contains(object.digest) ? Self.runningCommand : nil)
        return holder.map {
            KeptObject(digest: object.digest, sizeBytes: object.sizeBytes, holder: $0)
        }
    }
}
