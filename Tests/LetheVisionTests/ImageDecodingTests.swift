import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import Testing

@Suite("Decoding JPEG and PNG")
struct ImageDecodingTests {
    static let golden = VisionFixtures.images.appending(path: "decoded.safetensors")

    @Test(
        "PNG files of every kind equal what transformers makes of them",
        arguments: [
            "rgb.png", "grey.png", "rgb-alpha.png", "grey-alpha.png", "palette.png",
            "palette-transparent.png", "one-bit.png", "interlaced.png",
        ])
    func png(name: String) throws {
        let image = try VisionFixtures.image(name)
        let expected = try Safetensors.open(Self.golden).tensor(named: name)
        #expect([image.height, image.width, image.channels] == expected.shape)
        #expect(try image.pixels == expected.bytes())
    }

    // Pillow brings another libjpeg-turbo than the system; 1 of 255 would be allowed, 0 is measured.
    @Test(
        "JPEG files of every kind equal what Pillow decodes, within one level",
        arguments: [
            "rgb-420.jpg", "rgb-444.jpg", "rgb-422-progressive.jpg", "grey.jpg", "cmyk.jpg",
            "rotated-by-exif.jpg",
        ])
    func jpeg(name: String) throws {
        let image = try VisionFixtures.image(name)
        let expected = try Safetensors.open(Self.golden).tensor(named: name)
        #expect([image.height, image.width, image.channels] == expected.shape)
        let difference = zip(image.pixels, try expected.bytes())
            .map { abs(Int($0) - Int($1)) }.max()
        #expect(try #require(difference) <= 1)
    }

    @Test(
        "A damaged file is refused, not filled with grey",
        arguments: [
            "half.jpg", "half.png", "header-only.jpg", "flipped-bit.png", "huge.png",
        ])
    func damaged(name: String) throws {
        let error = try #require(throws: LetheError.self) {
            try VisionFixtures.image("damaged/\(name)")
        }
        #expect(error.code == .malformed)
        #expect(error.remedy != nil)
    }

    @Test("Another format is refused with a remedy", arguments: ["image.gif", "empty.png"])
    func otherFormat(name: String) throws {
        let error = try #require(throws: LetheError.self) {
            try VisionFixtures.image("damaged/\(name)")
        }
        #expect(error.code == .unsupported)
        #expect(error.says("neither a JPEG nor a PNG", "Convert"))
    }

    @Test("No prefix of a file crashes the decoder", arguments: ["rgb-420.jpg", "interlaced.png"])
    func prefixes(name: String) throws {
        let whole = try VisionFixtures.bytes(name)
        // Behind the last row of pixels a JPEG may lose bytes unnoticed; a tenth of it may not.
        for length in 0..<whole.count * 9 / 10 {
            #expect(throws: LetheError.self) { try DecodedImage.decode(Array(whole[..<length])) }
        }
    }

    @Test("No single changed byte crashes the decoder", arguments: ["rgb-420.jpg", "palette.png"])
    func changedBytes(name: String) throws {
        let whole = try VisionFixtures.bytes(name)
        for index in whole.indices {
            var changed = whole
            changed[index] ^= 0x55
            guard let image = try? DecodedImage.decode(changed) else { continue }
            #expect(image.pixels.count == image.width * image.height * image.channels)
        }
    }

    @Test("Pixels that do not fit the size are refused")
    func wrongPixelCount() {
        #expect(throws: LetheError.self) {
            try DecodedImage(width: 2, height: 2, channels: 3, pixels: [0])
        }
        #expect(throws: LetheError.self) {
            try DecodedImage(width: 1, height: 1, channels: 2, pixels: [0, 0])
        }
    }
}
