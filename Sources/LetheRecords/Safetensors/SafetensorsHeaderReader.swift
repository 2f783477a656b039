/// Turns the JSON of a safetensors header into entries and metadata.
struct SafetensorsHeaderReader {
    static func read(
        _ json: [UInt8]
    ) throws(LetheError) -> (entries: [SafetensorsHeader.Entry], metadata: [String: String]) {
        guard json.first == UInt8(ascii: "{") else {
            throw .safetensors("the header does not begin with {")
        }
        try checkOutsideStrings(json)
        guard json.last(where: { $0 != 0x20 }) == UInt8(ascii: "}") else {
            throw .safetensors("the header is not one JSON object, padded with spaces")
        }
        guard let members = try parse(json).objectValue else { return ([], [:]) }
        var entries: [SafetensorsHeader.Entry] = []
        var metadata: [String: String] = [:]
        for (name, value) in members {
            if name == "__metadata__" {
                metadata = try strings(value)
            } else {
                entries.append(try entry(name: name, value))
            }
        }
        entries.sort(by: precedes)
        return (entries, metadata)
    }

    /// Refuses, before anything is built, what no header has outside its strings.
    ///
    /// That is signs, fractions and exponents, words, and arrays longer than a shape may be. It
    /// bounds the memory that a hostile header can ask for.
    private static func checkOutsideStrings(_ json: [UInt8]) throws(LetheError) {
        var isInString = false
        var isEscaped = false
        var array: Int?
        for byte in json {
            if isInString {
                isInString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else {
                try checkOutsideString(byte, array: &array)
            }
        }
    }

    /// - Parameter array: How many commas the array around the byte has so far; nil outside arrays.
    private static func checkOutsideString(
        _ byte: UInt8, array: inout Int?
    ) throws(LetheError) {
        switch byte {
        case UInt8(ascii: "["):
            guard array == nil else { throw .safetensors("an array lies in an array") }
            array = 0
        case UInt8(ascii: "]"): array = nil
        case UInt8(ascii: ","):
            guard let commas = array else { return }
            guard commas + 1 < SafetensorsHeader.maximumRank else {
                throw .safetensors(
                    "a shape has more than \(SafetensorsHeader.maximumRank) extents")
            }
            array = commas + 1
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "{"), UInt8(ascii: "}"),
            UInt8(ascii: ":"), 0x20, 0x09, 0x0A, 0x0D:
            return
        case UInt8(ascii: "-"): throw .safetensors("a number is negative")
        default:
            throw .safetensors("the header is no valid JSON of strings and plain whole numbers")
        }
    }

    private static func parse(_ json: [UInt8]) throws(LetheError) -> JSONValue {
        do {
            return try StrictJSON.parse(json)
        } catch {
            throw .safetensors("the header is no valid JSON: \(error.message)")
        }
    }

    private static func strings(_ value: JSONValue) throws(LetheError) -> [String: String] {
        guard case .object(let members) = value else {
            throw .safetensors("__metadata__ is no object of strings")
        }
        var strings: [String: String] = [:]
        for (name, value) in members {
            guard case .string(let text) = value else {
                throw .safetensors("__metadata__ has a value that is no string")
            }
            strings[name] = text
        }
        return strings
    }

    private static func entry(
        name: String, _ value: JSONValue
    ) throws(LetheError) -> SafetensorsHeader.Entry {
        let label = name.prefix(80)
        guard name.utf8.count <= SafetensorsHeader.maximumNameBytes else {
            throw .safetensors("the name that begins with \"\(label)\" is too long")
        }
        guard case .object(let members) = value,
            Set(members.keys) == ["dtype", "shape", "data_offsets"],
            let elementType = value["dtype"]?.stringValue,
            let shape = integers(value["shape"]), let offsets = integers(value["data_offsets"])
        else {
            throw .safetensors(
                "the tensor \"\(label)\" does not have exactly dtype, shape and data_offsets")
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw .safetensors("the offsets of \"\(label)\" are not a begin and an end")
        }
        _ = try SafetensorsHeader.sizeBytes(elementType: elementType, shape: shape)
        return SafetensorsHeader.Entry(
            name: name, elementType: elementType, shape: shape, dataRange: offsets[0]..<offsets[1])
    }

    private static func integers(_ value: JSONValue?) -> [Int]? {
        guard let elements = value?.arrayValue else { return nil }
        let integers = elements.compactMap(\.integerValue)
        return integers.count == elements.count ? integers : nil
    }

    /// Empty tensors share an offset with their neighbour, so the end decides next, then the name.
    private static func precedes(
        _ left: SafetensorsHeader.Entry, _ right: SafetensorsHeader.Entry
    ) -> Bool {
        (left.dataRange.lowerBound, left.dataRange.upperBound, left.name)
            < (right.dataRange.lowerBound, right.dataRange.upperBound, right.name)
    }
}
