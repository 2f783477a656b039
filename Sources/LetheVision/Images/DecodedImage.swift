public import LetheRecords

/// An image as it comes out of its file: 8 bits a channel, rows from the top, channels interleaved.
public struct DecodedImage: Sendable, Hashable {
    /// Pixels from left to right.
    public let width: Int
    /// Pixels from top to bottom.
    public let height: Int
    /// 1 for grey, 3 for red, green, blue.
    public let channels: Int
    /// `height * width * channels` values.
    public let pixels: [UInt8]

    /// The longest side that is decoded, in pixels.
    public static let maximumSide = 16_384
    /// The largest area that is decoded, in pixels.
    public static let maximumArea = 64_000_000

    /// Wraps pixels that are already decoded.
    ///
    /// - Throws: `malformed` if the sizes are out of range or do not agree with the pixel count.
    public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) throws(LetheError) {
        try DecodedImage.checkSize(width: width, height: height)
        guard channels == 1 || channels == 3 else {
            throw LetheError(
                code: .unsupported, message: "An image with \(channels) channels is not supported.",
                remedy: "Give a grey image (1 channel) or an RGB image (3 channels).")
        }
        guard pixels.count == width * height * channels else {
            throw LetheError(
                code: .malformed,
                message: "An image of \(width) x \(height) x \(channels) needs "
                    + "\(width * height * channels) bytes, not \(pixels.count).")
        }
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// Decodes a JPEG or PNG file.
    ///
    /// Equal to transformers' `convert_to_rgb` over Pillow, except that a grey file stays grey:
    /// transparency is blended with white, palettes are expanded, EXIF orientation is ignored.
    ///
    /// - Parameter bytes: the whole file.
    /// - Throws: `unsupported` for another format, `malformed` for a damaged file or an image over
    ///   `maximumSide` or `maximumArea`.
    public static func decode(_ bytes: [UInt8]) throws(LetheError) -> DecodedImage {
        guard let codec = ImageCodec.recognised(from: bytes) else {
            throw LetheError(
                code: .unsupported, message: "This is neither a JPEG nor a PNG file.",
                remedy: "Convert the image to PNG or JPEG.")
        }
        let header = try codec.header(of: bytes)
        try checkSize(width: header.width, height: header.height)
        let pixels = try codec.pixels(of: bytes, header: header)
        return try DecodedImage(
            width: header.width, height: header.height, channels: header.channels, pixels: pixels)
    }

    static func checkSize(width: Int, height: Int) throws(LetheError) {
        guard width > 0, height > 0, width <= maximumSide, height <= maximumSide,
            width * height <= maximumArea
        else {
            throw LetheError(
                code: .malformed,
                message: "An image of \(width) x \(height) pixels is out of range.",
                remedy: "Shrink it to at most \(maximumSide) pixels a side and "
                    + "\(maximumArea / 1_000_000) million pixels.")
        }
    }

    /// This image with one or three channels.
    ///
    /// Grey is repeated; RGB becomes luma by ITU-R BT.601 in Pillow's 16-bit integer arithmetic.
    func converted(toChannels wanted: Int) throws(LetheError) -> DecodedImage {
        if wanted == channels { return self }
        var result: [UInt8] = []
        result.reserveCapacity(width * height * wanted)
        if wanted == 3 {
            for value in pixels {
                result.append(value)
                result.append(value)
                result.append(value)
            }
        } else {
            for start in stride(from: 0, to: pixels.count, by: 3) {
                let red = UInt32(pixels[start]) * 19_595
                let green = UInt32(pixels[start + 1]) * 38_470
                let blue = UInt32(pixels[start + 2]) * 7_471
                result.append(UInt8((red + green + blue + 0x8000) >> 16))
            }
        }
        return try DecodedImage(width: width, height: height, channels: wanted, pixels: result)
    }
}
