/// A parser, what it is fed first, and what must hold for whatever it accepts.
struct Target: Sendable {
    /// The name on the command line.
    let name: String
    /// Folders and files of the repository to begin with, besides `Fuzzing/Seeds/<name>`.
    var seeds: [String] = []
    /// Longer inputs are not tried.
    var longestInputBytes = 4096
    /// Parses an input; a `LetheError` is a refusal, anything else that is thrown is a finding.
    let check: @Sendable ([UInt8]) throws -> Void

    /// All of them.
    static let all: [Target] =
        jsonTargets + recordTargets + safetensorsTargets + certificateTargets + storageTargets
        + sealingTargets + nameTargets + visionTargets + datasetTargets + logTargets
}

/// Ends the process, which libFuzzer reports with the input, unless the claim holds.
func require(_ claim: Bool, _ sentence: @autoclosure () -> String) {
    if !claim { fatalError(sentence()) }
}

/// Runs what must not fail once an input was accepted.
func expecting<Value>(_ sentence: String, _ body: () throws -> Value) -> Value {
    do { return try body() } catch { fatalError("\(sentence): \(error)") }
}

/// An input as text; bytes that are no UTF-8 become U+FFFD, as where text files are read.
func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
