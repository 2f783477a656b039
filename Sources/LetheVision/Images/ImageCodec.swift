import CImageCodecs
import LetheRecords

/// The image file formats that are decoded, and the only file that calls their libraries.
enum ImageCodec {
    case jpeg
    case png

    /// What a file says about itself before its pixels are decoded.
    struct Header {
        let width: Int
        let height: Int
        let channels: Int
    }

    /// The format whose signature the bytes begin with.
    static func recognised(from bytes: [UInt8]) -> ImageCodec? {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
        return nil
    }

    private var name: String {
        switch self {
        case .jpeg: "JPEG"
        case .png: "PNG"
        }
    }

    func header(of bytes: [UInt8]) throws(LetheError) -> Header {
        var header = lethe_image_header()
        var message = CodecMessage()
        let status = unsafe bytes.withUnsafeBufferPointer { file in
            unsafe message.text.withUnsafeMutableBufferPointer { text in
                switch self {
                case .jpeg:
                    unsafe lethe_jpeg_header(
                        file.baseAddress, file.count, &header, text.baseAddress)
                case .png:
                    unsafe lethe_png_header(
                        file.baseAddress, file.count, &header, text.baseAddress)
                }
            }
        }
        guard status == 0 else { throw failure(message) }
        return Header(
            width: Int(header.width), height: Int(header.height), channels: Int(header.channels))
    }

    func pixels(of bytes: [UInt8], header: Header) throws(LetheError) -> [UInt8] {
        let count = header.width * header.height * header.channels
        var message = CodecMessage()
        var status: CInt = 0
        let pixels = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            unsafe target.initialize(repeating: 0)
            status = unsafe bytes.withUnsafeBufferPointer { file in
                unsafe message.text.withUnsafeMutableBufferPointer { text in
                    switch self {
                    case .jpeg:
                        unsafe lethe_jpeg_decode(
                            file.baseAddress, file.count, target.baseAddress, count,
                            text.baseAddress)
                    case .png:
                        unsafe lethe_png_decode(
                            file.baseAddress, file.count, target.baseAddress, count,
                            text.baseAddress)
                    }
                }
            }
            filled = count
        }
        guard status == 0 else { throw failure(message) }
        return pixels
    }

    private func failure(_ message: CodecMessage) -> LetheError {
        LetheError(
            code: .malformed, message: "The \(name) file does not decode: \(message.description).",
            remedy: "Restore the file from its source, or leave it out of the dataset.")
    }
}

/// Room for the sentence of a C library.
struct CodecMessage: CustomStringConvertible {
    var text = [CChar](repeating: 0, count: Int(LETHE_CODEC_MESSAGE_BYTES))

    var description: String {
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let sentence = String(decoding: bytes, as: UTF8.self)
        return sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }
}

/// Inflates gzip files whose size is known beforehand.
enum Gzip {
    /// The first `count` bytes of the inflated data, and whether the data ends there.
    static func inflate(
        _ bytes: [UInt8], firstBytes count: Int
    ) throws(LetheError) -> (data: [UInt8], isWhole: Bool) {
        var message = CodecMessage()
        var status: CInt = 0
        var finished: CInt = 0
        let data = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            unsafe target.initialize(repeating: 0)
            status = unsafe bytes.withUnsafeBufferPointer { file in
                unsafe message.text.withUnsafeMutableBufferPointer { text in
                    unsafe lethe_gunzip(
                        file.baseAddress, file.count, target.baseAddress, count, &filled,
                        &finished, text.baseAddress)
                }
            }
        }
        guard status == 0 else {
            throw LetheError(
                code: .malformed, message: "The gzip file does not inflate: \(message).")
        }
        return (data, finished == 1)
    }
}
