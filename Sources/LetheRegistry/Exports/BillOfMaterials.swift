internal import LetheRecords

/// A released version as a machine-learning bill of materials (CycloneDX 1.6, JSON): its files and
/// their digests, the version that it came from, what was trained on, and what its certificate says.
struct BillOfMaterials {
    let release: Release
    /// The version before it in the line; nil for the first.
    let parent: Version?
    /// The requests that the line has honoured.
    let requests: [ForgetRequest]
    /// What `config.json` calls the architecture; nil for an adapter.
    let architecture: String?

    /// The document.
    var document: JSONValue {
        .object([
            "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
            "serialNumber": .string(serialNumber),
            "metadata": .object([
                "timestamp": .string(manifest.created.description),
                "tools": .object([
                    "components": [
                        .object([
                            "type": "application", "name": "lethe",
                            "version": .string(letheVersion),
                        ])
                    ]
                ]),
                "component": .object(component),
            ]),
        ])
    }

    private var manifest: VersionManifest { release.version.manifest }
    private var verdict: ForgetVerdict? { release.verdict }

    /// The same for the same version: made of its digest, as RFC 9562 lays out a UUID of version 8.
    private var serialNumber: String {
        var digits = Array(release.version.manifestDigest.hex.prefix(32))
        digits[12] = "8"
        digits[16] = Array("89ab")[(digits[16].hexDigitValue ?? 0) & 3]
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
        return "urn:uuid:" + parts.joined(separator: "-")
    }

    private var component: [String: JSONValue] {
        var component = Self.model(release.version)
        component["components"] = .array(
            release.files.map { file in
                .object([
                    "type": "file", "name": .string(file.path), "hashes": Self.hashes(file.digest),
                ])
            })
        component["modelCard"] = .object(card)
        if let parent {
            component["pedigree"] = .object([
                "ancestors": [.object(Self.model(parent))],
                "notes": .string("Made from \(parent.name) by \(manifest.operation.rawValue)."),
            ])
        }
        component["properties"] = .array(properties)
        return component
    }

    private static func model(_ version: Version) -> [String: JSONValue] {
        var model: [String: JSONValue] = [
            "type": "machine-learning-model", "bom-ref": .string(version.name),
            "name": .string(version.manifest.model),
            "version": .string("v\(version.manifest.number)"),
        ]
        if let judged = try? version.judged() { model["hashes"] = hashes(judged.digest) }
        return model
    }

    private static func hashes(_ digest: Digest) -> JSONValue {
        [.object(["alg": "SHA-256", "content": .string(digest.hex)])]
    }

    private var card: [String: JSONValue] {
        var parameters: [String: JSONValue] = ["task": "image-classification"]
        if let architecture { parameters["modelArchitecture"] = .string(architecture) }
        if let dataset = manifest.run?.dataset {
            parameters["datasets"] = [
                .object(["type": "dataset", "name": .string(dataset.name)])
            ]
        }
        var card: [String: JSONValue] = ["modelParameters": .object(parameters)]
        if let verdict {
            card["quantitativeAnalysis"] = .object([
                "performanceMetrics": .array(verdict.report.gates.map(Self.metric))
            ])
            card["considerations"] = .object([
                "technicalLimitations": .array(
                    verdict.notTested.map { .string("Not tested: \($0)") })
            ])
        }
        return card
    }

    /// What a gate measured; the slice is what it was applied to.
    private static func metric(_ gate: GateResult) -> JSONValue {
        .object([
            "type": .string(gate.gate), "slice": .string(gate.subject),
            "value": .string("\(gate.value) (\(gate.comparison) \(gate.limit))"),
        ])
    }

    private var properties: [JSONValue] {
        var pairs = [
            ("lethe:manifest", release.version.manifestDigest.description),
            ("lethe:certified", release.isCertified ? "true" : "false"),
        ]
        if let certificate = manifest.certificate {
            pairs.append(("lethe:certificate", certificate.description))
        }
        if let verdict { pairs.append(("lethe:tier", String(verdict.tier))) }
        pairs += requests.map { ("lethe:request", "\($0.id): \($0.coverage)") }
        return pairs.map { .object(["name": .string($0), "value": .string($1)]) }
    }
}
