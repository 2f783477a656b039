/// The mask of a pruned model: which of its weights are held at zero (docs/FORMAT.md, "A mask").
///
/// A safetensors file with one tensor U8 [bytes] for each masked tensor, under its name: a bit for
/// each number in row-major order, eight a byte, the first in the highest bit; 0 is held at zero.
public struct PruningMask: Sendable, Equatable {
    /// The file's name in a version.
    public static let fileName = "mask.safetensors"
    /// What `kind` in the file's metadata says.
    public static let kind = "lethe.mask.v1"
    /// Longer files are refused: two thousand million weights.
    public static let limitBytes = 256 << 20

    /// The bits of each masked tensor.
    public let bits: [String: [UInt8]]

    /// Takes bits that were made here.
    public init(bits: [String: [UInt8]]) {
        self.bits = bits
    }

    /// Reads a file; whether it fits the weights, `MaskedWeights` says.
    ///
    /// - Throws: `malformed` for what is no mask.
    public init(parsing file: [UInt8]) throws(LetheError) {
        guard file.count <= Self.limitBytes else { throw Self.malformed("it is too long") }
        let header = try SafetensorsHeader(parsing: file, fileSizeBytes: file.count)
        guard header.metadata["kind"] == Self.kind else {
            throw Self.malformed("its metadata do not say that it is \(Self.kind)")
        }
        var bits: [String: [UInt8]] = [:]
        for entry in header.entries {
            guard entry.elementType == "U8", entry.shape.count == 1 else {
                throw Self.malformed("\(entry.name.prefix(80)) is no row of bytes")
            }
            let start = header.headerSizeBytes
            bits[entry.name] = Array(
                file[start + entry.dataRange.lowerBound..<start + entry.dataRange.upperBound])
        }
        self.bits = bits
    }

    /// The file; equal masks give equal bytes.
    ///
    /// - Throws: `invalidArgument` for a tensor that is called `__metadata__`.
    public func encoded() throws(LetheError) -> [UInt8] {
        let entries = try SafetensorsHeader.layOut(
            bits.map { (name: $0.key, elementType: "U8", shape: [$0.value.count]) })
        return entries.reduce(SafetensorsHeader.encode(entries, metadata: ["kind": Self.kind])) {
            $0 + (bits[$1.name] ?? [])
        }
    }

    /// Packs whether each number of a tensor may move.
    public static func pack(_ isAlive: [Bool]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (isAlive.count + 7) / 8)
        for (position, alive) in isAlive.enumerated() where alive {
            bytes[position / 8] |= 0x80 >> UInt8(position % 8)
        }
        return bytes
    }

    /// Whether each of a tensor's numbers may move; nil for a tensor that is not masked.
    ///
    /// - Throws: `malformed` if there are not exactly as many bits as numbers.
    public func isAlive(_ name: String, count: Int) throws(LetheError) -> [Bool]? {
        guard let bytes = bits[name] else { return nil }
        try Self.requireFit(bytes, name, count: count)
        return (0..<count).map { bytes[$0 / 8] & (0x80 >> UInt8($0 % 8)) != 0 }
    }

    /// Refuses too few or too many bits, and bits beyond the last number that are set.
    static func requireFit(
        _ bytes: [UInt8], _ name: String, count: Int
    ) throws(LetheError) {
        let spare = UInt8(count % 8)
        let isPadded = spare == 0 || (bytes.last ?? 0) & (0xFF >> spare) == 0
        guard bytes.count == (count + 7) / 8, isPadded else {
            throw malformed("it has not one bit for each of the \(count) numbers of \(name)")
        }
    }

    static func malformed(_ reason: String) -> LetheError {
        LetheError(
            code: .malformed, message: "\(fileName) is refused: \(reason.prefix(200)).",
            remedy: "Remove it, or take the one that belongs to the weights.")
    }
}
