internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// The version that an address below `/models` names, and where it stands.
struct NamedVersion {
    let version: Version
    let state: VersionState
    /// Everything that a consumer gets; nil where nothing is given out.
    let release: Release?
    /// Why nothing is given out; nil where something is.
    let refusal: LetheError?

    var manifest: VersionManifest { version.manifest }
    var standing: VersionStanding {
        VersionStanding(state, operation: manifest.operation.rawValue)
    }
    var trail: [(name: String, address: String)] {
        [
            ("Models", Address.home), (manifest.model, Address.model(manifest.model)),
            ("v\(manifest.number)", Address.version(manifest.model, manifest.number)),
        ]
    }

    init(_ model: String, _ number: Int, _ call: Call) throws {
        guard try call.registry.hasModel(model) else { throw Failure.noModel(model) }
        do throws(LetheError) {
            version = try call.registry.resolve(Revision("\(model)@v\(number)"))
            state = try call.registry.state(of: version)
        } catch {
            throw error.code == .notFound
                ? Failure.noRevision("v\(number)", of: model) : Failure(error)
        }
        var found: Release?
        var refused: LetheError?
        do throws(LetheError) {
            try call.registry.refuseUnreleased(
                version, allowingUncertified: call.settings.givesUncertified)
            found = try call.registry.release(version)
        } catch {
            refused = error
        }
        (release, refusal) = (found, refused)
    }

    /// Takes `/models/<name>/v<number>` with `ending` behind it.
    static func split(_ path: RequestPath, ending: [String] = []) -> (model: String, number: Int)? {
        let parts = path.components
        guard parts.count == 3 + ending.count, parts[0] == "models", parts[2].first == "v",
            Array(parts[3...]) == ending, let number = Int(parts[2].dropFirst()), number > 0,
            parts[2] == "v\(number)"
        else { return nil }
        return (parts[1], number)
    }
}

/// `/models/<name>/v<number>`: what is recorded about a version, and its card.
struct VersionPage: PageRoute {
    static let name = "page-version"
    private let model: String
    private let number: Int

    init?(_ path: RequestPath) {
        guard let found = NamedVersion.split(path) else { return nil }
        (model, number) = found
    }

    var need: Need { .read(model: model) }

    func page(_ call: Call) throws -> Page {
        let named = try NamedVersion(model, number, call)
        let requests = try call.registry.requests(of: named.version)
        let viewer = Viewer(call)
        return Page(
            title: named.version.name, trail: named.trail.dropLast(), place: "Models",
            content: [
                .element(
                    "h1", [], [.text("\(model) v\(number) "), named.standing.badge]),
                notice(named), actions(named), try facts(named, viewer, call),
                GateSection.markup(named),
                requests.isEmpty
                    ? .group([])
                    : Parts.section(
                        "What its line was made to forget", id: "forgotten",
                        [RequestTable.markup(requests, viewer, call)]),
                files(named), card(named, call),
            ])
    }

    private func notice(_ named: NamedVersion) -> Markup {
        guard let refusal = named.refusal else { return .group([]) }
        let isDamage = refusal.code != .refused
        return Parts.verdict(
            isDamage
                ? "Something about this version does not hold." : "This version is not given out.",
            isDamage
                ? ["Its certificate or its files are not what the lineage says. Run lethe fsck."]
                : [refusal.message, refusal.remedy ?? ""],
            style: named.state == .current && !isDamage ? "open" : "bad")
    }

    private func actions(_ named: NamedVersion) -> Markup {
        var items: [Markup] = []
        if named.release != nil {
            items.append(Parts.link("Pull it", to: Address.pull(model, number)))
        }
        if named.manifest.operation == .certify {
            items.append(Parts.link("Its certificate", to: Address.certificate(model, number)))
        }
        if number > 1 {
            items.append(
                Parts.link("The version before it", to: Address.version(model, number - 1)))
        }
        return Parts.list(items, style: "actions screen")
    }

