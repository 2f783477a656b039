import LetheRecords
import Testing

@Suite("The life of a request to erase")
struct CaseTests {
    private func file(received: String = "2026-01-31T10:00:00Z") throws -> CaseFile {
        CaseFile(
            try ErasureCase(
                model: "faces", received: #require(Timestamp(received)),
                dataset: DatasetReference(name: "people", digest: Digest(hashing: [])),
                classes: [7], sampleCount: 5, basis: .consentWithdrawn, requester: "case 17/2026"))
    }

    private func step(
        _ kind: CaseStep.Kind, of file: CaseFile, key: String = "one",
        at time: String = "2026-02-01T10:00:00Z"
    ) throws -> CaseStep {
        var step = CaseStep(
            case: file.opening.id, step: kind, reason: "For a reason.", operatorKey: key,
            created: try #require(Timestamp(time)))
        let version = VersionReference(number: 2, manifest: Digest(hashing: [2]))
        step.version = version
        step.requests = [RequestReference(id: "r-0123456789ab", digest: Digest(hashing: [3]))]
        step.certificate = Digest(hashing: [4])
        step.reach = CaseReach(
            versionCount: 1, givenOutCount: 1, lapsingCount: 0, goingSizeBytes: 1,
            stayingSizeBytes: 0, recipientCount: 0)
        step.remaining = []
        step.recipientCount = 0
        return step
    }

    @Test("Every step in its order leads to a closed file")
    func life() throws {
        var file = try file()
        let order: [CaseStep.Kind] = [
            .identified, .accepted, .extended, .planned, .planned, .run, .verified, .propagated,
            .notified, .closed,
        ]
        for kind in order {
            #expect(file.isOpen)
            try file.add(step(kind, of: file))
        }
        #expect(file.state == .closed && !file.isOpen && file.steps.count == 10)
    }

    @Test("Of all steps only those that make sense may follow, and the others say what to do")
    func order() throws {
        var file = try file()
        let allowed: [(CaseStep.Kind?, Set<CaseStep.Kind>)] = [
            (nil, [.identified, .refused, .withdrawn, .extended]),
            (.identified, [.accepted, .refused, .withdrawn, .extended]),
            (.accepted, [.planned, .run, .withdrawn, .extended]),
            (.planned, [.planned, .run, .withdrawn, .extended]),
            (.run, [.verified, .extended]), (.verified, [.propagated, .extended]),
            (.propagated, [.notified, .extended]), (.notified, [.closed, .extended]),
            (.closed, []),
        ]
        for (kind, following) in allowed {
            if let kind { try file.add(step(kind, of: file)) }
            for next in CaseStep.Kind.allCases {
                var copy = file
                let error = Self.error { try copy.add(step(next, of: file)) }
                #expect((error == nil) == following.contains(next), "\(next) after \(file.state)")
                #expect(error == nil || error?.code == .refused && error?.remedy != nil)
            }
        }
    }

    private static func error(_ body: () throws -> Void) -> LetheError? {
        do { try body() } catch { return error as? LetheError }
        return nil
    }

    @Test(
        "A request is due a calendar month later, at a month's end on its last day",
        arguments: [
            ("2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z", "2026-04-30T10:00:00Z"),
            ("2028-01-31T10:00:00Z", "2028-02-29T10:00:00Z", "2028-04-30T10:00:00Z"),
            ("2026-03-05T00:00:00Z", "2026-04-05T00:00:00Z", "2026-06-05T00:00:00Z"),
            ("2026-11-30T23:59:59Z", "2026-12-30T23:59:59Z", "2027-02-28T23:59:59Z"),
        ])
    func clock(received: String, due: String, extended: String) throws {
        var file = try file(received: received)
        #expect(file.due.description == due)
        var late = file
        let after = Timestamp(secondsSince1970: file.due.secondsSince1970 + 1).description
        #expect(throws: LetheError.self) { try late.add(step(.extended, of: file, at: after)) }
        try file.add(step(.extended, of: file, at: due))
        #expect(file.due.description == extended && file.state == .received)
        var again = file
        #expect(throws: LetheError.self) { try again.add(step(.extended, of: file, at: due)) }
    }

    @Test("Two operators who accept must be two")
    func approval() throws {
        var file = try file()
        try file.add(step(.identified, of: file))
        var first = try step(.accepted, of: file)
        first.approvalMinimum = 2
        try file.add(first)
        #expect(file.state == .awaitingApproval && file.isPending)
        var same = file
        #expect(throws: LetheError.self) { try same.add(first) }
        #expect(throws: LetheError.self) { try same.add(step(.planned, of: file)) }
        try file.add(step(.accepted, of: file, key: "two"))
        #expect(file.state == .accepted && file.approvals == ["one", "two"])
    }

    @Test(
        "Nothing that looks like a name or an address stands for a requester",
        arguments: [
            "someone@example.org", "7@x", "Jane Doe", "", "Zoë 7", "case\n7",
            String(repeating: "7", count: 65),
        ])
    func requester(text: String) {
        #expect(throws: LetheError.self) { try RequesterReference.validate(text) }
    }

    @Test("A reason is needed where a person is told one")
    func reasons() throws {
        for kind in [CaseStep.Kind.refused, .withdrawn, .extended] {
            var file = try file()
            var step = try step(kind, of: file)
            step.reason = nil
            #expect(throws: LetheError.self) { try file.add(step) }
        }
    }
}
