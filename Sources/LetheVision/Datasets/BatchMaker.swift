import LetheRecords

/// What the preparing thread does.
struct BatchMaker: Sendable {
    let dataset: ImageDataset
    let preprocessor: ImagePreprocessor
    let cache: ImageCache?

    /// Prepares all batches; after the first image that does not decode only looks for others.
    func run(_ samples: [Sample], batchSize: Int, into queue: BatchQueue) {
        var failures = FailedImages()
        for start in stride(from: 0, to: samples.count, by: batchSize) {
            let part = Array(samples[start..<min(start + batchSize, samples.count)])
            do throws(LetheError) {
                guard let batch = try batch(of: part, failures: &failures) else {
                    continue
                }
                guard queue.put(.batch(batch)) else { return }
            } catch {
                _ = queue.put(.failure(error))
                return
            }
        }
        if let error = failures.error(among: samples.count) {
            _ = queue.put(.failure(error))
        } else {
            _ = queue.put(.end)
        }
    }

    private func batch(
        of samples: [Sample], failures: inout FailedImages
    ) throws(LetheError) -> PreparedBatch? {
        var values: [Float] = []
        var shape: [Int] = []
        for sample in samples {
            let image: DecodedImage
            do throws(LetheError) {
                image = try prepared(sample)
            } catch {
                failures.add(dataset.description(of: sample), error)
                continue
            }
            guard failures.isEmpty else { continue }
            let size = [image.channels, image.height, image.width]
            guard shape.isEmpty || shape == size else {
                throw LetheError(
                    code: .malformed,
                    message: "\(dataset.description(of: sample)) has \(image.width) x "
                        + "\(image.height) pixels, others have another size.",
                    remedy: "Set do_resize and size in preprocessor_config.json.")
            }
            if shape.isEmpty { values.reserveCapacity(samples.count * size.reduce(1, *)) }
            shape = size
            values += preprocessor.normalized(image)
        }
        guard failures.isEmpty else { return nil }
        return PreparedBatch(
            values: values, shape: [samples.count] + shape, labels: samples.map(\.label),
            samples: samples)
    }

    private func prepared(_ sample: Sample) throws(LetheError) -> DecodedImage {
        if let image = cache?[sample] { return image }
        let image = try preprocessor.prepared(dataset.image(of: sample))
        cache?.keep(image, of: sample)
        return image
    }
}

/// The images that did not decode.
struct FailedImages {
    private static let namedCount = 10
    private var named: [String] = []
    private var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func add(_ name: String, _ error: LetheError) {
        count += 1
        if named.count < Self.namedCount { named.append("\(name): \(error.message)") }
    }

    func error(among total: Int) -> LetheError? {
        guard count > 0 else { return nil }
        let more = count > named.count ? "\nand \(count - named.count) more" : ""
        return LetheError(
            code: .malformed,
            message: "\(count) of \(total) images do not decode:\n"
                + named.joined(separator: "\n") + more,
            remedy: "Repair or remove these files; nothing was skipped and nothing was computed.")
    }
}
