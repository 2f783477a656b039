/// Checks a weights file, piece by piece, against a mask: every number that is held must be zero.
///
/// Nothing is computed with the numbers. A floating point zero may have a sign.
public struct MaskedWeights {
    private struct Region {
        let name: String
        let range: Range<Int>
        let bits: [UInt8]
        let widthBytes: Int
        let isFloat: Bool
    }

    private let mask: PruningMask
    private let sizeBytes: Int
    /// What has come of the header, until it is whole.
    private var prefix: [UInt8] = []
    private var regions: [Region]?
    /// Where the next byte lies, counted from the start of the data.
    private var offset = 0

    /// - Parameter sizeBytes: The size of the weights file.
    public init(_ mask: PruningMask, sizeBytes: Int) {
        self.mask = mask
        self.sizeBytes = sizeBytes
    }

    /// Takes the next bytes of the file.
    ///
    /// - Throws: `malformed` if the mask does not fit the file, `integrity` naming the tensor of the
    ///   first number that is not zero.
    public mutating func add(_ piece: [UInt8]) throws(LetheError) {
        guard regions == nil else { return try check(piece[...]) }
        prefix += piece
        guard prefix.count >= 8 else { return }
        let end = 8 + (try SafetensorsHeader.jsonLength(ofFirstEight: prefix))
        guard prefix.count >= end else { return }
        let header = try SafetensorsHeader(
            parsing: Array(prefix[..<end]), fileSizeBytes: sizeBytes)
        regions = try regions(of: header)
        try check(prefix[end...])
        prefix = []
    }

    /// To be called after the last piece.
    ///
    /// - Throws: `malformed` if the file ended early.
    public func finish() throws(LetheError) {
        guard regions != nil else { throw PruningMask.malformed("the weights end in their header") }
    }

    private func regions(of header: SafetensorsHeader) throws(LetheError) -> [Region] {
        var regions: [Region] = []
        for entry in header.entries {
            guard let bits = mask.bits[entry.name] else { continue }
            let type = SafetensorsElementType(rawValue: entry.elementType)
            guard let type, [.int8, .float16, .bfloat16, .float32, .float64].contains(type) else {
                throw PruningMask.malformed(
                    "\(entry.name.prefix(80)) has the type \(entry.elementType.prefix(20))")
            }
            let widthBytes = type.sizeBits / 8
            try PruningMask.requireFit(
                bits, entry.name, count: entry.dataRange.count / widthBytes)
            regions.append(
                Region(
                    name: entry.name, range: entry.dataRange, bits: bits, widthBytes: widthBytes,
                    isFloat: type != .int8))
        }
        guard regions.count == mask.bits.count else {
            throw PruningMask.malformed("it names a tensor that the weights do not have")
        }
        return regions
    }

    private mutating func check(_ piece: ArraySlice<UInt8>) throws(LetheError) {
        let range = offset..<offset + piece.count
        for region in regions ?? [] where region.range.overlaps(range) {
            let shared = region.range.clamped(to: range)
            let start = piece.startIndex + shared.lowerBound - offset
            try check(piece[start..<start + shared.count], from: shared.lowerBound, of: region)
        }
        offset = range.upperBound
    }

    private func check(
        _ bytes: ArraySlice<UInt8>, from position: Int, of region: Region
    ) throws(LetheError) {
        var place = position - region.range.lowerBound
        for byte in bytes {
            let number = place / region.widthBytes
            let isSigned = region.isFloat && place % region.widthBytes == region.widthBytes - 1
            let isHeld = region.bits[number / 8] & (0x80 >> UInt8(number % 8)) == 0
            guard !isHeld || byte & (isSigned ? 0x7F : 0xFF) == 0 else {
                throw LetheError(
                    code: .integrity,
                    message: "Number \(number) of \(region.name) is held by the mask and not zero.",
                    remedy: "Take the mask that belongs to these weights, or remove it.")
            }
            place += 1
        }
    }
}
