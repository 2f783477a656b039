internal import LetheRecords

@testable internal import LetheStorage

extension Target {
    private static let vectors = "schemas/v1/vectors"

    static let storageTargets = [
        Target(
            name: "file-recipe",
            seeds: ["assembly", "derivation"].flatMap {
                ["\(vectors)/valid/\($0)", "\(vectors)/invalid/\($0)"]
            }
        ) { input in
            let recipe = try FileRecipe(object: input)
            require(FileRecipe.mayBegin(with: input), "A recipe does not look like one")
            require(recipe.sizeBytes >= 0, "A file has a negative size")
            switch recipe {
            case .assembly(let recipe): checkAssembly(recipe, input)
            case .derivation(let recipe): checkCanonical(recipe, input)
            }
        },
        Target(name: "lfs-pointer", longestInputBytes: 1100) { input in
            guard let pointer = try LargeFilePointer.parse(input) else { return }
            require(pointer.bytes == input, "A pointer has two spellings")
            require(pointer.sizeBytes >= 0, "A file has a negative size")
        },
        // The first byte says whether the rest is compressed yet.
        Target(name: "loose-object", longestInputBytes: 1024) { input in
            guard let first = input.first else { return }
            let rest = Array(input.dropFirst())
            let isCompressed = first & 1 == 1
            let compressed = isCompressed ? rest : Compression.deflated(rest, .zlib)
            guard let found = LooseObject.contents(of: compressed) else { return }
            let object = Array("\(found.type) \(found.bytes.count)\0".utf8) + found.bytes
            require(
                object == Compression.inflated(compressed, capacity: object.count + 64),
                "An object is not what was compressed")
            require(isCompressed || object == rest, "An object has two spellings")
        },
        Target(name: "delta-merge", longestInputBytes: 4096, check: checkMerge),
    ]

    private static func checkAssembly(_ recipe: AssemblyRecipe, _ input: [UInt8]) {
        checkCanonical(recipe, input)
        var end = 0
        for part in recipe.parts {
            require(part.offset == end && part.length > 0, "The parts leave something out")
            end += part.length
        }
        require(end == recipe.sizeBytes, "The parts do not fill the file")
    }

    /// Two bytes with the length of the delta, little-endian; the delta; the base.
    @Sendable
    private static func checkMerge(_ input: [UInt8]) throws {
        guard input.count > 2 else { return }
        let length = min(Int(input[0]) | Int(input[1]) << 8, input.count - 2)
        let delta = try LowRankDelta(SafetensorsReading(Array(input[2..<2 + length])))
        let base = Array(input[(2 + length)...])
        let whole = try merged(delta, base, pieceSizeBytes: max(1, base.count))
        require(whole.count == base.count, "The merged file has another size than its base")
        let pieces = expecting("The size of the pieces does not matter") {
            try merged(delta, base, pieceSizeBytes: 1 + length % 61)
        }
        require(pieces == whole, "The size of the pieces changes the merged file")
        checkUntouched(delta, base, whole)
    }

    private static func merged(
        _ delta: LowRankDelta, _ base: [UInt8], pieceSizeBytes: Int
    ) throws -> [UInt8] {
        var stream = MergeStream(delta, baseSizeBytes: base.count)
        var output: [UInt8] = []
        for start in stride(from: 0, to: base.count, by: pieceSizeBytes) {
            output += try stream.consume(
                Array(base[start..<min(start + pieceSizeBytes, base.count)]))
        }
        try stream.finish()
        return output
    }

    /// The header and the tensors that the delta does not name are as they were.
    private static func checkUntouched(_ delta: LowRankDelta, _ base: [UInt8], _ whole: [UInt8]) {
        let header = expecting("A base that took a delta has a header") {
            try SafetensorsHeader(parsing: base, fileSizeBytes: base.count)
        }
        let start = header.headerSizeBytes
        require(base.prefix(start).elementsEqual(whole.prefix(start)), "The header changed")
        let touched = Set(delta.layers.map(\.weightName))
        for entry in header.entries where !touched.contains(entry.name) {
            let range = start + entry.dataRange.lowerBound..<start + entry.dataRange.upperBound
            require(base[range].elementsEqual(whole[range]), "A tensor changed for no reason")
        }
    }
}
