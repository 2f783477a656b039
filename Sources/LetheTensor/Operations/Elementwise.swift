import CTorchShim
public import LetheRecords

/// How the Gaussian error linear unit is computed (arXiv:1606.08415).
public enum GeluApproximation: Sendable {
    /// Exactly, with the error function.
    case none
    /// With a hyperbolic tangent.
    case tanh
}

extension Tensor {
    /// The square of every number.
    public func square() throws(LetheError) -> Tensor { try unary(.square) }

    /// The square root of every number; not a number where it is negative.
    public func squareRoot() throws(LetheError) -> Tensor { try unary(.squareRoot) }

    /// One divided by every number.
    public func reciprocal() throws(LetheError) -> Tensor { try unary(.reciprocal) }

    /// The natural exponential of every number.
    public func exponential() throws(LetheError) -> Tensor { try unary(.exponential) }

    /// The natural logarithm of every number.
    public func logarithm() throws(LetheError) -> Tensor { try unary(.logarithm) }

    /// The natural logarithm of one plus every number, exact near zero.
    public func logarithmOfOnePlus() throws(LetheError) -> Tensor {
        try unary(.logarithmOfOnePlus)
    }

    /// The absolute value of every number.
    public func absolute() throws(LetheError) -> Tensor { try unary(.absolute) }

    /// -1, 0 or 1 for every number.
    public func signs() throws(LetheError) -> Tensor { try unary(.sign) }

    /// The sine of every number, in radians.
    public func sine() throws(LetheError) -> Tensor { try unary(.sine) }

    /// The cosine of every number, in radians.
    public func cosine() throws(LetheError) -> Tensor { try unary(.cosine) }

    /// The hyperbolic tangent of every number.
    public func tanh() throws(LetheError) -> Tensor { try unary(.tanh) }

    /// The logistic function of every number.
    public func sigmoid() throws(LetheError) -> Tensor { try unary(.sigmoid) }

    /// `log(1 + exp(x))` for every number, without overflow.
    public func softplus() throws(LetheError) -> Tensor { try unary(.softplus) }

    /// Every number, with 0 in place of the negative ones.
    public func relu() throws(LetheError) -> Tensor { try unary(.relu) }

    /// The sigmoid linear unit `x * sigmoid(x)`.
    public func silu() throws(LetheError) -> Tensor { try unary(.silu) }

    /// The Gaussian error linear unit.
    public func gelu(approximate: GeluApproximation = .none) throws(LetheError) -> Tensor {
        try unary(approximate == .tanh ? .geluTanh : .gelu)
    }

    /// The Gaussian error function of every number.
    public func errorFunction() throws(LetheError) -> Tensor { try unary(.errorFunction) }

    /// The largest whole number not above every number.
    public func floored() throws(LetheError) -> Tensor { try unary(.floor) }

    /// The nearest whole number; halves go to the even one.
    public func rounded() throws(LetheError) -> Tensor { try unary(.round) }

    /// Every number moved into `minimum ... maximum`; a bound that is nil is no bound.
    public func clamped(
        minimum: Double? = nil, maximum: Double? = nil
    ) throws(LetheError) -> Tensor {
        try clamp(minimum ?? -.infinity, maximum ?? .infinity)
    }
}
