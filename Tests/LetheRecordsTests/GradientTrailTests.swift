import LetheRecords
import Testing

@Suite("The gradients of a run, thinned")
struct GradientTrailTests {
    private func trail(_ count: Int) -> GradientTrail {
        var trail = GradientTrail()
        for step in 1...count {
            trail.add(
                GradientLook(
                    step: step, forgetNorm: Double(step), retainNorm: 1 / Double(step), cosine: 0))
        }
        return trail
    }

    @Test("Of however many steps, evenly spaced ones are kept, the first among them")
    func thinned() {
        #expect(trail(48).looks.map(\.step) == Array(1...48))
        for count in [49, 50, 96, 97, 98, 1000, 12_345] {
            let steps = trail(count).looks.map(\.step)
            #expect(steps.first == 1 && (24...48).contains(steps.count), "\(count)")
            let gaps = Set(zip(steps, steps.dropFirst()).map { $1 - $0 })
            #expect(gaps.count == 1, "\(count): \(gaps)")
            #expect(count - (steps.last ?? 0) < gaps.first ?? 0, "\(count)")
        }
    }

    @Test("Four digits are kept, and what is no number is passed over")
    func rounded() throws {
        var trail = GradientTrail()
        for norm in [1.0 / 3, 123.456, 0, 2e-9, .infinity, .nan] {
            trail.add(GradientLook(step: 1, forgetNorm: norm, retainNorm: 1, cosine: -1))
        }
        #expect(trail.looks.map(\.forgetNorm) == [0.3333, 123.5, 0, 2e-9])
        let bytes = try CanonicalJSON.encode(trail)
        #expect(try CanonicalJSON.decode(GradientTrail.self, from: bytes) == trail)
    }
}
