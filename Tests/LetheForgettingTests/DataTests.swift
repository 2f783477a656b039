import LetheRecords
import Testing

@testable import LetheForgetting

@Suite("Which samples are used, and in which order")
struct DataTests {
    @Test(
        "Training and validation divide every class, at least two for validation where it can")
    func division() {
        for count in 0...60 {
            for interval in 2...7 {
                let chosen = SelectionSplit.validationPositions(count: count, interval: interval)
                #expect(chosen.allSatisfy { (0..<count).contains($0) })
                #expect(count == 0 || chosen.count < count, "\(count), \(interval)")
                #expect(chosen.count >= min(2, count / 2), "\(count), \(interval)")
                if count / interval >= 2 { #expect(chosen.count == count / interval) }
            }
        }
        #expect(SelectionSplit.validationPositions(count: 16, interval: 5) == [4, 9, 14])
        #expect(SelectionSplit.validationPositions(count: 7, interval: 5) == [5, 6])
    }

    @Test("Every sample comes once in each round, and a batch follows from its step alone")
    func order() {
        var source = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let seed = Int.random(in: 0..<1000, using: &source)
            let count = Int.random(in: 1...40, using: &source)
            let size = Int.random(in: 1...50, using: &source)
            let order = SampleOrder(
                seed: RunSeed(seed: seed, task: 1), purpose: "test", count: count, batchSize: size)
            let all = (0..<count).flatMap { order.batch(step: $0) }
            #expect(all.count == count * size)
            for round in 0..<size {
                let part = all[round * count..<(round + 1) * count]
                #expect(Set(part).count == count, "seed \(seed) count \(count) size \(size)")
            }
            #expect(order.batch(step: 3) == order.batch(step: 3))
        }
    }

    @Test("Seeds, tasks, purposes and steps all give other numbers, the same ones the same")
    func seeds() {
        let seed = RunSeed(seed: 1, task: 0)
        let values = [
            seed.value("a", 0), seed.value("a", 1), seed.value("b", 0),
            RunSeed(seed: 2, task: 0).value("a", 0), RunSeed(seed: 1, task: 1).value("a", 0),
        ]
        #expect(Set(values).count == values.count)
        #expect(seed.value("a", 0) == RunSeed(seed: 1, task: 0).value("a", 0))
    }

    @Test("SplitMix64 gives the numbers of its reference implementation")
    func splitMix() {
        // From the C code of S. Vigna (prng.di.unimi.it/splitmix64.c) with the state 1234567.
        var source = SplitMix64(seed: 1_234_567)
        #expect(
            (0..<5).map { _ in source.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }
}
