internal import Foundation
internal import LetheRecords

/// Hashes every object and compares it with its name; recognises recipes by their bytes.
struct ObjectCheck: Sendable {
    let store: ObjectStore
    let onBytes: @Sendable (Int) -> Void

    /// What was found.
    struct Outcome: Sendable {
        var findings: [StoreFinding] = []
        /// The objects whose bytes match their name, and their lengths.
        var sizesBytes: [Digest: Int] = [:]
        /// The recipes among them, by their own digest.
        var recipes: [Digest: FileRecipe] = [:]
        /// Encrypted objects whose key is not at hand: nothing but their form was looked at.
        var unread: Set<Digest> = []

        mutating func add(_ verdict: Verdict) {
            switch verdict {
            case .bad(let finding): findings.append(finding)
            case .unread(let digest, let sizeBytes):
                sizesBytes[digest] = sizeBytes
                unread.insert(digest)
            case .good(let digest, let sizeBytes, let recipe):
                sizesBytes[digest] = sizeBytes
                recipes[digest] = recipe
            }
        }
    }

    /// What was found at one path.
    enum Verdict: Sendable {
        case good(Digest, sizeBytes: Int, FileRecipe?)
        case bad(StoreFinding)
        case unread(Digest, sizeBytes: Int)
    }

    /// Every path below the objects folder, those first that look like recipes: what they name can
    /// only be checked when they have been.
    func paths() -> (recipes: [String], others: [String]) {
        var all = allPaths()
        let middle = all.partition { !mayBeRecipe($0) }
        return (Array(all[..<middle]), Array(all[middle...]))
    }

    private func mayBeRecipe(_ path: String) -> Bool {
        var beginning: [UInt8] = []
        try? FileDescriptor.reading(path)
            .read(into: &beginning, at: 0, count: FileRecipe.beginningSizeBytes)
        return FileRecipe.mayBegin(with: beginning)
    }

    /// Two levels deep, whatever the name.
    private func allPaths() -> [String] {
        FolderListing.names(in: store.folder).flatMap { prefix in
            let folder = "\(store.folder)/\(prefix)"
            guard (try? FileStatus.of(folder))??.isFolder == true else { return [folder] }
            return FolderListing.names(in: folder).map { "\(folder)/\($0)" }
        }
    }

    /// Hashes the object at a path and compares it with its name.
    func check(_ path: String) -> Verdict {
        let hex = path.dropFirst(store.folder.count).filter { $0 != "/" }
        guard let digest = Digest(hex: hex), path == store.path(of: digest) else {
            return .bad(
                StoreFinding(
                    isDamage: false, code: "object-foreign", place: path,
                    message: "This is not named as an object is.",
                    remedy: "Remove it; Lethe did not make it."))
        }
        do throws(LetheError) {
            return try verify(digest)
        } catch  where error.code == .keyMissing {
            return .unread(digest, sizeBytes: store.sizeBytes(of: digest) ?? 0)
        } catch {
            return .bad(
                StoreFinding(
                    code: "object-damaged", place: path, message: error.message,
                    remedy: "Remove this file and publish again the file that it is part of, or "
                        + "copy it from another registry."))
        }
    }

    private func verify(_ digest: Digest) throws(LetheError) -> Verdict {
        var sizeBytes = 0
        var beginning: [UInt8] = []
        try store.stream(digest) { (piece) throws(LetheError) in
            if sizeBytes < FileRecipe.maximumSizeBytes, isKept(beginning, piece) {
                beginning += piece
            }
            sizeBytes += piece.count
            onBytes(piece.count)
        }
        let recipe = beginning.isEmpty ? nil : try? FileRecipe(object: beginning)
        if store.vault != nil, recipe == nil, try store.form(of: digest) == nil {
            throw LetheError(
                code: .integrity, message: "The object \(digest) is not encrypted.")
        }
        return .good(digest, sizeBytes: sizeBytes, recipe)
    }

    private func isKept(_ beginning: [UInt8], _ piece: [UInt8]) -> Bool {
        !beginning.isEmpty || FileRecipe.mayBegin(with: piece)
    }
}
