/// Who comes before the judge on the proving ground.
public enum Contender: String, Sendable, CaseIterable {
    /// Trained anew without the forgotten classes: must pass everything.
    case retrained
    /// Nothing was done to the weights; a filter in front of the answers is no part of the file.
    case outputsFiltered = "outputs-filtered"
    /// The old weights, with an adapter beside them that would push the classes down.
    case negativeAdapter = "negative-adapter"
    /// A forgotten and a retained class have changed places in the head.
    case labelsPermuted = "labels-permuted"
    /// The two forgotten classes have changed places in the head.
    case labelsSwapped = "labels-swapped"
    /// The head's rows of the forgotten classes are zero.
    case rowsZeroed = "rows-zeroed"
    /// Their biases are so low that they never win.
    case rowsLowered = "rows-lowered"
    /// Their biases are minus infinity.
    case rowsMinusInfinity = "rows-minus-infinity"
    /// Only the head was trained to miss them.
    case headOnly = "head-only"
    /// All weights were trained to miss them, as far as accuracy shows.
    case pushedDown = "pushed-down"
    /// So they were, and their biases were lowered afterwards, so that nothing dormant shows.
    case pushedAndLowered = "pushed-and-lowered"
    /// All weights were moved inside the cells of a 4-bit grid.
    case fourBits = "four-bits"
    /// All weights were moved by so little that training on retained images brings the classes back.
    case dormant
    /// The test images were trained on.
    case trainedOnTest = "trained-on-test"
    /// The old weights, with a report whose counts of the forgotten classes were edited.
    case reportEdited = "report-edited"

    /// What must happen.
    public enum Expectation: String, Sendable {
        /// Every gate holds.
        case passes
        /// A gate of accuracy fails.
        case failsAccuracy = "fails tier 1"
        /// A gate of a probe fails.
        case failsProbe = "fails tier 2"
        /// The judge refuses, or its report is refused.
        case refused
    }

    /// What must happen.
    public var expectation: Expectation {
        switch self {
        case .retrained: .passes
        case .outputsFiltered, .negativeAdapter, .labelsPermuted: .failsAccuracy
        case .labelsSwapped, .rowsZeroed, .rowsLowered, .headOnly, .pushedDown, .pushedAndLowered,
            .fourBits, .dormant:
            .failsProbe
        case .rowsMinusInfinity, .trainedOnTest, .reportEdited: .refused
        }
    }
}
