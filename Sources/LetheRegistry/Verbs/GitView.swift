public import Foundation
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// Writes a git folder in which there is nothing of the lineage but what one model gives out.
    ///
    /// It borrows the lineage's objects (gitrepository-layout, `objects/info/alternates`) and has
    /// references of its own: `main` is the newest certified version, `v3` tags the third if it is
    /// given out. A server of git that is shown this folder cannot tell of any other line, as long
    /// as it serves what references lead to and nothing else (protocol version 0).
    ///
    /// - Parameters:
    ///   - folder: A new folder.
    ///   - allowingUncertified: Whether there are also tags for versions that nobody certified, and
    ///     a branch of the model's name for the newest.
    /// - Throws: `refused` if no version is given out; `io`.
    public func writeGitView(
        of model: String, to folder: URL, allowingUncertified: Bool
    ) throws(LetheError) {
        let lines = try gitLines(of: model, allowingUncertified: allowingUncertified)
        let references = lines.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }
        let head = lines["refs/heads/main"] == nil ? model : "main"
        let objects = storage.layout.lineage.appending(path: "objects").path
        let texts = [
            "HEAD": "ref: refs/heads/\(head)\n",
            "config": "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
            "packed-refs": "# pack-refs with: sorted \n" + references.joined(),
            "objects/info/alternates": objects + "\n",
        ]
        do {
            let manager = FileManager.default
            for name in ["objects/info", "objects/pack", "refs"] {
                try manager.createDirectory(
                    at: folder.appending(path: name), withIntermediateDirectories: true)
            }
            for (name, text) in texts {
                try Data(text.utf8).write(to: folder.appending(path: name))
            }
        } catch {
            throw LetheError(
                code: .io, message: "\(folder.path) cannot be written.",
                remedy: "See that there is room for temporary files.", cause: error)
        }
    }

    private func gitLines(
        of model: String, allowingUncertified: Bool
    ) throws(LetheError) -> [String: String] {
        var lines: [String: String] = [:]
        for entry in try log(model) where entry.state == .current {
            let isCertified = entry.operation == LetheRecords.Operation.certify.rawValue
            guard isCertified || allowingUncertified else { continue }
            lines["refs/tags/v\(entry.number)"] = entry.commit.hex
            let branch = "refs/heads/" + (isCertified ? "main" : model)
            // The newest comes first.
            lines[branch] = lines[branch] ?? entry.commit.hex
        }
        if lines.isEmpty {
            _ = try released(Revision("\(model)@certified"), allowingUncertified: false)
        }
        return lines
    }

    /// The file of a digest in the newest version of a model that has it and is given out.
    ///
    /// - Throws: `refused` if only versions have it that are not given out; `notFound`.
    public func releasedFile(
        _ digest: Digest, of model: String, allowingUncertified: Bool
    ) throws(LetheError) -> (version: Version, file: ReleasedFile) {
        let reference = try ReferenceName.model(model)
        let found = try index.versions(containing: digest).filter { $0.reference == reference }
        var refusal: LetheError?
        for entry in found.reversed() {
            let version = try version(at: entry.commit)
            do throws(LetheError) {
                try refuseUnreleased(version, allowingUncertified: allowingUncertified)
            } catch {
                guard error.code == .refused else { throw error }
                refusal = refusal ?? error
                continue
            }
            let file = try release(version).files.first { $0.digest == digest }
            if let file { return (version, file) }
        }
        throw refusal
            ?? LetheError(
                code: .notFound, message: "\(model) has no file \(digest).",
                remedy: "See its files with lethe show \(model).")
    }
}
