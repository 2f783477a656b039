import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("Failing at every step of a request's life")
struct FailingStepTests {
    @Test(
        "Whichever step fails, nothing is half done, and the same operation then succeeds",
        arguments: [TinyOperation.accept, .runRequests, .settle, .prune])
    func fail(_ operation: TinyOperation) async throws {
        let template = try await operation.prepare()
        // Every fourth step from a random first one; all of them if `LETHE_EVERY_STEP` is set.
        let isExhaustive = InterleavingTests.isExhaustive
        var number = isExhaustive ? 1 : Int.random(in: 1...4)
        while true {
            let tiny = try template.copy()
            let failing = FailingStep(number)
            do throws(LetheError) {
                try await operation.run(on: tiny, in: tiny.open(beforeStep: failing.hook))
            } catch {
                #expect(error.code == .diskFull, "\(operation), step \(number): \(error)")
            }
            let broken = try await operation.brokenPromise(in: tiny, tolerating: ["log-leftover"])
            #expect(broken == nil, "\(operation), step \(number)")
            if !failing.hasFailed { break }
            number += isExhaustive ? 1 : 4
        }
        #expect(number > 10, "\(operation) has hardly any steps")
    }
}
