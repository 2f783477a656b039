import LetheRecords
import LetheReports
import LetheTensor
import LetheVision
import TestSupport
import Testing

@testable import LetheVerification

/// Small models for a made-up problem: nine pairs of twins, and what two contenders call forgetting.
private struct Twins {
    private static let stepCount = 100
    let problem = MadeUpProblem(seed: 11)
    let folder: TemporaryFolder
    /// Images of the two classes in question, by their positions.
    let candidates: [Int]

    init() throws {
        folder = try TemporaryFolder()
        try MadeUpProblem.writeConfiguration(to: folder.url)
        candidates = problem.training.positions { MadeUpProblem.forgotten.contains($0) }
    }

    /// Half of them; two neighbouring pairs have each other's rest.
    func isMember(_ pair: Int) -> [Bool] {
        var random = SplitMix64(seed: UInt64(pair / 2))
        let first = Set(candidates.shuffled(using: &random).prefix(candidates.count / 2))
        return candidates.map { first.contains($0) == (pair % 2 == 0) }
    }

    /// What a model says that learnt the retained classes and some of the images in question.
    func scores(seed: Int, learning isMember: [Bool]) throws -> [Double] {
        let model = try ClassifierLoading.create(
            folder: folder.url, generator: Generator(seed: UInt64(seed)))
        let learnt = Set(zip(candidates, isMember).filter { $0.1 }.map { $0.0 })
        let inQuestion = Set(candidates)
        var pool = try SmallTraining.Pool(problem.training) { _ in true }
        pool.positions = pool.positions.filter { learnt.contains($0) || !inQuestion.contains($0) }
        try SmallTraining(stepCount: Self.stepCount, seed: seed).fit(model, to: pool)
        let images = try problem.training.images().rows(at: Tensor(candidates.map { Int64($0) }))
        let logits = try withoutGradient { () throws(LetheError) in
            try model.logits(images).doubles()
        }
        return TwinScoring.logitScaled(
            logits, labels: candidates.map { problem.training.labels[$0] })
    }

    /// The pairs, whose second list is of whoever says to have forgotten.
    func pairs(honest: Bool, of starts: [Start]) throws -> [TwinPair] {
        try starts.enumerated().map { number, start in
            TwinPair(
                isMember: start.isMember, original: start.original,
                unlearned: honest
                    ? try scores(seed: 3000 + number, learning: start.isMember.map { _ in false })
                    : start.original,
                retrained: start.retrained, averageGap: 0, seedGap: 0)
        }
    }

    /// What both contenders begin with.
    struct Start {
        let isMember: [Bool]
        let original: [Double]
        let retrained: [Double]
    }

    func starts() throws -> [Start] {
        try (0..<9).map { number in
            let isMember = isMember(number)
            return Start(
                isMember: isMember, original: try scores(seed: 1000 + number, learning: isMember),
                retrained: try scores(seed: 2000 + number, learning: isMember.map { _ in false }))
        }
    }
}

@Suite("Tier 3 on small twins")
struct TwinTests {
    @Test("An honest Retrain passes, and doing nothing fails, under seed 11")
    func contenders() throws {
        try Threads.set(1)
        let twins = try Twins()
        let starts = try twins.starts()
        let honest = try TwinReport(twins.pairs(honest: true, of: starts))
        #expect(honest.passed, "\(honest.attacks)")
        #expect(honest.attacks[0].outcome == .measured && honest.attacks[1].outcome == .measured)
        let nothing = try TwinReport(twins.pairs(honest: false, of: starts))
        let failed = nothing.gates.filter { !$0.held }.map(\.gate)
        #expect(failed.contains("u-lira-attack") && failed.contains("ruli-efficacy-attack"))
    }
}
