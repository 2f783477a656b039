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
    }

    private enum Verdict: Sendable {
        case good(Digest, sizeBytes: Int, FileRecipe?)
        case bad(StoreFinding)
    }

    func run() -> Outcome {
        var outcome = Outcome()
        for verdict in ParallelWork.map(paths(), check) {
            switch verdict {
            case .bad(let finding): outcome.findings.append(finding)
            case .good(let digest, let sizeBytes, let recipe):
                outcome.sizesBytes[digest] = sizeBytes
                outcome.recipes[digest] = recipe
            }
        }
        return outcome
    }

    /// Every path below the objects folder, two levels deep, whatever its name.
    private func paths() -> [String] {
        FolderListing.names(in: store.folder).flatMap { prefix in
            let folder = "\(store.folder)/\(prefix)"
            guard (try? FileStatus.of(folder))??.isFolder == true else { return [folder] }
            return FolderListing.names(in: folder).map { "\(folder)/\($0)" }
        }
    }

    private func check(_ path: String) -> Verdict {
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
        return .good(digest, sizeBytes: sizeBytes, recipe)
    }

    private func isKept(_ beginning: [UInt8], _ piece: [UInt8]) -> Bool {
        !beginning.isEmpty || FileRecipe.mayBegin(with: piece)
    }
}
