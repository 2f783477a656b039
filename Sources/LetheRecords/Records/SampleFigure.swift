/// How much better a model is on training samples that it should have forgotten than on test
/// samples of the same classes, which it never saw.
public struct SampleFigure: Sendable, Equatable, Codable {
    /// The forgotten samples by label, ascending; labels without one are left out.
    public var classes: [SampleClassCount]
    /// The accuracy on test samples, each class weighted by its share of the forgotten samples.
    public var testAccuracy: Double
    /// A one-sided lower bound of it.
    public var testAccuracyLowerBound: Double
    /// The accuracy on the forgotten samples minus `testAccuracy`.
    public var excess: Double
    /// The upper bound of the first minus the lower bound of the second.
    public var excessUpperBound: Double
    /// The excess on the line's first version: what there was to forget, by this measure.
    public var originalExcess: Double

    /// Puts a figure together.
    public init(
        classes: [SampleClassCount], testAccuracy: Double, testAccuracyLowerBound: Double,
        excess: Double, excessUpperBound: Double, originalExcess: Double
    ) {
        self.classes = classes
        self.testAccuracy = testAccuracy
        self.testAccuracyLowerBound = testAccuracyLowerBound
        self.excess = excess
        self.excessUpperBound = excessUpperBound
        self.originalExcess = originalExcess
    }
}

/// Forgotten training samples of one class.
public struct SampleClassCount: Sendable, Equatable, Codable {
    /// The label.
    public var label: Int
    /// How many were found and measured.
    public var sampleCount: Int
    /// Still given their own label.
    public var correctCount: Int
    /// Given their own label by the line's first version.
    public var originalCorrectCount: Int

    /// Puts counts together.
    public init(
        label: Int, sampleCount: Int, correctCount: Int, originalCorrectCount: Int
    ) {
        self.label = label
        self.sampleCount = sampleCount
        self.correctCount = correctCount
        self.originalCorrectCount = originalCorrectCount
    }
}
