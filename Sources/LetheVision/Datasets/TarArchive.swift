import Foundation
import LetheRecords

/// The positions of the regular files in a tar archive; nothing is extracted.
///
/// Format: POSIX.1-1988 ustar with the long names of GNU tar and of POSIX.1-2001 pax.
struct TarArchive {
    /// Offset and size of each file's content, by its name in the archive.
    let members: [String: Range<Int>]

    private static let blockSizeBytes = 512
    private static let maximumNameBytes = 1 << 16

    init(_ url: URL) throws(LetheError) {
        var reader = try TarReading(url)
        var members: [String: Range<Int>] = [:]
        var longName: String?
        while let header = try reader.nextHeader() {
            let content = reader.offset..<reader.offset + header.sizeBytes
            switch header.type {
            case UInt8(ascii: "L"):
                longName = Self.text(try reader.bytes(in: content))
            case UInt8(ascii: "x"):
                longName = try Self.paxPath(reader.bytes(in: content), file: url) ?? longName
            case UInt8(ascii: "0"), 0:
                let name = longName ?? header.name
                longName = nil
                guard members.updateValue(content, forKey: name) == nil else {
                    throw TarReading.malformed(url, "it holds two files of one name")
                }
            default: longName = nil  // folders, links, devices: nothing to read
            }
            try reader.skip(header.sizeBytes)
        }
        self.members = members
    }

    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The `path` record of a pax header: records are "length name=value\n".
    private static func paxPath(_ bytes: [UInt8], file: URL) throws(LetheError) -> String? {
        var path: String?
        var rest = bytes[...]
        while let space = rest.firstIndex(of: 0x20) {
            let digits = String(decoding: rest[..<space], as: UTF8.self)
            guard let length = Int(digits), length > digits.utf8.count + 1, length <= rest.count
            else { throw TarReading.malformed(file, "a pax record has a wrong length") }
            let record = rest[(space + 1)..<(rest.startIndex + length - 1)]
            if record.starts(with: Array("path=".utf8)) { path = text(record.dropFirst(5)) }
            rest = rest.dropFirst(length)
        }
        return path
    }

    /// One 512-byte header.
    struct Header {
        let name: String
        let sizeBytes: Int
        let type: UInt8

        init?(_ block: [UInt8]) {
            guard Self.number(block[148..<156]) == Self.checksum(of: block),
                let size = Self.number(block[124..<136])
            else { return nil }
            let isUstar = block[257..<262].elementsEqual(Array("ustar".utf8))
            let prefix = isUstar && block[262] == 0 ? TarArchive.text(block[345..<500]) : ""
            let name = TarArchive.text(block[0..<100])
            self.name = prefix.isEmpty ? name : "\(prefix)/\(name)"
            sizeBytes = size
            type = block[156]
        }

        /// The sum of all bytes, those of the checksum itself counted as spaces.
        private static func checksum(of block: [UInt8]) -> Int {
            block.enumerated().reduce(0) { sum, byte in
                sum + (148..<156 ~= byte.offset ? 32 : Int(byte.element))
            }
        }

        /// Octal digits ended by a space or zero, or, for big files, base 256.
        private static func number(_ field: ArraySlice<UInt8>) -> Int? {
            guard let first = field.first else { return nil }
            if first == 0x80 {
                guard field.dropFirst().dropLast(7).allSatisfy({ $0 == 0 }) else { return nil }
                return field.suffix(7).reduce(0) { $0 << 8 | Int($1) }
            }
            let digits = field.drop { $0 == 32 }.prefix { $0 != 32 && $0 != 0 }
            let value = Int(String(decoding: digits, as: UTF8.self), radix: 8)
            return value.flatMap { $0 < 0 ? nil : $0 }
        }
    }

    /// Walks over the headers of one archive.
    struct TarReading {
        let url: URL
        let file: FileHandle
        let sizeBytes: Int
        var offset = 0

        init(_ url: URL) throws(LetheError) {
            self.url = url
            sizeBytes = try FileReading.sizeBytes(of: url)
            do {
                file = try FileHandle(forReadingFrom: url)
            } catch {
                throw LetheError(
                    code: .io, message: "\(url.lastPathComponent) cannot be read.",
                    remedy: "Check its permissions.", cause: error)
            }
        }

        /// The next header, or nil at the end; afterwards `offset` is that of the content.
        mutating func nextHeader() throws(LetheError) -> Header? {
            guard offset < sizeBytes else { return nil }
            guard sizeBytes - offset >= blockSizeBytes else {
                throw Self.malformed(url, "it ends in the middle of a header")
            }
            let block = try bytes(in: offset..<offset + blockSizeBytes)
            if block.allSatisfy({ $0 == 0 }) { return nil }
            guard let header = Header(block) else {
                throw Self.malformed(url, "the header at byte \(offset) is damaged")
            }
            offset += blockSizeBytes
            guard header.sizeBytes <= sizeBytes - offset else {
                throw Self.malformed(url, "it ends in the middle of a file")
            }
            return header
        }

        /// Moves behind the content and its padding.
        mutating func skip(_ count: Int) throws(LetheError) {
            offset += (count + blockSizeBytes - 1) / blockSizeBytes * blockSizeBytes
        }

        func bytes(in range: Range<Int>) throws(LetheError) -> [UInt8] {
            guard range.count <= maximumNameBytes else {
                throw Self.malformed(url, "a name has \(range.count) bytes")
            }
            do {
                try file.seek(toOffset: UInt64(range.lowerBound))
                return [UInt8](try file.read(upToCount: range.count) ?? Data())
            } catch {
                throw LetheError(
                    code: .io, message: "\(url.lastPathComponent) cannot be read.", cause: error)
            }
        }

        static func malformed(_ url: URL, _ reason: String) -> LetheError {
            LetheError(
                code: .malformed,
                message: "\(url.lastPathComponent) is not a valid tar: \(reason).",
                remedy: "Fetch the file again from its source.")
        }
    }
}
