internal import Foundation
internal import LetheRecords

/// A safetensors file whose tensors are read one at a time.
struct SafetensorsReading {
    let url: URL
    let header: SafetensorsHeader

    init(_ url: URL) throws(LetheError) {
        self.url = url
        let file = try FileDescriptor.reading(url.path)
        let sizeBytes = try file.status().sizeBytes
        var prefix: [UInt8] = []
        try file.read(into: &prefix, at: 0, count: min(8, sizeBytes))
        let end = 8 + (try SafetensorsHeader.jsonLength(ofFirstEight: prefix))
        try file.read(into: &prefix, at: 0, count: min(end, sizeBytes))
        header = try SafetensorsHeader(parsing: prefix, fileSizeBytes: sizeBytes)
    }

    func entry(named name: String) throws(LetheError) -> SafetensorsHeader.Entry {
        guard let entry = header.entries.first(where: { $0.name == name }) else {
            throw LetheError(
                code: .malformed, message: "\(url.lastPathComponent) has no tensor \(name).",
                remedy: "A delta fits only the base that it was made from.")
        }
        return entry
    }

    func fileOffset(of entry: SafetensorsHeader.Entry) -> Int {
        header.headerSizeBytes + entry.dataRange.lowerBound
    }

    func bytes(of entry: SafetensorsHeader.Entry) throws(LetheError) -> [UInt8] {
        let file = try FileDescriptor.reading(url.path)
        var bytes: [UInt8] = []
        try file.read(into: &bytes, at: fileOffset(of: entry), count: entry.dataRange.count)
        guard bytes.count == entry.dataRange.count else {
            throw LetheError(code: .io, message: "\(url.path) was cut while it was being read.")
        }
        return bytes
    }
}
