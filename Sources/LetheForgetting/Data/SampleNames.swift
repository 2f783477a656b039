import LetheRecords
import LetheVision

/// Finds samples by what a person calls them: a path below the dataset's folder, or a split and
/// an index from 0, `train/123` or `train:123`.
struct SampleNames {
    private let splits: [String: [Sample]]
    private var paths: [String: Sample] = [:]

    /// Looks samples up in a dataset.
    init(_ dataset: ImageDataset) {
        splits = dataset.splits
        for sample in dataset.splits.values.joined() {
            if case .file(let path) = sample.location { paths[path] = sample }
        }
    }

    /// The training samples that some lines name, in the order of the lines.
    ///
    /// - Throws: `notFound` for a line that names nothing, `invalidArgument` for one that names a
    ///   sample of another split or one that was named before; each with the line's number.
    func samples(_ lines: [String]) throws(LetheError) -> [Sample] {
        var found: [Sample] = []
        var lineOf: [Int: Int] = [:]
        for (position, text) in lines.enumerated() {
            let line = position + 1
            guard let sample = sample(named: text) else { throw unknown(text, line) }
            guard sample.split == SelectionSplit.splitName else { throw untrained(sample, line) }
            if let earlier = lineOf.updateValue(line, forKey: sample.index) {
                throw Self.refusal(
                    "Line \(line) names the sample that line \(earlier) named.",
                    "Name each sample once.")
            }
            found.append(sample)
        }
        guard !found.isEmpty else {
            throw Self.refusal("The list names no sample.", "Write one sample a line.")
        }
        return found
    }

    private func sample(named text: String) -> Sample? {
        if let sample = paths[text] { return sample }
        guard let mark = text.lastIndex(where: { $0 == ":" || $0 == "/" }) else { return nil }
        let digits = text[text.index(after: mark)...]
        let isPlain = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isPlain, let index = Int(digits), let split = splits[String(text[..<mark])],
            split.indices.contains(index)
        else { return nil }
        return split[index]
    }

    private func unknown(_ text: String, _ line: Int) -> LetheError {
        let sizes = splits.sorted { $0.key < $1.key }
            .map { "\($0.key) with \($0.value.count) samples" }.joined(separator: ", ")
        return LetheError(
            code: .notFound,
            message: "Line \(line) names no sample of this dataset: \"\(text.prefix(80))\".",
            remedy: "Write a path below the dataset's folder, or train:0, train:1 and so on; its "
                + "splits are \(sizes).")
    }

    private func untrained(_ sample: Sample, _ line: Int) -> LetheError {
        Self.refusal(
            "Line \(line) names a sample of the split \(sample.split); nothing was learnt from it.",
            "Name samples of the split \(SelectionSplit.splitName) only.")
    }

    private static func refusal(_ message: String, _ remedy: String) -> LetheError {
        LetheError(code: .invalidArgument, message: message, remedy: remedy)
    }
}
