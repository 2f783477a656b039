internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// `/policies`: the bars that versions are judged by.
struct PoliciesPage: PageRoute {
    static let name = "page-policies"

    init?(_ path: RequestPath) {
        guard path.components == ["policies"] else { return nil }
    }

    var need: Need { .read(model: nil) }

    func page(_ call: Call) throws -> Page {
        let usual = call.registry.description.policy
        let rows = call.registry.policies().map { name -> [Markup] in
            let policy = try? call.registry.policy(named: name)
            return [
                Parts.link(name, to: Address.policy(name)),
                .text(name == usual ? "yes" : ""),
                .text(policy?.description ?? "This file is no policy."),
            ]
        }
        return Page(
            title: "Policies",
            content: [
                .element("h1", text: "Policies"),
                Parts.text(
                    "A version is certified if every gate of a policy holds. The policy is logged "
                        + "before anything is measured.", style: "lead"),
                rows.isEmpty
                    ? Parts.text("This registry has no policy.")
                    : Parts.table(
                        "Policies by name", ["Policy", "Used if none is named", "For"], long: [2],
                        rows),
            ])
    }
}

/// `/policies/<name>`: its thresholds.
struct PolicyPage: PageRoute {
    static let name = "page-policy"
    private let policy: String

    init?(_ path: RequestPath) {
        guard path.components.count == 2, path.components[0] == "policies" else { return nil }
        policy = path.components[1]
    }

    var need: Need { .read(model: nil) }

    /// The name as a link, where this registry has the policy.
    static func link(_ name: String, _ call: Call) -> Markup {
        call.registry.policies().contains(name)
            ? Parts.link(name, to: Address.policy(name)) : .text(name)
    }

    func page(_ call: Call) throws -> Page {
        // The registry would also take the path of a file.
        guard call.registry.policies().contains(policy) else { throw Failure.noSuchPage }
        let found = try call.registry.policy(named: policy)
        return Page(
            title: "Policy \(policy)", trail: [("Policies", Address.policies)],
            content: [
                .element("h1", text: "Policy \(policy)"),
                Parts.text(found.description, style: "lead"),
                Parts.facts([
                    ("Digest", (try? found.digest()).map { Parts.code($0.description) })
                ]),
                Parts.section(
                    "Thresholds", id: "thresholds", [PolicyTables.thresholds(found)]),
                PolicyTables.probes(found.probes), PolicyTables.recipes(found.recipes ?? []),
                Viewer(call).handlesRequests
                    ? PolicyTables.requests(found.requests) : .group([]),
            ])
    }
}

/// The settings of a policy, in words.
enum PolicyTables {
    static func thresholds(_ policy: Policy) -> Markup {
        let shares: [(String, Double?)] = [
            (
                "Forgotten: above chance, at most, at the upper bound",
                policy.forgottenMarginAboveChance
            ),
            ("Retained: the fall, at most, as measured", policy.retainedDropMaximum),
            (
                "Retained: the fall, at most, at its upper bound",
                policy.retainedDropUpperBoundMaximum
            ),
            ("Any retained class: the fall, at most", policy.worstClassDropMaximum),
            (
                "Forgotten samples: above test samples of their classes, at most, as measured",
                policy.sampleExcessMaximum
            ),
            ("The same at its upper bound", policy.sampleExcessUpperBoundMaximum),
            ("Test images that are training images, too, at most", policy.testOverlapMaximum),
            ("The chance, over the line, that any bound is wrong", policy.errorBudget),
        ]
        let counts: [(String, String)] = [
            ("Test samples of a request, at least", "\(policy.forgottenSampleMinimum)"),
            (
                "Test samples of a class that is judged apart, at least",
                "\(policy.worstClassSampleMinimum)"
            ),
            (
                "Days that a revoked version keeps its bytes",
                "\(policy.purgeGraceDays ?? Policy.defaultPurgeGraceDays)"
            ),
        ]
        return table(
            "What must hold",
            shares.compactMap { words, share in share.map { (words, Chart.percent($0)) } } + counts)
    }

    static func probes(_ probes: ProbePolicy?) -> Markup {
        guard let probes else {
            return Parts.section(
                "Probes", id: "probes",
                [Parts.text("None: its certificates are of tier 1 and say what was not tested.")])
        }
        let excess = "above a model that never saw the classes, at most"
        let rows: [(String, String?)] = [
            ("A new head on its features: \(excess)", share(probes.headRefit?.excessMaximum)),
            ("The nearest class mean: \(excess)", share(probes.prototype?.excessMaximum)),
            (
                "Telling erased training images: advantage, at most",
                share(probes.membership?.advantageMaximum)
            ),
            (
                "Telling a class by its neighbour: gap, at most",
                share(probes.neighbourClass?.gapMaximum)
            ),
            ("Training on: \(excess)", share(probes.relearning?.excessMaximum)),
            (
                "Training on, with these erased images of a class",
                probes.relearning.map { list($0.imagesPerClass) }
            ),
            ("Rounded to so many bits", probes.rounding.map { list($0.bits) }),
            ("The distance of the weights", probes.weightDistance.map { _ in "reported" }),
            ("The divergence of outputs", probes.outputDivergence.map { _ in "reported" }),
        ]
        return Parts.section(
            "Probes", id: "probes",
            [
                table(
                    "What else is tried, for tier 2",
                    rows.compactMap { words, value in value.map { (words, $0) } })
            ])
    }

    static func recipes(_ rules: [RecipeRule]) -> Markup {
        if rules.isEmpty { return .group([]) }
        return Parts.section(
            "Which recipe honours a request", id: "recipes",
            [
                Parts.table(
                    "The first rule that fits counts", ["Request", "Architecture", "Recipe"],
                    rules.map {
                        [
                            .text("by \($0.request.rawValue)"), .text($0.architecture ?? "any"),
                            .text($0.recipe),
                        ]
                    })
            ])
    }

    static func requests(_ rules: RequestRules?) -> Markup {
        guard let rules else { return .group([]) }
        let window = "within \(rules.windowDays ?? 30) days"
        let rows: [(String, String?)] = [
            (
                "Accepted from one requester \(window), at most",
                rules.perRequesterMaximum.map(String.init)
            ),
            ("Accepted for one model \(window), at most", rules.perModelMaximum.map(String.init)),
            ("An alarm is raised above this share of a model", share(rules.alarmShare)),
            ("Operators who have to accept", rules.approvalMinimum.map(String.init)),
        ]
        return Parts.section(
            "Requests", id: "requests",
            [
                table(
                    "Before anything is run",
                    rows.compactMap { words, value in value.map { (words, $0) } })
            ])
    }

    private static func table(_ caption: String, _ rows: [(String, String)]) -> Markup {
        Parts.table(
            caption, ["What", "How much"], numbers: [1], long: [0],
            rows.map { [.text($0.0), .text($0.1)] })
    }

    private static func share(_ value: Double?) -> String? { value.map(Chart.percent) }

    private static func list(_ values: [Int]) -> String {
        values.map(String.init).joined(separator: ", ")
    }
}
