import LetheRecords

/// One tensor that a checkpoint must hold: its name there, its shape, how it begins.
struct ParameterSpecification {
    enum Initialization {
        case normal
        case zeros
        case ones
        case constant(Double)
    }

    let name: String
    let shape: [Int]
    let initialization: Initialization
    /// What it is to the model.
    var role = NamedTensor.Role.weight
}
