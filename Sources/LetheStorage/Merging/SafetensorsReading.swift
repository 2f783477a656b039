internal import Foundation
internal import LetheRecords

/// A small safetensors file that is whole in memory, such as a delta.
struct SafetensorsReading {
    /// A delta is a small part of its model; more than this is none.
    static let limitBytes = 256 << 20

    let header: SafetensorsHeader
    private let bytes: [UInt8]

    init(_ url: URL) throws(LetheError) {
        let file = try FileDescriptor.reading(url.path)
        let sizeBytes = try file.status().sizeBytes
        guard sizeBytes <= Self.limitBytes else {
            throw LetheError(
                code: .malformed,
                message: "\(url.lastPathComponent) has \(sizeBytes) bytes; at most "
                    + "\(Self.limitBytes) are allowed here.")
        }
        var bytes: [UInt8] = []
        try file.read(into: &bytes, at: 0, count: sizeBytes)
        try self.init(bytes)
    }

    init(_ bytes: [UInt8]) throws(LetheError) {
        self.bytes = bytes
        header = try SafetensorsHeader(parsing: bytes, fileSizeBytes: bytes.count)
    }

    func bytes(of entry: SafetensorsHeader.Entry) -> [UInt8] {
        let start = header.headerSizeBytes
        return Array(
            bytes[start + entry.dataRange.lowerBound..<start + entry.dataRange.upperBound])
    }
}