    private func facts(
        _ named: NamedVersion, _ viewer: Viewer, _ call: Call
    ) throws -> Markup {
        let (version, manifest) = (named.version, named.manifest)
        let tags = try call.registry.tags(of: model).filter { $0.number == number }.map(\.name)
        let base = manifest.base.flatMap { viewer.mayRead($0.model) ? $0 : nil }
        return Parts.facts([
            ("Made by", .text(manifest.operation.rawValue)), ("When", Parts.time(manifest.created)),
            ("Run", manifest.run.map { .text(Self.words($0)) }),
            ("Data", manifest.run.map { DatasetPage.link($0.dataset.name, call) }),
            ("Chosen by", manifest.run.map { .text($0.selection) }),
            (
                "Goal",
                manifest.run.map {
                    .text($0.goalReached ? "the recipe's goal was reached" : "NOT reached")
                }
            ),
            ("Adapter of", base.map { Parts.link($0.model, to: Address.model($0.model)) }),
            ("Delta", manifest.delta.map { .text(Words.size($0.file.sizeBytes)) }),
            ("Tags", tags.isEmpty ? nil : .text(tags.joined(separator: ", "))),
            ("Commit", Parts.code(version.commitName)),
            ("Manifest", Parts.code(version.manifestDigest.description)),
        ])
    }

    private static func words(_ run: RunDescription) -> String {
        "\(run.method) by the recipe \(run.recipe), seed \(run.seed), "
            + "\(Words.count(run.stepCount, "step")) on \(run.environment.device), "
            + "LibTorch \(run.environment.libTorch)"
    }

    private func files(_ named: NamedVersion) -> Markup {
        let rows =
            named.release?.files.map { file -> [Markup] in
                [
                    Parts.link(file.path, to: Address.file(file.path, model, number)),
                    .text(Words.size(file.sizeBytes)), Parts.code(file.digest.hex),
                ]
            }
            ?? named.manifest.files.map { file -> [Markup] in
                [.text(file.path), .text(Words.size(file.sizeBytes)), Parts.code(file.digest.hex)]
            }
        return Parts.section(
            "Files", id: "files",
            [
                Parts.table(
                    named.release == nil
                        ? "What it consists of; not given out" : "What a consumer receives",
                    ["File", "Size", "SHA-256"], numbers: [1], long: [2], rows)
            ])
    }

    /// The card is a file: it is shown only where files are given out.
    private func card(_ named: NamedVersion, _ call: Call) -> Markup {
        guard let file = named.release?.files.first(where: { $0.path == "README.md" }),
            file.sizeBytes <= CardText.limitBytes
        else { return .group([]) }
        var bytes: [UInt8] = []
        do throws(LetheError) {
            try call.registry.stream(file, of: named.version, range: 0..<file.sizeBytes) {
                (piece) throws(LetheError) in bytes += piece
            }
        } catch {
            return .group([])
        }
        let text = CardText.markup(String(decoding: bytes, as: UTF8.self))
        return Parts.section("Card", id: "card", [.element("div", [("class", "card")], text)])
    }
}

/// The gates of the certificate that a version carries.
enum GateSection {
    static func markup(_ named: NamedVersion) -> Markup {
        guard let report = named.release?.verdict?.report else { return .group([]) }
        let held = report.gates.allSatisfy(\.held)
        return Parts.section(
            "Gates", id: "gates",
            [
                Parts.text(
                    held
                        ? "Every gate of the policy \(report.policy.name) held, on the split "
                            + "\(report.split) of \(report.dataset.name)."
                        : "A gate of the policy \(report.policy.name) failed."),
                markup(report, model: named.manifest.model),
            ])
    }

    /// The gates as bars and, beside them, as numbers.
    static func markup(_ report: JudgeReport, model: String) -> Markup {
        .element("div", [("class", "beside")], [figure(report, model: model), table(report)])
    }

    private static func figure(_ report: JudgeReport, model: String) -> Markup {
        .element(
            "figure", [],
            [
                GatePicture(report.gates, title: "Gates of \(model)", id: "gate-picture").markup,
                .element(
                    "figcaption",
                    text: "The upright mark is the limit. At most: the bar ends left of it. At "
                        + "least: it reaches it."),
            ])
    }

    private static func table(_ report: JudgeReport) -> Markup {
        Parts.table(
            "Gates of the policy \(report.policy.name)",
            ["Gate", "Applied to", "Measured", "Limit", "Result"], numbers: [2, 3],
            report.gates.map { gate in
                [
                    .text(gate.gate), .element("span", [("class", "moment")], text: gate.subject),
                    .text(GatePicture.value(gate)),
                    .text(
                        (gate.comparison == "at-most" ? "at most " : "at least ")
                            + GatePicture.limit(gate)),
                    .element(
                        "span", [("class", gate.held ? "good" : "bad")],
                        text: gate.held ? "held" : "failed"),
                ]
            })
    }
}
