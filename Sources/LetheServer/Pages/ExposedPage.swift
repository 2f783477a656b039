internal import Foundation
internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// `/exposed`: revoked versions that somebody still has, or that this registry itself still has.
struct ExposedPage: PageRoute {
    static let name = "page-exposed"
    private static let mostRows = 500

    init?(_ path: RequestPath) {
        guard path.components == ["exposed"] else { return nil }
    }

    var need: Need { .requests }

    func page(_ call: Call) throws -> Page {
        let viewer = Viewer(call)
        let models = try call.registry.models().filter {
            viewer.mayHandleRequests(of: $0) && viewer.mayRead($0)
        }
        let mine = Set(models)
        let owed = try call.registry.notices().filter { one in
            mine.contains(String(one.version.prefix { $0 != "@" }))
        }
        let unpurged = try call.registry.unpurged(
            models, policy: call.registry.policy(named: call.registry.description.policy),
            now: Timestamp(Date()))
        return Page(
            title: "Exposed", place: "Exposed",
            content: [
                .element("h1", text: "What is exposed"),
                Parts.text(
                    "Revoked versions that are not gone: with those who pulled them, and here.",
                    style: "lead"),
                Parts.section("With consumers", id: "consumers", [pulled(owed)]),
                Parts.section("In this registry", id: "registry", [kept(unpurged)]),
                .element(
                    "p", [],
                    [Parts.link("Receipts for what was erased here", to: Address.receipts)]),
            ])
    }

    private func pulled(_ owed: [OwedReceipt]) -> Markup {
        if owed.isEmpty { return Parts.text("Nobody is known to owe a receipt.") }
        return .group([
            Parts.text(
                "They took a version that is revoked now, and have not signed that it is gone. "
                    + "Write to them: lethe prune --revoked removes it and makes the receipt."),
            Parts.table(
                owed.count > Self.mostRows
                    ? "\(owed.count) receipts owed, the first \(Self.mostRows); lethe notices "
                        + "has all"
                    : "\(Words.count(owed.count, "receipt")) owed",
                ["Consumer", "Version", "Pulled"],
                owed.prefix(Self.mostRows).map { one in
                    [
                        .text(one.consumer), SearchPage.versionLink(one.version),
                        Parts.time(one.pulled),
                    ]
                }),
        ])
    }

    private func kept(_ versions: [UnpurgedVersion]) -> Markup {
        if versions.isEmpty { return Parts.text("No revoked version has bytes left here.") }
        let shown = versions.prefix(Self.mostRows)
        return Parts.table(
            shown.count < versions.count
                ? "Of \(versions.count) revoked versions whose bytes are still here the first "
                    + "\(shown.count); lethe purge --dry-run names all"
                : "Revoked versions whose bytes are still here", ["Version", "What to do"],
            long: [1],
            shown.map { one in
                [
                    SearchPage.versionLink(one.version),
                    .text(
                        one.reason.map { "It stays for now: \($0)." }
                            ?? "lethe purge \(one.model) erases it."),
                ]
            })
    }
}
