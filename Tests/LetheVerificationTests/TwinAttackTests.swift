import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheReports
@testable import LetheVerification

/// Reference values of SciPy and NumPy, made by scripts/golden/twins.py.
private struct TwinGolden: Decodable {
    struct Found: Decodable {
        let accuracies: [Double]
        let area: Double
        let hitRate: Double
        let sanityAccuracies: [Double]
    }

    struct Scene: Decodable {
        let name: String
        let pairs: [TwinPair]
        let attacks: [String: Found]
    }

    struct Logits: Decodable {
        let rows: [Double]
        let labels: [Int]
        let scaled: [Double]
    }

    let scenes: [Scene]
    let logits: Logits
}

@Suite("Attacks on twins, beside SciPy and NumPy")
struct TwinAttackTests {
    private let golden: TwinGolden

    init() throws {
        let file = Locations.fixtures.appending(path: "statistics/twins.json")
        golden = try JSONDecoder().decode(TwinGolden.self, from: Data(contentsOf: file))
    }

    private func report(_ name: String) throws -> TwinReport {
        try TwinReport(#require(golden.scenes.first { $0.name == name }).pairs)
    }

    private func near(_ left: [Double], _ right: [Double]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) < 1e-12 }
    }

    @Test("Every attack is right as often as SciPy's densities are")
    func attacks() throws {
        for scene in golden.scenes {
            for figure in try TwinReport(scene.pairs).attacks {
                let found = try #require(scene.attacks[figure.attack.rawValue])
                let name = "\(scene.name): \(figure.attack)"
                #expect(near(figure.accuracies, found.accuracies), "\(name)")
                #expect(near(figure.sanityAccuracies, found.sanityAccuracies), "\(name)")
                #expect(abs(figure.areaUnderCurve - found.area) < 1e-12, "\(name)")
                #expect(abs(figure.hitRateAtOnePercent - found.hitRate) < 1e-12, "\(name)")
            }
        }
    }

    @Test("The logit of a probability is exact where the probability is nearly one or zero")
    func logitScaled() {
        let logits = golden.logits
        let scaled = TwinScoring.logitScaled(logits.rows, labels: logits.labels)
        #expect(zip(scaled, logits.scaled).allSatisfy { abs($0 - $1) < 1e-12 * max(1, abs($1)) })
        #expect(scaled.count == logits.scaled.count && scaled.allSatisfy(\.isFinite))
    }

    @Test("What was forgotten honestly passes, and every attack said something")
    func honest() throws {
        let report = try report("forgotten honestly")
        #expect(report.passed, "\(report.gates)")
        #expect(report.notTested.isEmpty)
    }

    @Test("What was not forgotten fails every attack")
    func nothing() throws {
        let report = try report("not forgotten")
        #expect(Set(report.gates.filter { !$0.held }.map(\.gate)).count == 3)
    }

    @Test("What was pushed below models that never saw it fails U-LiRA, and gives itself away")
    func tooFar() throws {
        let failed = try report("pushed too far").gates.filter { !$0.held }.map(\.gate)
        #expect(failed == ["u-lira-attack", "ruli-privacy-attack"])
    }

    @Test("An attack that cannot tell the original from Retrain is reported as saying nothing")
    func noInformation() throws {
        let report = try report("nothing was ever learnt")
        #expect(report.notTested == TwinAttack.allCases)
        #expect(!report.passed && report.gates.map(\.gate) == ["average-gap"])
    }

    @Test("The average gap is compared with what another seed does")
    func gap() throws {
        var pairs = try #require(golden.scenes.first).pairs
        for index in pairs.indices {
            pairs[index].averageGap = 9
            pairs[index].seedGap = index == 0 ? nil : 3
        }
        func held(_ limit: Double) throws -> Bool? {
            try TwinReport(pairs, bars: TwinBars(gapExcessMaximum: limit)).gates
                .first { $0.gate == "average-gap" }?.held
        }
        #expect(try held(6) == true)
        #expect(try held(5.9) == false)
    }

    @Test("Too few pairs, and pairs about different samples, are refused")
    func refusals() throws {
        let pairs = try #require(golden.scenes.first).pairs
        #expect(TwinReport.pairMinimum(level: 0.05) == 9)
        #expect(throws: LetheError.self) { try TwinReport(Array(pairs.prefix(8))) }
        #expect(try TwinReport(Array(pairs.prefix(9))).fittedPairCount == 4)
        var other = pairs
        other[3].original.removeLast()
        #expect(throws: LetheError.self) { try TwinReport(other) }
        other = pairs
        other[3].unlearned[0] = .nan
        #expect(throws: LetheError.self) { try TwinReport(other) }
    }
}
