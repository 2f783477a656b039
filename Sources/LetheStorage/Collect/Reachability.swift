internal import LetheRecords

/// The objects that a reference reaches: everything that any text in any commit names, and the
/// needs of the recipes among that.
///
/// It reads every commit that it has not read yet, through all parents, of all references, those
/// included that Lethe did not make. A commit, text or recipe that cannot be read stops it: what
/// is behind it cannot be known, so nothing may be removed.
struct Reachability {
    private let lineage: Lineage
    private let store: ObjectStore
    private let pendingCommits: () throws(LetheError) -> [CommitID]
    private let erasedObjects: () throws(LetheError) -> Set<Digest>
    private var erased: Set<Digest> = []
    private var tips: Set<CommitID> = []
    private var commits: Set<CommitID> = []
    private var texts: Set<String> = []
    private var recipes: Set<Digest> = []
    /// What is reached, whether it is in the store or not.
    private(set) var objects: Set<Digest> = []

    init(
        _ storage: RegistryStorage, pendingCommits: @escaping () throws(LetheError) -> [CommitID],
        erasedObjects: @escaping () throws(LetheError) -> Set<Digest>
    ) {
        self.pendingCommits = pendingCommits
        self.erasedObjects = erasedObjects
        lineage = storage.lineage
        store = storage.objects
    }

    /// Follows the references as they are now.
    ///
    /// - Throws: `integrity` and others if something cannot be read.
    mutating func update() throws(LetheError) {
        do throws(LetheError) {
            let now = try currentTips()
            guard now != tips else { return }
            erased = try erasedObjects()
            try follow(now)
            tips = now
        } catch {
            throw LetheError(
                code: .integrity,
                message: "The lineage cannot be read whole, so nobody knows which objects it "
                    + "needs; nothing more is removed.",
                remedy: "Run lethe fsck, mend what it finds, and collect garbage after that.",
                cause: error)
        }
    }

    private mutating func follow(_ tips: some Sequence<CommitID>) throws(LetheError) {
        var waiting = Set(tips).filter { !commits.contains($0) }
        while let id = waiting.popFirst() {
            let commit = try lineage.commit(id)
            for file in try lineage.files(at: id)
            where file.isOrdinary && !texts.contains(file.blob) {
                try reach(NamedDigests(in: lineage.read(file)))
                texts.insert(file.blob)
            }
            commits.insert(id)
            waiting.formUnion(commit.parents.filter { !commits.contains($0) })
        }
    }

    /// Keeps what a recipe needs, and the recipe.
    ///
    /// - Throws: `integrity` and others if a recipe that it needs cannot be read.
    mutating func reach(_ recipe: FileRecipe, named digest: Digest) throws(LetheError) {
        objects.insert(digest)
        objects.formUnion(recipe.needs)
        for further in recipe.furtherRecipes { try readRecipe(further) }
    }

    private func currentTips() throws(LetheError) -> Set<CommitID> {
        // In this order: what is no longer pending is a reference by then.
        let pending = try pendingCommits()
        let tips = try lineage.using { (git) throws(LetheError) in
            var tips: Set<CommitID> = []
            for name in try git.referenceNames() {
                if let target = try git.target(of: name) { tips.insert(target) }
            }
            return tips
        }
        return tips.union(pending)
    }

    private mutating func reach(_ named: NamedDigests) throws(LetheError) {
        for digest in named.all where objects.insert(digest).inserted {
            if try store.beginsAsRecipe(digest) { try readRecipe(digest) }
        }
        for digest in named.recipes { try readRecipe(digest) }
    }

    private mutating func readRecipe(_ digest: Digest) throws(LetheError) {
        // What was erased needs nothing any more; history goes on naming it.
        if erased.contains(digest), !store.contains(digest) { return }
        guard recipes.insert(digest).inserted else { return }
        try reach(store.recipe(digest), named: digest)
    }
}

extension ObjectStore {
    /// Whether an object is there and begins as a recipe's canonical form does.
    func beginsAsRecipe(_ digest: Digest) throws(LetheError) -> Bool {
        guard contains(digest) else { return false }
        var beginning: [UInt8] = []
        do throws(LetheError) {
            try FileDescriptor.reading(path(of: digest))
                .read(into: &beginning, at: 0, count: FileRecipe.beginningSizeBytes)
        } catch  where error.code == .notFound {
            return false
        }
        return FileRecipe.mayBegin(with: beginning)
    }

    /// Reads and checks a recipe.
    func recipe(_ digest: Digest) throws(LetheError) -> FileRecipe {
        try FileRecipe(object: read(digest, limitBytes: FileRecipe.maximumSizeBytes))
    }
}
