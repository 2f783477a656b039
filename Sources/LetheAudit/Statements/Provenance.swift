internal import LetheRecords

/// SLSA provenance (slsa.dev/provenance/v1) of one edge of a lineage: what a version was made from.
enum Provenance {
    static let predicateType = "https://slsa.dev/provenance/v1"

    /// The statement about a version's files.
    ///
    /// - Parameters:
    ///   - origin: The name of the registry's log; nil without one.
    ///   - parent: The version before; nil for the first of a line.
    static func statement(
        of version: AuditedVersion, after parent: AuditedVersion?, origin: String?
    ) -> JSONValue {
        let manifest = version.manifest
        return DerivedStatement.statement(
            predicateType, about: manifest.files,
            .object([
                "buildDefinition": .object([
                    "buildType": .string("urn:lethe:build:\(manifest.operation.rawValue):v1"),
                    "externalParameters": external(version),
                    "internalParameters": internalParameters(manifest.run),
                    "resolvedDependencies": .array(dependencies(of: version, after: parent)),
                ]),
                "runDetails": .object([
                    "builder": builder(manifest.run, origin),
                    "metadata": .object([
                        "invocationId": .string("urn:sha256:\(version.digest.hex)"),
                        "finishedOn": .string("\(manifest.created)"),
                    ]),
                    "byproducts": .array([
                        DerivedStatement.resource(name: ".lethe/version.json", version.digest)
                    ]),
                ]),
            ]))
    }

    /// What somebody asked for.
    private static func external(_ version: AuditedVersion) -> JSONValue {
        let manifest = version.manifest
        var asked: [String: JSONValue] = [
            "model": .string(manifest.model), "version": .number(Double(manifest.number)),
            "requests": .array(manifest.requests.map(JSONValue.string)),
        ]
        if let run = manifest.run {
            asked["recipe"] = .string(run.recipe)
            asked["seed"] = .number(Double(run.seed))
        }
        return .object(asked)
    }

    /// What the program filled in.
    private static func internalParameters(_ run: RunDescription?) -> JSONValue {
        guard let run else { return .object([:]) }
        return .object([
            "method": .string(run.method), "parameters": run.parameters,
            "selection": .string(run.selection), "device": .string(run.environment.device),
            "threads": .number(Double(run.environment.threads)),
        ])
    }

    private static func dependencies(
        of version: AuditedVersion, after parent: AuditedVersion?
    ) -> [JSONValue] {
        let manifest = version.manifest
        var found: [JSONValue] = []
        func add(_ name: String, _ digest: Digest?) {
            if let digest { found.append(DerivedStatement.resource(name: name, digest)) }
        }
        add("parent manifest", manifest.parent)
        for file in parent?.manifest.files ?? [] { add("parent/\(file.path)", file.digest) }
        add("delta", manifest.delta?.file.digest)
        add("base of the delta", manifest.delta?.base)
        add("base of the adapter", manifest.base?.version)
        add("recipe", manifest.run?.recipeDigest)
        add("dataset record", manifest.run?.dataset.digest)
        add("certificate", manifest.certificate)
        for request in version.requests { add("request \(request.id)", request.digest) }
        return found
    }

    private static func builder(_ run: RunDescription?, _ origin: String?) -> JSONValue {
        var builder: [String: JSONValue] = [
            "id": .string("urn:lethe:registry:\(origin ?? "unknown")")
        ]
        if let environment = run?.environment {
            builder["version"] = .object([
                "lethe": .string(environment.lethe), "libTorch": .string(environment.libTorch),
            ])
        }
        return .object(builder)
    }
}
