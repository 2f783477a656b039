public import LetheRecords

/// An open safetensors file: the header is checked, the numbers are read when asked for.
///
/// The file is mapped into memory, so opening a large model costs nothing.
public final class SafetensorsFile {
    /// The checked header: entries, metadata and sizes.
    public let header: SafetensorsHeader

    private let file: MappedFile
    private let entries: [String: SafetensorsHeader.Entry]

    init(path: String) throws(LetheError) {
        let file = try MappedFile(path: path)
        let lengthField = try file.array(0..<min(8, file.sizeBytes))
        let jsonLength = try SafetensorsHeader.jsonLength(ofFirstEight: lengthField)
        let prefix = try file.array(0..<min(8 + jsonLength, file.sizeBytes))
        header = try SafetensorsHeader(parsing: prefix, fileSizeBytes: file.sizeBytes)
        entries = Dictionary(header.entries.map { ($0.name, $0) }) { first, _ in first }
        self.file = file
    }

    /// The names of all tensors in the order of their data.
    public var names: [String] { header.entries.map(\.name) }

    /// Whether there is a tensor of this name.
    public func contains(_ name: String) -> Bool { entries[name] != nil }

    /// Copies one tensor, in the type that the file has it in, to the CPU.
    public func tensor(named name: String) throws(LetheError) -> Tensor {
        let entry = try entry(name)
        guard let type = ElementType(rawValue: entry.elementType) else {
            throw LetheError(
                code: .unsupported,
                message: "The tensor \"\(name)\" has the type \(entry.elementType).",
                remedy: "Convert it to one of "
                    + ElementType.allCases.map(\.rawValue).joined(separator: ", ") + ".")
        }
        return try file.withBytes(in: range(entry)) { bytes throws(LetheError) in
            try Tensor(bytes: bytes, shape: entry.shape, type: type)
        }
    }

    /// Copies the bytes of one tensor as they are in the file.
    public func bytes(named name: String) throws(LetheError) -> [UInt8] {
        try file.array(range(try entry(name)))
    }

    private func entry(_ name: String) throws(LetheError) -> SafetensorsHeader.Entry {
        guard let entry = entries[name] else {
            throw LetheError(
                code: .notFound, message: "The file has no tensor named \"\(name)\".",
                remedy: "Check that the file belongs to this architecture.")
        }
        return entry
    }

    private func range(_ entry: SafetensorsHeader.Entry) -> Range<Int> {
        let start = header.headerSizeBytes
        return start + entry.dataRange.lowerBound..<start + entry.dataRange.upperBound
    }
}

extension MappedFile {
    /// Copies a range of bytes.
    fileprivate func array(_ range: Range<Int>) throws(LetheError) -> [UInt8] {
        try withBytes(in: range) { bytes throws(LetheError) in
            unsafe bytes.withUnsafeBytes { unsafe Array($0) }
        }
    }
}
