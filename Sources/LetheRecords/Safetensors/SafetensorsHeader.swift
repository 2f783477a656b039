/// The checked header of a safetensors file: which tensors lie where.
///
/// Format: <https://github.com/huggingface/safetensors>, section "Format": eight bytes with the
/// little-endian length N of the header, N bytes of JSON that begin with `{` and may end in spaces,
/// then the data. Offsets count from the start of the data; the tensors cover it without holes.
///
/// Everything the format forbids is refused with its reason, because a header comes from outside.
public struct SafetensorsHeader: Sendable, Hashable {
    /// One tensor of the file.
    public struct Entry: Sendable, Hashable {
        /// The tensor's name, such as `vit.embeddings.cls_token`.
        public let name: String
        /// The element type as the header spells it, such as `F32`.
        public let elementType: String
        /// The extents, slowest first; empty for a single number.
        public let shape: [Int]
        /// Where the bytes lie, counted from the start of the data area.
        public let dataRange: Range<Int>

        /// Describes one tensor; nothing is checked here.
        public init(name: String, elementType: String, shape: [Int], dataRange: Range<Int>) {
            self.name = name
            self.elementType = elementType
            self.shape = shape
            self.dataRange = dataRange
        }
    }

    /// The longest header that is read, as the reference implementation has it.
    public static let maximumLengthBytes = 100_000_000
    /// The most extents that a shape may have.
    public static let maximumRank = 32
    /// The longest name of a tensor.
    public static let maximumNameBytes = 65_536

    /// The tensors in the order of their data.
    public let entries: [Entry]
    /// The `__metadata__` of the file; empty where there is none.
    public let metadata: [String: String]
    /// The first bytes of the file exactly as they were: length field and JSON.
    ///
    /// A file written with these bytes before the same data is the same file.
    public let bytes: [UInt8]

    /// Where the data area starts: eight bytes and the length of the JSON.
    public var headerSizeBytes: Int { bytes.count }
    /// The size of the data area.
    public var dataSizeBytes: Int { entries.last?.dataRange.upperBound ?? 0 }
    /// The size of the whole file.
    public var fileSizeBytes: Int { headerSizeBytes + dataSizeBytes }

    /// The tensor of a name, if the file has it.
    public subscript(_ name: String) -> Entry? { entries.first { $0.name == name } }

    /// Reads and checks the header of a file.
    ///
    /// - Parameters:
    ///   - prefix: The first bytes of the file, at least 8 + `jsonLength(ofFirstEight:)` of them.
    ///   - fileSizeBytes: The size of the whole file.
    /// - Throws: `malformed` with the first thing that is wrong.
    public init(parsing prefix: [UInt8], fileSizeBytes: Int) throws(LetheError) {
        let length = try Self.jsonLength(ofFirstEight: prefix)
        let end = 8 + length
        guard end <= fileSizeBytes else {
            throw .safetensors("the header of \(length) bytes is longer than the file")
        }
        guard end <= prefix.count else {
            throw .safetensors("the header is truncated")
        }
        let contents = try SafetensorsHeaderReader.read(Array(prefix[8..<end]))
        try Self.check(contents.entries, dataSizeBytes: fileSizeBytes - end)
        entries = contents.entries
        metadata = contents.metadata
        bytes = Array(prefix[..<end])
    }

    /// The length N of the JSON that the first eight bytes of a file announce.
    ///
    /// - Throws: `malformed` for fewer than eight bytes or a length above `maximumLengthBytes`.
    public static func jsonLength(ofFirstEight bytes: [UInt8]) throws(LetheError) -> Int {
        guard bytes.count >= 8 else {
            throw .safetensors("the file is shorter than the eight bytes of its length field")
        }
        let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(maximumLengthBytes) else {
            throw .safetensors(
                "the header is too long: \(length) bytes, at most \(maximumLengthBytes)")
        }
        return Int(length)
    }

    /// The bytes that a shape of an element type takes.
    ///
    /// - Throws: `malformed` for an unknown type, a negative extent, a product that overflows or
    ///   elements that do not fill whole bytes.
    public static func sizeBytes(
        elementType: String, shape: [Int]
    ) throws(LetheError) -> Int {
        guard let type = SafetensorsElementType(rawValue: elementType) else {
            throw .safetensors("the element type \"\(elementType.prefix(80))\" is unknown")
        }
        guard shape.count <= maximumRank else {
            throw .safetensors("a shape has \(shape.count) extents, at most \(maximumRank)")
        }
        var sizeBits = type.sizeBits
        for extent in shape {
            guard extent >= 0 else { throw .safetensors("an extent of a shape is negative") }
            let (product, overflow) = sizeBits.multipliedReportingOverflow(by: extent)
            guard !overflow else {
                throw .safetensors("the product of the shape \(shape) overflows")
            }
            sizeBits = product
        }
        guard sizeBits.isMultiple(of: 8) else {
            throw .safetensors("the elements of \(elementType) \(shape) do not fill whole bytes")
        }
        return sizeBits / 8
    }

    private static func check(_ entries: [Entry], dataSizeBytes: Int) throws(LetheError) {
        var end = 0
        for entry in entries {
            let name = entry.name.prefix(80)
            let range = entry.dataRange
            guard range.upperBound <= dataSizeBytes else {
                throw .safetensors(
                    "the tensor \"\(name)\" ends at \(range.upperBound), out of range of the "
                        + "\(dataSizeBytes) bytes of data (truncated?)")
            }
            guard range.lowerBound >= end else {
                throw .safetensors("the tensor \"\(name)\" overlaps the one before it")
            }
            guard range.lowerBound == end else {
                throw .safetensors(
                    "there is a hole of \(range.lowerBound - end) bytes before \"\(name)\"")
            }
            let expected = try sizeBytes(elementType: entry.elementType, shape: entry.shape)
            guard range.count == expected else {
                throw .safetensors(
                    "the tensor \"\(name)\" has \(range.count) bytes, \(entry.elementType) "
                        + "\(entry.shape) takes \(expected)")
            }
            end = range.upperBound
        }
        guard end == dataSizeBytes else {
            throw .safetensors("there are \(dataSizeBytes - end) trailing bytes after the data")
        }
    }
}

extension LetheError {
    /// A safetensors file that is not what its format demands.
    static func safetensors(_ reason: String) -> LetheError {
        LetheError(
            code: .malformed, message: "The safetensors file is refused: \(reason).",
            remedy: "Fetch or export the file again; it is damaged or was not made by a "
                + "safetensors library.")
    }
}
