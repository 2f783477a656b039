/// What a key may sign.
///
/// Each role has its own key, so that nobody certifies their own work.
public enum KeyRole: String, Sendable, Hashable, Codable, CaseIterable {
    /// Runs the registry and the engine; signs the commits of the lineage.
    case `operator`
    /// Measures what is left; signs certificates.
    case verifier

    /// The SSH signature namespace in which allowed_signers trusts a key of this role.
    ///
    /// `git` is what git asks for, so that `git verify-commit` accepts the operator's commits; the
    /// other keeps a verifier's key from signing commits and an operator's from certifying.
    public var namespace: String {
        switch self {
        case .operator: "git"
        case .verifier: "lethe-certificate"
        }
    }
}
