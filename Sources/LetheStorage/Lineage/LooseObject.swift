internal import CGit2
internal import LetheRecords

/// Checks a loose git object before libgit2 reads it.
///
/// libgit2 up to spring 2026 writes past its buffer when the header of a loose object announces
/// fewer bytes than follow (libgit2 issue 7177), and does not look at what comes after the
/// compressed bytes. A damaged or hostile lineage must be refused, not end the process.
enum LooseObject {
    /// Larger objects are none of Lethe's: a blob has at most 1 MiB.
    static let limitBytes = 16 << 20

    /// Checks the loose object of that name; one that is packed or missing is left to libgit2.
    ///
    /// - Throws: `integrity` if compression, header, length or digest do not fit.
    static func verify(_ name: String, in repository: String) throws(LetheError) {
        _ = try read(name, in: repository)
    }

    /// Reads and checks the loose object of that name; nil if it is packed or missing.
    ///
    /// - Throws: `integrity` if compression, header, length or digest do not fit.
    static func read(
        _ name: String, in repository: String
    ) throws(LetheError) -> GitObject? {
        let path = path(of: name, in: repository)
        guard let status = try FileStatus.of(path) else { return nil }
        guard status.isRegular, status.sizeBytes <= limitBytes else { throw damaged(path) }
        var compressed: [UInt8] = []
        try FileDescriptor.reading(path).read(into: &compressed, at: 0, count: status.sizeBytes)
        guard let object = contents(of: compressed),
            try digest(of: object.bytes, type: object.type) == name
        else { throw damaged(path) }
        return GitObject(name: name, type: object.type, bytes: object.bytes)
    }

    static func path(of name: String, in repository: String) -> String {
        "\(repository)/objects/\(name.prefix(2))/\(name.dropFirst(2))"
    }

    private static func damaged(_ path: String) -> LetheError {
        LetheError(
            code: .integrity, message: "The git object \(path) is damaged.",
            remedy: "Remove it and fetch the lineage from another copy (git fetch).")
    }

    /// Splits the compressed form of `<type> <length>\0<bytes>`, whose digest is not checked; nil
    /// if that is not what it is.
    static func contents(of compressed: [UInt8]) -> (type: String, bytes: [UInt8])? {
        guard let object = inflated(compressed), let end = object.prefix(32).firstIndex(of: 0),
            let space = object[..<end].firstIndex(of: 0x20)
        else { return nil }
        let type = String(decoding: object[..<space], as: UTF8.self)
        let bytes = Array(object[(end + 1)...])
        // One spelling only: git's own digest is made over it, whatever the file has.
        guard ["blob", "tree", "commit", "tag"].contains(type),
            object[..<end].elementsEqual("\(type) \(bytes.count)".utf8)
        else { return nil }
        return (type, bytes)
    }

    /// The name that git gives an object.
    static func digest(of bytes: [UInt8], type: String) throws(LetheError) -> String {
        var oid = git_oid()
        let code = unsafe bytes.withUnsafeBytes { buffer in
            unsafe git_odb_hash(
                &oid, buffer.baseAddress, buffer.count, git_object_string2type(type))
        }
        try GitError.check(code, doing: "hash a git object")
        let raw = unsafe withUnsafeBytes(of: oid.id) { unsafe Array($0) }
        return CommitID(rawBytes: raw).hex
    }

    /// Whether the bits between the last block and the checksum are zero, as every writer leaves
    /// them; zlib says how many there are in `data_type` (zlib.h, `Z_BLOCK`).
    private static func arePaddingBitsZero(
        _ dataType: CInt, _ input: UnsafeMutableBufferPointer<UInt8>, before position: Int
    ) -> Bool {
        let isAfterLastBlock = dataType & 128 != 0 && dataType & 64 != 0
        let count = dataType & 7
        guard isAfterLastBlock, count > 0, position > 0 else { return true }
        return unsafe input[position - 1] >> (8 - count) == 0
    }

    /// The bytes of a zlib stream (RFC 1950) that ends exactly where the input ends; nil for
    /// anything else.
    private static func inflated(_ compressed: [UInt8]) -> [UInt8]? {
        var stream = unsafe z_stream()
        let size = unsafe CInt(MemoryLayout<z_stream>.size)
        guard unsafe inflateInit_(&stream, ZLIB_VERSION, size) == Z_OK else { return nil }
        defer { unsafe inflateEnd(&stream) }
        var input = compressed
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        let pieceSizeBytes = piece.count
        return unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe stream.next_in = source.baseAddress
            unsafe stream.avail_in = UInt32(source.count)
            while output.count <= limitBytes {
                let code = unsafe piece.withUnsafeMutableBufferPointer { target in
                    unsafe stream.next_out = target.baseAddress
                    unsafe stream.avail_out = UInt32(target.count)
                    return unsafe inflate(&stream, Z_BLOCK)
                }
                output += unsafe piece.prefix(pieceSizeBytes - Int(stream.avail_out))
                let position = unsafe source.count - Int(stream.avail_in)
                guard unsafe arePaddingBitsZero(stream.data_type, source, before: position) else {
                    return nil
                }
                if code == Z_STREAM_END { return unsafe stream.avail_in == 0 ? output : nil }
                guard code == Z_OK else { return nil }
            }
            return nil
        }
    }
}
