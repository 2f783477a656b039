internal import CGit2
internal import LetheRecords

/// A git object as its bytes, whose name was checked against them.
struct GitObject: Sendable {
    let name: String
    /// `commit`, `tree`, `blob` or `tag`.
    let type: String
    let bytes: [UInt8]

    /// The bytes of a loose object's file (git `gitformat-loose`): header and content, deflated.
    ///
    /// - Throws: `io` if zlib has no memory.
    func looseFile() throws(LetheError) -> [UInt8] {
        let plain = Array("\(type) \(bytes.count)\0".utf8) + bytes
        var compressed = [UInt8](repeating: 0, count: Int(compressBound(UInt(plain.count))))
        var sizeBytes = UInt(compressed.count)
        let code = unsafe compressed.withUnsafeMutableBufferPointer { target in
            unsafe plain.withUnsafeBufferPointer { source in
                unsafe compress2(
                    target.baseAddress, &sizeBytes, source.baseAddress, UInt(source.count),
                    Z_DEFAULT_COMPRESSION)
            }
        }
        guard code == Z_OK else {
            throw LetheError(code: .io, message: "The git object \(name) cannot be compressed.")
        }
        return Array(compressed.prefix(Int(sizeBytes)))
    }
}
