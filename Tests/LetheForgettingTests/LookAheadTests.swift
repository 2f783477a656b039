import LetheRecords
import LetheTensor
import Testing

@testable import LetheForgetting

@Suite("LUR: the forget loss after a step on the retain loss (methods.md sections 3.2 and 11)")
struct LookAheadTests {
    /// L_r = |x - 1|², L_f = |x|² / 2 at x = 3, with an inner step of 0.1.
    private func gradient(_ level: LookAhead.Level) throws -> Double {
        let x = try Tensor([Float(3)]).requiringGradient()
        let result = try LookAhead(level: level, innerRate: 0.1).gradient(
            inner: { () throws(LetheError) in try (x - 1.0).square().sum() },
            outer: { () throws(LetheError) in try (x.square() * 0.5).sum() }, parameters: [x])
        #expect(try x.floats() == [3], "the parameters are put back bit for bit")
        return Double(try result.gradient.parts[0].floats()[0])
    }

    @Test("On quadratics the plain sum is 7, the first order 6.6, the exact gradient 6.08")
    func quadratics() throws {
        #expect(abs(try gradient(.plainSum) - 7) < 1e-6)
        #expect(abs(try gradient(.firstOrder) - 6.6) < 1e-5)
        #expect(abs(try gradient(.exact) - 6.08) < 1e-3)
    }

    @Test(
        "Each loss counts once in the statistics at every level, whatever else is evaluated",
        arguments: [LookAhead.Level.firstOrder, .exact])
    func statistics(level: LookAhead.Level) throws {
        let x = try Tensor([Float(3)]).requiringGradient()
        let count = try Tensor(zeros: [2])
        let result = try LookAhead(level: level, innerRate: 0.1, comparesAtStart: true).gradient(
            inner: { () throws(LetheError) in
                try count.addInPlace(Tensor([Float(1), 0]))
                return try (x - 1.0).square().sum()
            },
            outer: { () throws(LetheError) in
                try count.addInPlace(Tensor([Float(0), 1]))
                return try (x.square() * 0.5).sum()
            }, parameters: [x], statistics: [count])
        #expect(try count.floats() == [1, 1])
        // At theta the gradients are 4 and 3; after the inner step the outer one is 2.6.
        #expect(result.conflict.innerNorm == 4 && result.conflict.outerNorm == 3)
    }

    @Test(
        "The conflict says how the gradients pull; its record counts the steps against each other")
    func conflict() throws {
        let forward = try GradientVector([Tensor([Float(3), 4])])
        let backward = try GradientVector([Tensor([Float(-3), -4])])
        let conflict = try GradientConflict(forward, backward)
        #expect(conflict.innerNorm == 5 && conflict.outerNorm == 5)
        #expect(abs(conflict.cosine + 1) < 1e-12)
        var record = ConflictRecord()
        record.add(conflict)
        record.add(try GradientConflict(forward, forward))
        #expect(record.figures["conflictingSteps"] == 0.5)
        #expect(abs(record.figures["meanGradientCosine", default: 1]) < 1e-12)
    }
}
