internal import Foundation
internal import LetheRecords

/// One long operation that a client asked for.
struct Job: Sendable, Codable {
    /// What is done; each is the command of the same name.
    enum Verb: String, Sendable, Codable, CaseIterable {
        case publish, forget, verify, certify

        /// What a token must allow.
        var scope: AccessScope {
            switch self {
            case .publish: .publish
            case .forget: .forget
            case .verify, .certify: .certify
            }
        }
    }

    /// Where a job stands.
    enum State: String, Sendable, Codable {
        /// Written down; somebody else's turn.
        case queued
        /// The command runs, or will run again because the server was stopped.
        case running
        /// The command gave its answer; a gate that did not hold is an answer, too.
        case done
        /// The command gave an error.
        case failed
        /// Somebody who may took it back.
        case cancelled

        var isOver: Bool { self == .done || self == .failed || self == .cancelled }
    }

    let id: String
    /// Its place in the order in which jobs came in.
    var number = 0
    let verb: Verb
    let model: String
    /// The name of the token that asked.
    let token: String
    /// The client's name for this job: asked again, it is the same job.
    let key: String?
    /// What was asked, as far as others may know it: names of samples are not here.
    let order: JSONValue
    /// What follows `lethe`, but for the registry and the keys.
    let arguments: [String]
    /// The upload that is published.
    var upload: String?
    /// The number of the model's newest version when this was asked; 0 for a new model.
    let before: Int
    let created: Timestamp
    var state = State.queued
    var started: Timestamp?
    var ended: Timestamp?
    /// How often the command was started.
    var attempts = 0
    /// The command's process, while it runs.
    var process: Int32?
    /// What the command ended with.
    var exitCode: Int32?
    var isCancelled = false

    static func freshID() -> String {
        "j-" + Hex.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
    }

    /// Whether a client's text may be a job's id: only such text is looked up on the disk.
    static func isID(_ text: String) -> Bool {
        text.utf8.count == 34 && text.hasPrefix("j-")
            && text.utf8.dropFirst(2).allSatisfy { "0123456789abcdef".utf8.contains($0) }
    }

    /// What clients see.
    var json: JSONValue {
        [
            "id": .string(id), "verb": .string(verb.rawValue), "model": .string(model),
            "state": .string(state.rawValue), "token": .string(token), "order": order,
            "created": .string(created.description),
            "started": started.map { .string($0.description) } ?? .null,
            "ended": ended.map { .string($0.description) } ?? .null,
            "attempts": .number(Double(attempts)),
            "exitCode": exitCode.map { .number(Double($0)) } ?? .null,
        ]
    }
}
