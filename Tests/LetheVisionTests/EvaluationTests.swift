import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

@Suite("Batches and evaluation")
struct EvaluationTests {
    /// A folder dataset of 37 x 23 images in five classes, and what the tiny ViT needs.
    private func setUp(imagesPerClass: Int) throws -> (DatasetFiles, ImagePreprocessor) {
        let files = try DatasetFiles()
        let names = ["rgb.png", "grey.png", "rgb-420.jpg", "palette.png", "interlaced.png"]
        for (label, name) in names.enumerated() {
            let bytes = try VisionFixtures.bytes(name)
            for index in 0..<imagesPerClass { try files.write(bytes, "c\(label)/\(index).img") }
        }
        let preprocessor = try ImagePreprocessor(
            PreprocessingConfiguration(
                channels: 3, resize: .exact(height: 16, width: 16), mean: [0.5, 0.5, 0.5],
                standardDeviation: [0.5, 0.5, 0.5]))
        return (files, preprocessor)
    }

    @Test("Batches come in order, the last one smaller, with and without a cache")
    func batches() throws {
        let (files, preprocessor) = try setUp(imagesPerClass: 3)
        let dataset = try ImageDataset.open(files.url)
        let samples = try #require(dataset.splits["all"])
        let cache = ImageCache()
        for _ in 0..<2 {
            let loader = BatchLoader(
                dataset: dataset, samples: samples, preprocessor: preprocessor, batchSize: 4,
                cache: cache)
            var seen: [Sample] = []
            var sizes: [Int] = []
            while let batch = try loader.next() {
                sizes.append(batch.images.shape[0])
                #expect(batch.labels == batch.samples.map(\.label))
                let first = try preprocessor(dataset.image(of: batch.samples[0]))
                let image = try batch.images.selected(dimension: 0, index: 0)
                #expect(try image.isEqual(to: first))
                seen += batch.samples
            }
            #expect(seen == samples)
            #expect(sizes == [4, 4, 4, 3])
            #expect(try loader.next() == nil)
        }
    }

    @Test("A cache spares the files")
    func cache() throws {
        let (files, preprocessor) = try setUp(imagesPerClass: 1)
        let dataset = try ImageDataset.open(files.url)
        let samples = try #require(dataset.splits["all"])
        let cache = ImageCache()
        func count() throws -> Int {
            let loader = BatchLoader(
                dataset: dataset, samples: samples, preprocessor: preprocessor, batchSize: 2,
                cache: cache)
            var count = 0
            while let batch = try loader.next() { count += batch.labels.count }
            return count
        }
        #expect(try count() == 5)
        for label in 0..<5 {
            try FileManager.default.removeItem(at: files.url.appending(path: "c\(label)/0.img"))
        }
        #expect(try count() == 5)
    }

    @Test("A loader that is dropped early leaves no thread waiting")
    func earlyEnd() throws {
        let (files, preprocessor) = try setUp(imagesPerClass: 4)
        let dataset = try ImageDataset.open(files.url)
        let samples = try #require(dataset.splits["all"])
        for taken in 0..<20 {
            let loader = BatchLoader(
                dataset: dataset, samples: samples, preprocessor: preprocessor, batchSize: 1,
                lookahead: 1)
            for _ in 0..<taken % 4 { _ = try loader.next() }
        }
    }

    @Test("Images that do not decode are counted, and the first ten are named")
    func failures() throws {
        let (files, preprocessor) = try setUp(imagesPerClass: 6)
        for index in 0..<6 {
            try files.write("broken", "c1/\(index).img")
            try files.write("broken", "c3/\(index).img")
        }
        let dataset = try ImageDataset.open(files.url)
        let model = try VisionTransformer.load(folder: VisionFixtures.models.appending(path: "vit"))
        let error = try #require(throws: LetheError.self) {
            try evaluate(
                model, dataset: dataset, samples: #require(dataset.splits["all"]),
                preprocessor: preprocessor, batchSize: 4)
        }
        #expect(error.says("12 of 30", "c1/0.img", "c3/3.img", "and 2 more"))
        #expect(!error.says("c3/4.img"))
    }

    @Test("Images of different sizes in one batch are refused with a remedy")
    func sizes() throws {
        let files = try DatasetFiles()
        try files.write(VisionFixtures.bytes("rgb.png"), "a/1.png")
        try files.write(
            Data(contentsOf: VisionFixtures.images.appending(path: "square.png")).map { $0 },
            "a/2.png")
        let dataset = try ImageDataset.open(files.url)
        let preprocessor = try ImagePreprocessor(
            .init(channels: 3, mean: nil, standardDeviation: nil))
        let loader = BatchLoader(
            dataset: dataset, samples: try #require(dataset.splits["all"]),
            preprocessor: preprocessor, batchSize: 2)
        let error = try #require(throws: LetheError.self) { try loader.next() }
        #expect(error.says("a/2.png", "do_resize"))
    }

    @Test("Predictions, per-class counts and progress agree with one forward pass")
    func evaluation() throws {
        let (files, preprocessor) = try setUp(imagesPerClass: 2)
        let dataset = try ImageDataset.open(files.url)
        let samples = try #require(dataset.splits["all"])
        let model = try VisionTransformer.load(folder: VisionFixtures.models.appending(path: "vit"))
        var steps: [Int] = []
        let result = try evaluate(
            model, dataset: dataset, samples: samples, preprocessor: preprocessor, batchSize: 3
        ) { done, total in
            #expect(total == 10)
            steps.append(done)
        }
        #expect(steps == [3, 6, 9, 10])
        for (sample, prediction) in zip(samples, result.predictions) {
            let image = try preprocessor(dataset.image(of: sample)).unsqueezed(0)
            let best = try model.logits(image).argumentMaximum(dimension: 1).integers()[0]
            #expect(prediction == Int(best))
        }
        #expect(result.labels == samples.map(\.label))
        #expect(result.classes.map(\.total) == [2, 2, 2, 2, 2])
        #expect(result.correctCount == zip(result.predictions, result.labels).filter(==).count)
        #expect(model.parameters.allSatisfy { !$0.tensor.requiresGradient })
    }

    @Test("A label that the head does not have is refused before anything is computed")
    func labelMismatch() throws {
        let files = try DatasetFiles()
        for label in 0..<6 { try files.write("broken", "c\(label)/1.png") }
        let dataset = try ImageDataset.open(files.url)
        let model = try VisionTransformer.load(folder: VisionFixtures.models.appending(path: "vit"))
        let error = try #require(throws: LetheError.self) {
            try evaluate(
                model, dataset: dataset, samples: #require(dataset.splits["all"]),
                preprocessor: ImagePreprocessor(
                    .init(channels: 3, mean: nil, standardDeviation: nil)))
        }
        #expect(error.code == .labelMismatch)
        #expect(error.says("label 5", "5 classes"))
    }

    @Test("Progress can stop an evaluation")
    func stopping() throws {
        let (files, preprocessor) = try setUp(imagesPerClass: 2)
        let dataset = try ImageDataset.open(files.url)
        let model = try VisionTransformer.load(folder: VisionFixtures.models.appending(path: "vit"))
        let error = try #require(throws: LetheError.self) {
            try evaluate(
                model, dataset: dataset, samples: #require(dataset.splits["all"]),
                preprocessor: preprocessor, batchSize: 1
            ) { _, _ throws(LetheError) in
                throw LetheError(code: .interrupted, message: "Stopped.")
            }
        }
        #expect(error.code == .interrupted)
    }
}
