import LetheRecords
import LetheTensor
import LetheVision

/// The nearest class mean by cosine in frozen features: what a few images give to somebody who
/// trains nothing at all (the prototypical attack of Spotter, methods section 9).
enum PrototypeRecovery {
    /// Whether the nearest mean is that of each test image's class.
    ///
    /// - Parameter imagesPerClass: Training images of each class; 0 for all.
    static func hits(
        _ model: ProbedModel, samples: ProbeSamples, imagesPerClass: Int
    ) throws(LetheError) -> [String: [Bool]?] {
        let means = try means(model, samples, imagesPerClass)
        var hits: [String: [Bool]?] = [:]
        for request in samples.requests {
            let test = samples.test(of: request)
            guard let means, samples.hasTraining(request), !test.isEmpty else {
                hits.updateValue(nil, forKey: request.id)
                continue
            }
            let cosines = try unit(model.features(test)).matmul(means.tensor.transposed())
            let nearest = try cosines.argumentMaximum(dimension: 1).integers()
            hits.updateValue(
                zip(nearest, test).map { means.labels[Int($0)] == $1.label }, forKey: request.id)
        }
        return hits
    }

    /// The mean of each class that has images, of length 1, and the labels of its rows.
    private static func means(
        _ model: ProbedModel, _ samples: ProbeSamples, _ imagesPerClass: Int
    ) throws(LetheError) -> (tensor: Tensor, labels: [Int])? {
        var labels: [Int] = []
        var rows: [Tensor] = []
        for label in 0..<samples.classCount {
            let images = samples.training(of: label, limit: imagesPerClass)
            guard !images.isEmpty else { continue }
            labels.append(label)
            rows.append(try unit(model.features(images)).mean(over: [0]))
        }
        guard !rows.isEmpty else { return nil }
        return (try unit(Tensor.stacked(rows)), labels)
    }

    /// Rows of length 1; a row of zeros stays.
    private static func unit(_ rows: Tensor) throws(LetheError) -> Tensor {
        try rows / rows.norm(over: [1], keepingDimensions: true).clamped(minimum: 1e-12)
    }
}
