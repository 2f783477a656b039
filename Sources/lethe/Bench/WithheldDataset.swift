internal import Foundation
internal import LetheRecords

/// A dataset of the form `tar` without the training samples of some classes: those classes must be
/// retained although nothing shows them ("missing classes" of GS-LoRA++, methods.md 5.5).
enum WithheldDataset {
    /// Writes the dataset beside the original's archive, which is linked and not copied.
    ///
    /// - Throws: `unsupported` for a dataset of another form.
    static func make(from source: URL, without labels: Set<Int>, at folder: URL) throws {
        let index = source.appending(path: "index.tsv")
        let archive = source.appending(path: "images.tar").resolvingSymlinksInPath()
        guard FileManager.default.fileExists(atPath: index.path) else {
            throw LetheError(
                code: .unsupported,
                message: "Samples can be withheld from a dataset with an index.tsv only.",
                remedy: "Leave out --withheld, or give such a dataset.")
        }
        let lines = try String(contentsOf: index, encoding: .utf8).split(separator: "\n")
        let header = lines.first?.split(separator: "\t").map(String.init) ?? []
        let places = (split: header.firstIndex(of: "split"), label: header.firstIndex(of: "label"))
        let kept = lines.enumerated().filter { number, line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard number > 0, let split = places.split, let label = places.label,
                let value = Int(cells[label])
            else { return true }
            return cells[split] != "train" || !labels.contains(value)
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data((kept.map { String($0.element) }.joined(separator: "\n") + "\n").utf8)
            .write(to: folder.appending(path: "index.tsv"))
        do {
            try FileManager.default.linkItem(at: archive, to: folder.appending(path: "images.tar"))
        } catch {
            // Another file system: a copy does as well.
            try FileManager.default.copyItem(at: archive, to: folder.appending(path: "images.tar"))
        }
    }
}
