import Foundation
import LetheRecords
import Testing

@testable import LetheForgetting

/// Vectors: sections 2.3, 2.4 and 11 of the method's restatement, made with the authors' routine and
/// with a simulation of its own.
@Suite("S3T: orders of slices, and what deletions leave")
struct S3TSequenceTests {
    private func text(_ sequences: [[Int]]) -> [String] {
        sequences.map { $0.map(String.init).joined() }
    }

    @Test("Without prior knowledge the orders are rotations, and rotations of rotations")
    func cyclic() {
        func made(_ slices: Int, _ budget: Int) -> [String] {
            text(CyclicSequences.make(sliceCount: slices, budget: budget))
        }
        #expect(made(4, 3) == ["0123", "3012", "2301"])
        #expect(made(4, 4) == ["0123", "3012", "2301", "1230"])
        #expect(made(4, 6).sorted() == ["0123", "0312", "1230", "2301", "3012", "3201"])
        #expect(
            made(4, 8) == ["0123", "0312", "3012", "3201", "2301", "2130", "1230", "1023"])
        #expect(Set(made(3, 6)).count == 6)
        #expect(made(3, 100).count == 6 && made(1, 5) == ["0"] && made(0, 3) == [])
    }

    @Test("With known probabilities the orders lose as little as any assignment can")
    func matched() {
        let probabilities = [0.4, 0.3, 0.2, 0.1]
        let found = MatchedSequences.make(probabilities: probabilities, deletionCount: 100)
        func total(_ sequences: [[Int]]) -> Double {
            sequences.reduce(0) { $0 + MatchedSequences.score($1, probabilities, 100) }
        }
        // Ties are possible, so the total counts and not the order.
        let vector = [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]]
        #expect(abs(total(found) - 2.656e-5) < 5e-9)
        #expect(abs(total(found) - total(vector)) < 1e-12 * total(vector))
        for position in 0..<4 {
            #expect(Set(found.map { $0[position] }) == [0, 1, 2, 3], "position \(position)")
        }
    }

    @Test("The assignment is the best of all, as trying all of them shows")
    func assignment() {
        let seed = UInt64.random(in: .min ... .max)
        print("the seed of the assignments is \(seed)")
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let count = 1 + random.below(5)
            let forbidden = count > 1 ? random.below(count) : count
            let scores = (0..<count).map { row in
                (0..<count).map { column in
                    column == (row + forbidden) % count && count > 1 ? nil : random.unit()
                }
            }
            let columns = Assignment.best(scores)
            #expect(Set(columns).count == count)
            let total = columns.enumerated().reduce(0.0) { sum, chosen in
                sum + (scores[chosen.offset][chosen.element] ?? -9)
            }
            #expect(abs(total - best(scores)) < 1e-9, "\(scores)")
        }
    }

    private func best(_ scores: [[Double?]], row: Int = 0, taken: Set<Int> = []) -> Double {
        guard row < scores.count else { return 0 }
        return scores.indices.filter { !taken.contains($0) }.map { column in
            (scores[row][column] ?? -1000)
                + best(scores, row: row + 1, taken: taken.union([column]))
        }.max() ?? 0
    }

    @Test("Drawn orders have every slice once; slices that are rarely deleted come early")
    func sampled() {
        var random = SplitMix64(seed: 11)
        let drawn = SampledSequences.make(
            probabilities: [0.9, 0.1, 0.1, 0.1], count: 2000, using: &random)
        #expect(drawn.allSatisfy { Set($0) == [0, 1, 2, 3] })
        // The first place: 0.1 of 0.1 + 3 * 0.9.
        let share = Double(drawn.count { $0[0] == 0 }) / 2000
        #expect(abs(share - 0.1 / 2.8) < 0.015)
        #expect(SampledSequences.diversity([[0, 1, 2], [0, 2, 1], [1, 0, 2]]) == 7.0 / 3)
    }

    @Test("No stage that is served has a deleted slice among those it was trained on")
    func rollBack() {
        let seed = UInt64.random(in: .min ... .max)
        print("the seed of the deletions is \(seed)")
        var random = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let count = 1 + random.below(7)
            var shard = ShardSequences(
                CyclicSequences.make(sliceCount: count, budget: 1 + random.below(2 * count)))
            var deleted: Set<Int> = []
            for _ in 0..<2 * count {
                let slice = random.below(count)
                deleted.insert(slice)
                shard.delete(slice: slice)
                #expect(deleted.isDisjoint(with: shard.contributingSlices))
                // And no longer prefix would have been clean.
                let longest = shard.sequences.map { sequence in
                    sequence.prefix { !deleted.contains($0) }.count
                }.max()
                #expect(shard.served?.sliceCount ?? 0 == longest)
                #expect((shard.served == nil) == (shard.aliveCount == 0))
            }
        }
    }

    @Test(
        "Requests until everything is dead: the closed form, and a simulation within 2 %",
        arguments: [
            (5, 4, 1, 45.67), (5, 4, 2, 58.58), (5, 4, 4, 71.95), (5, 6, 1, 68.50),
            (5, 6, 2, 87.87), (5, 6, 4, 107.93), (5, 6, 6, 119.85), (1, 4, 1, 4.00),
            (1, 4, 2, 6.00), (1, 4, 4, 8.33), (3, 4, 1, 22.00), (3, 4, 2, 29.40),
            (3, 4, 4, 37.24), (5, 12, 1, 137.00), (5, 12, 2, 175.74), (5, 12, 4, 215.86),
            (5, 12, 12, 280.79),
        ])
    func rate(_ shards: Int, _ slices: Int, _ budget: Int, _ expected: Double) {
        let rate = DeletionRate(shardCount: shards, sliceCount: slices, budget: budget)
        #expect(abs(rate.expected - expected) < 0.0051)
        // More runs where a life is short and varies more.
        let simulated = rate.simulated(runCount: expected < 50 ? 12_000 : 1_500, seed: 5)
        #expect(abs(simulated / expected - 1) < 0.02, "\(simulated)")
    }
}
