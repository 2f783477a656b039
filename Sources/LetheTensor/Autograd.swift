import CTorchShim
public import LetheRecords

extension Tensor {
    /// Whether operations on this tensor are recorded for gradients.
    public var requiresGradient: Bool {
        do throws(LetheError) {
            return try readRequiresGradient()
        } catch {
            preconditionFailure("reading a flag of a live tensor failed: \(error)")
        }
    }

    /// Switches recording for this tensor, which must not be the result of a recorded operation.
    ///
    /// - Returns: The same tensor.
    @discardableResult
    public func requiringGradient(_ on: Bool = true) throws(LetheError) -> Tensor {
        try setRequiresGradient(on)
        return self
    }

    /// Adds the derivatives of this single number to the gradient of every tensor that needs one.
    ///
    /// - Parameter keepingGraph: Whether the recording stays for another backward pass.
    public func backward(keepingGraph: Bool = false) throws(LetheError) {
        try runBackward(keepingGraph)
    }

    /// What backward passes have added up, or nil.
    public var gradient: Tensor? {
        do throws(LetheError) {
            return try readGradient()
        } catch {
            preconditionFailure("reading the gradient of a live tensor failed: \(error)")
        }
    }

    /// Replaces the gradient; nil removes it.
    public func setGradient(_ gradient: Tensor?) throws(LetheError) {
        try Tensor.setGradients(of: [self], to: gradient)
    }

    /// Removes the gradient.
    public func zeroGradient() throws(LetheError) {
        try Tensor.setGradients(of: [self], to: nil)
    }

    /// The same numbers outside the recording; shares memory.
    public func detached() throws(LetheError) -> Tensor {
        try unary(.detach)
    }

    /// The derivatives of this single number, leaving all gradients alone.
    ///
    /// - Returns: One tensor per input; nil where this number does not depend on it.
    public func gradients(
        withRespectTo inputs: [Tensor], keepingGraph: Bool = false
    ) throws(LetheError) -> [Tensor?] {
        try derive(inputs, keepingGraph)
    }

    /// Scales the gradients of all parameters so that their joint norm is at most `maximumNorm`.
    ///
    /// - Returns: The norm before.
    @discardableResult
    public static func clipGradients(
        of parameters: [Tensor], maximumNorm: Double
    ) throws(LetheError) -> Double {
        try clipGradients(of: parameters, maximumNorm)
    }
}

/// Runs `body` without recording operations for gradients.
///
/// The mode belongs to the thread, so the body cannot wait for anything asynchronous; the mode
/// that was there before comes back, whatever happens.
public func withoutGradient<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    try withGradientMode(false, body)
}

/// Runs `body` with recording, also inside `withoutGradient`.
public func withGradient<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    try withGradientMode(true, body)
}

private func withGradientMode<Result, Failure: Error>(
    _ on: Bool, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    let before = gradientMode()
    setGradientMode(on)
    defer { setGradientMode(before) }
    return try body()
}
