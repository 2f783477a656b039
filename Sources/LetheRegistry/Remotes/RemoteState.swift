internal import Foundation
public import LetheRecords
internal import LetheStorage

/// What a registry shows of itself to another that takes from it: its small files, and where its
/// lines are.
///
/// Nothing of it is trusted.
public struct RemoteState: Record {
    /// The schema's name.
    public static let schemaName = "lethe.remote-state.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// `registry.json`, the trusted keys, their signatures, recipes and policies: text by path.
    public var texts: [String: String]
    /// The commit that each line is at, by the reference's full name.
    public var references: [String: String]

    /// Puts a state together.
    init(texts: [String: String], references: [String: String]) {
        self.texts = texts
        self.references = references
    }

    /// The lines that have safe names and are at a commit; others are left out.
    func lines() -> [(ReferenceName, CommitID)] {
        references.compactMap { name, commit in
            guard let name = ReferenceName(name), !name.isTag, let commit = CommitID(commit) else {
                return nil
            }
            return (name, commit)
        }
    }

    /// The texts that every registry has.
    static let fixedTexts = [
        "registry.json", "registry.json.sig", "keys/allowed_signers", "keys/allowed_signers.sig",
    ]

    /// Refuses a path that no registry has.
    static func check(_ path: String) throws(LetheError) {
        if fixedTexts.contains(path) { return }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, ["recipes", "policies"].contains(parts[0]),
            parts[1].hasSuffix(".json"), !parts[1].hasPrefix("."),
            parts[1].unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 && $0 != "\\" })
        else {
            throw LetheError(
                code: .refused, message: "The other registry shows a file that none has.",
                remedy: "Nothing was taken; tell its operator.")
        }
    }
}

extension RegistryStorage {
    /// What this registry shows of itself.
    ///
    /// - Throws: `integrity` if the lineage cannot be read; `io`.
    func remoteState() throws(LetheError) -> RemoteState {
        var texts: [String: String] = [:]
        for path in RemoteState.fixedTexts { texts[path] = try text(path) }
        for (name, folder) in [("recipes", layout.recipes), ("policies", layout.policies)] {
            let found = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for file in found.sorted() where file.hasSuffix(".json") && !file.hasPrefix(".") {
                texts["\(name)/\(file)"] = try text("\(name)/\(file)")
            }
        }
        var references: [String: String] = [:]
        for (name, target) in try lineage.references() where !name.isTag {
            references[name.description] = target.hex
        }
        return RemoteState(texts: texts, references: references)
    }

    private func text(_ path: String) throws(LetheError) -> String {
        String(decoding: try files.readFile(layout.root.appending(path: path)), as: UTF8.self)
    }
}
