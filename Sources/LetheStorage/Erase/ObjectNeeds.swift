public import LetheRecords

/// Which objects must stay when versions are erased, and on whose account.
///
/// Every commit of every reference is asked what it claims. That a record merely names a digest
/// does not hold an object, as it does for garbage collection: history goes on naming what was
/// erased.
public struct ObjectNeeds {
    /// What one commit claims.
    public enum Claim {
        /// Nothing: it is no version, or one that is to be erased.
        case nothing
        /// These files and what they are put together from, and whatever else the manifest names
        /// apart from what is known not to be needed: a field that is new must not lose its object.
        case version([StoredFile], manifest: [UInt8], notNeeded: Set<Digest>, holder: String)
        /// Whatever any of its texts names: a commit that Lethe did not write.
        case everything(holder: String)
    }

    private let lineage: Lineage
    private let store: ObjectStore
    private let pendingCommits: () throws(LetheError) -> [CommitID]
    private let claim: (CommitID) throws(LetheError) -> Claim
    private var tips: Set<CommitID> = []
    private var commits: Set<CommitID> = []
    /// The needed objects, and the first that was found to need each.
    public private(set) var holders: [Digest: String] = [:]

    /// Prepares to ask; nothing is known before `update`.
    ///
    /// - Parameters:
    ///   - pendingCommits: Commits that the log has and whose reference the next writer will move.
    ///   - claim: Says what a commit claims; asked once for each.
    public init(
        _ storage: RegistryStorage,
        pendingCommits: @escaping () throws(LetheError) -> [CommitID],
        claim: @escaping (CommitID) throws(LetheError) -> Claim
    ) {
        lineage = storage.lineage
        store = storage.objects
        self.pendingCommits = pendingCommits
        self.claim = claim
    }

    /// Follows the references as they are now.
    ///
    /// - Throws: `integrity` if something cannot be read: then nobody knows what must stay.
    public mutating func update() throws(LetheError) {
        do throws(LetheError) {
            let now = try currentTips()
            guard now != tips else { return }
            try follow(now)
            tips = now
        } catch {
            throw LetheError(
                code: .integrity,
                message: "The lineage cannot be read whole, so nobody knows which objects "
                    + "surviving versions need; nothing more is removed.",
                remedy: "Run lethe fsck, mend what it finds, and purge after that.", cause: error)
        }
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

    private mutating func follow(_ tips: some Sequence<CommitID>) throws(LetheError) {
        var waiting = Set(tips).filter { !commits.contains($0) }
        while let id = waiting.popFirst() {
            switch try claim(id) {
            case .nothing: break
            case .version(let files, let manifest, let notNeeded, let holder):
                for file in files { try hold(file, for: holder) }
                let others = NamedDigests(in: manifest).all.subtracting(notNeeded)
                for digest in others { try hold(digest, for: holder) }
            case .everything(let holder): try holdAll(of: id, for: holder)
            }
            commits.insert(id)
            let parents = try lineage.commit(id).parents
            waiting.formUnion(parents.filter { !commits.contains($0) })
        }
    }

    private mutating func holdAll(of id: CommitID, for holder: String) throws(LetheError) {
        for file in try lineage.files(at: id) where file.isOrdinary {
            let named = try NamedDigests(in: lineage.read(file))
            for digest in named.all { try hold(digest, for: holder) }
        }
    }

    /// Holds a file and what it is put together from.
    ///
    /// A recipe that cannot be read stops everything: what it needs cannot be known.
    private mutating func hold(_ file: StoredFile, for holder: String) throws(LetheError) {
        var waiting = [file.assembly].compactMap { $0 }
        if waiting.isEmpty { keep(file.digest, for: holder) }
        while let digest = waiting.popLast() {
            guard keep(digest, for: holder) else { continue }
            let recipe = try store.recipe(digest)
            waiting += recipe.furtherRecipes
            for need in recipe.needs where !recipe.furtherRecipes.contains(need) {
                keep(need, for: holder)
            }
        }
    }

    /// Holds an object, and what it needs if it is a recipe.
    private mutating func hold(_ digest: Digest, for holder: String) throws(LetheError) {
        guard keep(digest, for: holder), try store.beginsAsRecipe(digest),
            let recipe = try? store.recipe(digest)
        else { return }
        for need in recipe.needs { try hold(need, for: holder) }
    }

    /// Whether nothing held the object before.
    @discardableResult
    private mutating func keep(_ digest: Digest, for holder: String) -> Bool {
        guard holders[digest] == nil else { return false }
        holders[digest] = holder
        return true
    }
}
