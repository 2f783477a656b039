extension SafetensorsHeader {
    /// Lays tensors out one after the other in the order of the reference implementation: element
    /// types in falling order of `SafetensorsElementType`, names in rising order of their bytes.
    ///
    /// - Throws: `malformed` for a type or shape that the format does not have, `invalidArgument`
    ///   for a name that appears twice or is `__metadata__`.
    public static func layOut(
        _ tensors: [(name: String, elementType: String, shape: [Int])]
    ) throws(LetheError) -> [Entry] {
        var names: Set<String> = ["__metadata__"]
        for tensor in tensors where !names.insert(tensor.name).inserted {
            throw LetheError(
                code: .invalidArgument,
                message: "A safetensors file cannot hold two tensors named \"\(tensor.name)\".")
        }
        let sorted = tensors.sorted { left, right in
            left.elementType == right.elementType
                ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
                : rank(left.elementType) > rank(right.elementType)
        }
        var entries: [Entry] = []
        var offset = 0
        for tensor in sorted {
            let size = try sizeBytes(elementType: tensor.elementType, shape: tensor.shape)
            entries.append(
                Entry(
                    name: tensor.name, elementType: tensor.elementType, shape: tensor.shape,
                    dataRange: offset..<offset + size))
            offset += size
        }
        return entries
    }

    /// The first bytes of a file, length field included, as the Python library writes them.
    ///
    /// `__metadata__` comes first, left out where it is empty, its names in rising order of their
    /// bytes (the Python library leaves that order to chance); then the tensors as given, each
    /// with `dtype`, `shape`, `data_offsets`; no white space; spaces at the end up to a multiple
    /// of eight bytes. Pass what `layOut(_:)` gives to get the Python library's order.
    public static func encode(_ entries: [Entry], metadata: [String: String] = [:]) -> [UInt8] {
        var members: [[UInt8]] = []
        if !metadata.isEmpty {
            let sorted = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            let strings = sorted.map { quoted($0.key) + Array(":".utf8) + quoted($0.value) }
            members.append(Array("\"__metadata__\":{".utf8) + joined(strings) + Array("}".utf8))
        }
        members += entries.map(member)
        var json = Array("{".utf8) + joined(members) + Array("}".utf8)
        while !json.count.isMultiple(of: 8) { json.append(0x20) }
        let length = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> ($0 * 8)) }
        return length + json
    }

    private static func member(_ entry: Entry) -> [UInt8] {
        let shape = entry.shape.map(String.init).joined(separator: ",")
        let range = entry.dataRange
        return quoted(entry.name) + Array(":{\"dtype\":".utf8) + quoted(entry.elementType)
            + Array(",\"shape\":[\(shape)],\"data_offsets\":".utf8)
            + Array("[\(range.lowerBound),\(range.upperBound)]}".utf8)
    }

    private static func joined(_ members: [[UInt8]]) -> [UInt8] {
        Array(members.joined(separator: [UInt8(ascii: ",")]))
    }

    /// A string never fails to encode, and RFC 8785 escapes exactly what the Python library does.
    private static func quoted(_ text: String) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.write(string: text)
        return writer.bytes
    }

    private static func rank(_ elementType: String) -> Int {
        SafetensorsElementType(rawValue: elementType)
            .flatMap { SafetensorsElementType.allCases.firstIndex(of: $0) } ?? -1
    }
}
