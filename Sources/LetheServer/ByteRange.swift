/// What a `Range` header asks for (RFC 9110 section 14).
enum ByteRange: Equatable {
    /// The whole file: there is no header, or none that has to be heeded.
    case whole
    /// A run of bytes.
    case run(Range<Int>)
    /// A run that the file does not have.
    case unsatisfiable

    /// Reads a header for a file of so many bytes.
    ///
    /// Anything but one well-formed range of bytes is passed over, as the specification allows:
    /// many ranges in one answer help nobody who pulls models, and cost the server dearly.
    init(_ header: String?, sizeBytes: Int) {
        self = .whole
        guard let header, header.utf8.count <= 64, header.lowercased().hasPrefix("bytes=") else {
            return
        }
        let ends = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy(Self.isNumber), ends != ["", ""] else { return }
        // A number that is too long for an integer lies behind the end of every file.
        let first = ends[0].isEmpty ? nil : Int(ends[0]) ?? .max
        let last = ends[1].isEmpty ? nil : Int(ends[1]) ?? .max
        guard let first else {
            let count = min(last ?? 0, sizeBytes)
            self = count > 0 ? .run((sizeBytes - count)..<sizeBytes) : .unsatisfiable
            return
        }
        if let last, last < first { return }
        guard first < sizeBytes else {
            self = .unsatisfiable
            return
        }
        self = .run(first..<(min(last ?? .max, sizeBytes - 1) + 1))
    }

    private static func isNumber(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
