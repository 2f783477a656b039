internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// Which data sets somebody may see: all of them, or those that models which they may read were
/// made with.
struct VisibleDatasets {
    let names: [String]

    init(_ viewer: Viewer, _ call: Call) throws {
        let all = try call.registry.datasets()
        if viewer.mayReadAll {
            names = all
            return
        }
        var used: Set<String> = []
        for model in try call.registry.models() where viewer.mayRead(model) {
            let versions = try call.registry.versions(of: model)
            used.formUnion(versions.compactMap { $0.manifest.run?.dataset.name })
            guard let tip = versions.max(by: { $0.manifest.number < $1.manifest.number }) else {
                continue
            }
            used.formUnion(try call.registry.requests(of: tip).map(\.dataset.name))
        }
        names = all.filter(used.contains)
    }
}

/// `/datasets`: the data that this registry knows of.
struct DatasetsPage: PageRoute {
    static let name = "page-datasets"

    init?(_ path: RequestPath) {
        guard path.components == ["datasets"] else { return nil }
    }

    var need: Need { .read(model: nil) }

    func page(_ call: Call) throws -> Page {
        let names = try VisibleDatasets(Viewer(call), call).names
        let rows = try names.map { name -> [Markup] in
            let record = try call.registry.dataset(named: name).record
            let splits = record.splits.map { split in
                "\(split.name): \(split.classSampleCounts.reduce(0, +))"
            }
            return [
                Parts.link(name, to: Address.dataset(name)), .text("\(record.classCount)"),
                .text(splits.joined(separator: ", ")), .text(record.format),
            ]
        }
        return Page(
            title: "Data sets",
            content: [
                .element("h1", text: "Data sets"),
                Parts.text(
                    "A registry has no samples: it counts them, and commits to them with a key "
                        + "that it does not have either.", style: "lead"),
                rows.isEmpty
                    ? Parts.text("There is no data set that you may see.")
                    : Parts.table(
                        Words.count(names.count, "data set"),
                        ["Data set", "Classes", "Samples", "Format"], numbers: [1], rows),
            ])
    }
}

/// `/datasets/<name>`: its splits, its classes by number, and the models that come from it.
struct DatasetPage: PageRoute {
    static let name = "page-dataset"
    private static let mostClasses = 1000
    private static let mostModels = 500
    private let dataset: String

    init?(_ path: RequestPath) {
        guard path.components.count == 2, path.components[0] == "datasets" else { return nil }
        dataset = path.components[1]
    }

    var need: Need { .read(model: nil) }

    /// The name as a link for those who may see the page; it is there for each model's readers.
    static func link(_ name: String, _ call: Call) -> Markup {
        (try? call.registry.datasets().contains(name)) == true
            ? Parts.link(name, to: Address.dataset(name)) : .text(name)
    }

    func page(_ call: Call) throws -> Page {
        let viewer = Viewer(call)
        guard try VisibleDatasets(viewer, call).names.contains(dataset) else {
            throw Failure.noSuchPage
        }
        let found = try call.registry.dataset(named: dataset)
        let record = found.record
        return Page(
            title: dataset, trail: [("Data sets", Address.datasets)],
            content: [
                .element("h1", text: dataset),
                Parts.text(
                    "\(Words.count(record.classCount, "class")), as \(record.format) files.",
                    style: "lead"),
                Parts.facts([
                    ("Commitment key", Parts.code(record.commitmentKey)),
                    ("Record", Parts.code(found.reference.digest.description)),
                ]),
                Parts.section("Splits", id: "splits", [splits(record)]),
                Parts.section("Models", id: "models", [try models(viewer, call)]),
                viewer.handlesAllRequests
                    ? Parts.section("Classes", id: "classes", [classes(record)]) : .group([]),
            ])
    }

    private func splits(_ record: DatasetRecord) -> Markup {
        Parts.table(
            "How many samples, and how many in a class",
            ["Split", "Samples", "Fewest in a class", "Most"], numbers: [1, 2, 3],
            record.splits.map { split in
                [
                    .text(split.name), .text("\(split.classSampleCounts.reduce(0, +))"),
                    .text("\(split.classSampleCounts.min() ?? 0)"),
                    .text("\(split.classSampleCounts.max() ?? 0)"),
                ]
            })
    }

    /// Only newest versions are looked at: reading every version would take too long.
    private func models(_ viewer: Viewer, _ call: Call) throws -> Markup {
        var found: [Markup] = []
        for model in try call.registry.models() where viewer.mayRead(model) {
            guard let tip = try call.registry.tip(of: model) else { continue }
            let isUsed =
                try tip.manifest.run?.dataset.name == dataset
                || call.registry.requests(of: tip).contains { $0.dataset.name == dataset }
            if isUsed { found.append(Parts.link(model, to: Address.model(model))) }
            if found.count >= Self.mostModels { break }
        }
        return found.isEmpty
            ? Parts.text("No model's newest version was trained on it or forgot any of it.")
            : .group([
                Parts.text("Their newest version was trained on it, or forgot some of it:"),
                Parts.list(found),
            ])
    }

    /// Labels are numbers; what they are called, the registry does not say here.
    private func classes(_ record: DatasetRecord) -> Markup {
        let count = max(record.splits.map(\.classSampleCounts.count).max() ?? 0, 0)
        return Parts.table(
            count > Self.mostClasses
                ? "The first \(Self.mostClasses) of \(count) classes, by number"
                : "Classes by number, and the samples of each",
            ["Class"] + record.splits.map(\.name), numbers: Set(1...max(record.splits.count, 1)),
            (0..<min(count, Self.mostClasses)).map { label in
                [.text("\(label)")]
                    + record.splits.map { split in
                        .text(
                            label < split.classSampleCounts.count
                                ? "\(split.classSampleCounts[label])" : "0")
                    }
            })
    }
}
