internal import Foundation
internal import LetheRecords

/// What became of a command, read off what it wrote: so a server that was started again knows it
/// as well as the one that started the command.
enum JobOutcome: Sendable {
    /// It gave its answer.
    case done(exitCode: Int32)
    /// It gave an error.
    case failed(LetheError)
    /// It gave neither: it was killed.
    case nothing

    /// - Parameters:
    ///   - answer: Its standard output: one JSON document, written last.
    ///   - events: The events since it was started, with its standard error among them.
    init(verb: Job.Verb, answer: [UInt8], events: [Substring]) {
        if let value = try? StrictJSON.parse(answer) {
            self = .done(exitCode: Self.exitCode(verb, value))
        } else if let error = events.reversed().lazy.compactMap({ OwnError.read($0) }).first {
            self = .failed(error)
        } else {
            self = .nothing
        }
    }

    private static func exitCode(_ verb: Job.Verb, _ answer: JSONValue) -> Int32 {
        let held =
            switch verb {
            case .publish, .forget: true
            case .certify: answer["certified"].map { $0 != .null } ?? true
            case .verify: answer["gates"]?.arrayValue?.allSatisfy { $0["held"] != false } ?? true
            }
        return held ? 0 : ErrorCode.gateFailed.exitCode
    }
}
