import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheReports
@testable import LetheVerification

@Suite("The policies in registry/policies")
struct ShippedPolicyTests {
    private typealias Fixtures = JudgingFixtures

    private static func policy(_ name: String) throws -> Policy {
        let file = Locations.package.appending(path: "registry/policies/\(name).json")
        return try Policy.read(handwritten: [UInt8](Data(contentsOf: file)))
    }

    @Test(
        "Each is named like its file and makes sense",
        arguments: ["default", "small-test-set", "tier-2"])
    func isReadable(name: String) throws {
        let policy = try Self.policy(name)
        #expect(policy.name == name)
        try policy.requireSense()
    }

    /// A line of four requests on a data set of a known size.
    struct Line: Sendable, CustomStringConvertible {
        let description: String
        let policy: String
        let classCount: Int
        let classesPerRequest: Int
        let samples: Int
        let accuracy: Double
        /// Hits that one forgotten class still has.
        let hits: Int
        /// Samples lost and gained in each retained class.
        let lost: Int
        let gained: Int
    }

    /// As large as the real ones: identities with 5 to 15 test images, a subset of CIFAR-100, and
    /// Fashion-MNIST.
    static let honest = [
        Line(
            description: "62 identities, 10 images each", policy: "small-test-set", classCount: 62,
            classesPerRequest: 6, samples: 10, accuracy: 0.91, hits: 0, lost: 0, gained: 0),
        Line(
            description: "100 classes, 20 images each", policy: "small-test-set", classCount: 100,
            classesPerRequest: 10, samples: 20, accuracy: 0.65, hits: 1, lost: 2, gained: 2),
        Line(
            description: "10 classes, 1,000 images each", policy: "default", classCount: 10,
            classesPerRequest: 1, samples: 1_000, accuracy: 0.9, hits: 60, lost: 40, gained: 25),
    ]

    private func report(_ line: Line, forgotten: Bool) throws -> JudgeReport {
        let requests = try (0..<4).map { index in
            let first = index * line.classesPerRequest
            return try Fixtures.request(
                Array(first..<first + line.classesPerRequest), minute: index)
        }
        let original = Int(line.accuracy * Double(line.samples))
        let classes = (0..<line.classCount).map { label -> Fixtures.ClassAnswers in
            guard label < 4 * line.classesPerRequest else {
                return .init(
                    samples: line.samples, original: original, lost: line.lost,
                    gained: line.gained)
            }
            let hits = label.isMultiple(of: line.classesPerRequest) ? line.hits : 0
            return .init(
                samples: line.samples, original: original, lost: forgotten ? original - hits : 0)
        }
        return try Fixtures.builder(
            requests: requests, policy: Self.policy(line.policy), sequenceNumber: 4
        ).report(Fixtures.answers(classes), environment: Fixtures.environment)
    }

    @Test("An honestly forgotten line of four requests can pass", arguments: honest)
    func honestPasses(line: Line) throws {
        let report = try report(line, forgotten: true)
        #expect(report.passed, "\(report.failures)")
    }

    @Test("A line that forgot nothing fails for every request", arguments: honest)
    func dishonestFails(line: Line) throws {
        let report = try report(line, forgotten: false)
        for figure in report.forgotten {
            #expect(report.failures.contains("forgotten-accuracy \(figure.request)"))
            #expect(report.failures.contains("forgotten-upper-bound \(figure.request)"))
        }
    }
}
