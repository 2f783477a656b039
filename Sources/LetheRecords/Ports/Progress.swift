/// How far a long operation is; passed to whoever shows it.
public struct Progress: Sendable {
    /// What is being done, in a word or two for a person.
    public var phase: String
    /// Steps or items done.
    public var done: Int
    /// Steps or items in all.
    public var total: Int
    /// Losses and accuracies, by name.
    public var figures: [String: Double]

    /// Reports a position.
    public init(phase: String, done: Int, total: Int, figures: [String: Double] = [:]) {
        self.phase = phase
        self.done = done
        self.total = total
        self.figures = figures
    }
}

/// Receives progress; called often, from any thread.
public typealias ProgressHandler = @Sendable (Progress) -> Void
