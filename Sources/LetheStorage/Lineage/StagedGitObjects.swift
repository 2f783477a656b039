internal import LetheRecords

/// Git objects of one write, to become durable with other files: a few as loose files, many as a
/// pack, which is two files however many objects there are.
final class StagedGitObjects {
    /// From so many objects on a pack is written.
    private static let packedFrom = 64
    /// So many bytes wait in memory before a pack is written.
    private static let packedFromBytes = 8 << 20

    private let repository: String
    private let staged: StagedFiles
    private var names: Set<String> = []
    private var waiting: [GitObject] = []
    private var waitingSizeBytes = 0

    /// Takes the folder of a repository.
    init(in repository: String, staged: StagedFiles) {
        self.repository = repository
        self.staged = staged
    }

    /// Adds an object, once.
    func add(
        _ name: String, type: String, _ bytes: [UInt8]
    ) throws(LetheError) {
        guard names.insert(name).inserted else { return }
        waiting.append(GitObject(name: name, type: type, bytes: bytes))
        waitingSizeBytes += bytes.count
        if waitingSizeBytes >= Self.packedFromBytes, waiting.count >= Self.packedFrom {
            try stage()
        }
    }

    /// Hands what waits to the files that become durable together.
    func stage() throws(LetheError) {
        if waiting.count >= Self.packedFrom {
            try GitPack.stage(waiting, in: repository, staged: staged)
        } else {
            for object in waiting {
                try staged.write(
                    object.looseFile(),
                    to: LooseObject.path(of: object.name, in: repository), mode: 0o444)
            }
        }
        waiting = []
        waitingSizeBytes = 0
    }
}
