internal import CGit2

/// zlib, so that the fuzzer need not guess checksums.
enum Compression {
    /// What stands around the deflated bytes.
    enum Format: CInt {
        /// RFC 1950, as in loose git objects.
        case zlib = 15
        /// RFC 1952.
        case gzip = 31
    }

    static func deflated(_ bytes: [UInt8], _ format: Format) -> [UInt8] {
        var stream = unsafe z_stream()
        let size = unsafe CInt(MemoryLayout<z_stream>.size)
        let isReady = unsafe deflateInit2_(
            &stream, 1, Z_DEFLATED, format.rawValue, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        require(isReady == Z_OK, "zlib does not start")
        defer { unsafe deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 8 + 64)
        let capacity = output.count
        let isDone = unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe stream.next_in = source.baseAddress
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = target.baseAddress
                unsafe stream.avail_out = UInt32(target.count)
                return unsafe deflate(&stream, Z_FINISH)
            }
        }
        require(isDone == Z_STREAM_END, "zlib does not finish")
        return Array(unsafe output.prefix(capacity - Int(stream.avail_out)))
    }

    /// The inflated bytes of the first `capacity` of a zlib stream, by zlib's simplest call.
    static func inflated(_ bytes: [UInt8], capacity: Int) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: capacity)
        var count = uLongf(capacity)
        let code = unsafe output.withUnsafeMutableBufferPointer { target in
            unsafe bytes.withUnsafeBufferPointer { source in
                unsafe uncompress(
                    target.baseAddress, &count, source.baseAddress, uLong(source.count))
            }
        }
        return code == Z_OK ? Array(output.prefix(Int(count))) : nil
    }
}
