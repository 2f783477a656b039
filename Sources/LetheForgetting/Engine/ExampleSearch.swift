import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import Logging

/// Looks for the training samples that are nearest to some example images, by the cosine between
/// the features that the model's own head sees.
///
/// Which features to compare by no paper says: ours are those of the model that is to forget,
/// because what it takes for similar is what it mixes up.
struct ExampleSearch {
    /// How many examples are read at most; each is compared with every training sample.
    static let exampleLimit = 1000
    private static let batchSize = 128

    let task: ExampleTask
    let progress: ProgressHandler
    let cancellation: CancellationFlag
    let logger: Logger

    /// The nearest training samples of each example, each sample once, the most similar first.
    func run() throws(LetheError) -> [SimilarSample] {
        let setting = try RunSetting(
            task.place, progress: progress, cancellation: cancellation, logger: logger)
        let preprocessor = try ImagePreprocessor(folder: task.modelFolder)
        let examples = try ExampleImages(task.examplesFolder).prepared(by: preprocessor)
        let model = try ClassifierLoading.load(folder: task.modelFolder, device: setting.device)
        let dataset = try task.dataset.open()
        let committing = SampleCommitting(
            dataset: dataset, key: task.commitments.key, progress: progress,
            cancellation: cancellation)
        let all = try dataset.trainingSamples()
        let digests = try committing.commitments(of: all)
        let gone = Set(task.commitments.forgotten)
        let samples = all.filter {
            !task.excludedClasses.contains($0.label) && !gone.contains(digests[$0.index])
        }
        guard !samples.isEmpty else { throw Self.nothingToSearch }
        let wanted = try withoutGradient { () throws(LetheError) in
            try Self.normalised(model.features(examples.moved(to: setting.device)))
        }
        let similarities = try similarities(
            to: wanted, of: samples, model,
            SampleReader(dataset: dataset, preprocessor: preprocessor), setting)
        return choose(similarities, exampleCount: examples.shape[0], samples: samples).map {
            let sample = samples[$0.position]
            return SimilarSample(
                sample: SampleMatch(
                    index: sample.index, label: sample.label, commitment: digests[sample.index]),
                similarity: $0.similarity)
        }
    }

    /// The cosines, sample by sample, each with every example.
    private func similarities(
        to wanted: Tensor, of samples: [Sample], _ model: any ImageClassifier,
        _ reader: SampleReader, _ setting: RunSetting
    ) throws(LetheError) -> [Double] {
        var cosines: [Double] = []
        for start in stride(from: 0, to: samples.count, by: Self.batchSize) {
            try cancellation.throwIfSet()
            let chunk = samples[start..<min(start + Self.batchSize, samples.count)]
            let images = try PreparedImages.tensor(reader.read(chunk)).moved(to: setting.device)
            cosines += try withoutGradient { () throws(LetheError) in
                try Self.normalised(model.features(images))
                    .matmul(wanted.transposed(0, 1)).moved(to: .cpu).doubles()
            }
            progress(
                Progress(
                    phase: "comparing features", done: start + chunk.count, total: samples.count))
        }
        return cosines
    }

    /// The nearest of each example; a sample that several choose has its best similarity.
    private func choose(
        _ cosines: [Double], exampleCount: Int, samples: [Sample]
    ) -> [(position: Int, similarity: Double)] {
        var best: [Int: Double] = [:]
        for example in 0..<exampleCount {
            let ranked = samples.indices.sorted { left, right in
                let one = cosines[left * exampleCount + example]
                let other = cosines[right * exampleCount + example]
                return (other, left) < (one, right)
            }
            for position in ranked.prefix(task.nearestCount) {
                let cosine = cosines[position * exampleCount + example]
                best[position] = max(best[position] ?? -1, cosine)
            }
        }
        return best.map { (position: $0.key, similarity: $0.value) }
            .sorted { ($1.similarity, $0.position) < ($0.similarity, $1.position) }
    }

    /// Rows of length one.
    private static func normalised(_ features: Tensor) throws(LetheError) -> Tensor {
        let norm = try features.square().sum(over: [1], keepingDimensions: true).squareRoot()
        return try features / (norm + 1e-12)
    }

    private static var nothingToSearch: LetheError {
        LetheError(
            code: .notFound, message: "No training sample is left that could be searched.",
            remedy: "Name the dataset that the model was trained on.")
    }
}

/// The images of a folder, which belong to no dataset.
struct ExampleImages {
    private static let fileLimitBytes = 256 << 20
    private let files: [URL]

    /// Lists a folder, not the folders in it; hidden files are left out.
    init(_ folder: URL) throws(LetheError) {
        do {
            files = try FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: [.isDirectoryKey],
                options: [.skipsHiddenFiles]
            ).filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory != true }
                .sorted { $0.lastPathComponent < $1.lastPathComponent }
        } catch {
            throw LetheError(
                code: .notFound, message: "The folder \(folder.path) cannot be read.",
                remedy: "Name a folder of JPEG or PNG files.", cause: error)
        }
        guard (1...ExampleSearch.exampleLimit).contains(files.count) else {
            throw LetheError(
                code: files.isEmpty ? .notFound : .invalidArgument,
                message: "The folder \(folder.lastPathComponent) holds \(files.count) files; "
                    + "examples are 1 to \(ExampleSearch.exampleLimit).",
                remedy: "Put the example images, and nothing else, into one folder.")
        }
    }

    /// All examples as the model takes them, [N, C, H, W].
    ///
    /// - Throws: `malformed` naming and counting the files that do not decode; none is left out.
    func prepared(by preprocessor: ImagePreprocessor) throws(LetheError) -> Tensor {
        let results = parallelMap(files) { url in
            Result { () throws(LetheError) in try Self.read(url, preprocessor) }
        }
        var images: [SampleReader.Prepared] = []
        var failures = UndecodableSamples()
        for (url, result) in zip(files, results) {
            switch result {
            case .success(let image): images.append(image)
            case .failure(let error): failures.add(url.lastPathComponent, error)
            }
        }
        try failures.throwIfAny(among: files.count)
        return try PreparedImages.tensor(images)
    }

    private static func read(
        _ url: URL, _ preprocessor: ImagePreprocessor
    ) throws(LetheError) -> SampleReader.Prepared {
        let image = try preprocessor.prepared(DecodedImage.decode(bytes(of: url)))
        return SampleReader.Prepared(
            values: preprocessor.normalized(image),
            shape: [image.channels, image.height, image.width])
    }

    private static func bytes(of url: URL) throws(LetheError) -> [UInt8] {
        let size = (try? url.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0
        guard size <= fileLimitBytes, let data = try? Data(contentsOf: url) else {
            throw LetheError(
                code: .malformed,
                message: "\(url.lastPathComponent) cannot be read, or is above 256 MiB.",
                remedy: "Put only JPEG or PNG files into the folder.")
        }
        return [UInt8](data)
    }
}
