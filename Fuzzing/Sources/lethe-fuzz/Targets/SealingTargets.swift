internal import LetheRecords

@testable internal import LetheStorage

extension Target {
    static let sealingTargets = [
        Target(
            name: "encrypted-object", longestInputBytes: 13 + EncryptedForm.headerSizeBytes,
            check: checkForm),
        Target(name: "encrypted-chunk", longestInputBytes: 1024, check: checkChunk),
    ]

    private static let key = expecting("Any 32 bytes are a key") {
        try ObjectKey(bytes: Array(0..<32))
    }

    /// Six bytes with the length of the file and six with a place in the object, little-endian;
    /// one that is odd if the header shall fit its own hash; the header.
    @Sendable
    private static func checkForm(_ input: [UInt8]) throws {
        guard input.count >= 13 else { return }
        let fileSizeBytes = number(input[0..<6])
        var header = Array(input[13...])
        if input[12] & 1 == 1, header.count == EncryptedForm.headerSizeBytes {
            header.replaceSubrange(64..., with: Digest(hashing: Array(header[..<64])).bytes)
        }
        let form = try EncryptedForm(
            header: header, fileSizeBytes: fileSizeBytes, path: "object")
        require(form.key.count == 16 && form.salt.count == 32, "A field has another length")
        require(form.sizeBytes >= 0, "An object has a negative size")
        let all = form.place(of: 0...form.lastChunk)
        require(
            all == EncryptedForm.headerSizeBytes..<fileSizeBytes, "The chunks do not fill the file")
        if form.sizeBytes > 0 { checkPlace(number(input[6..<12]) % form.sizeBytes, form) }
    }

    /// The chunk of a byte lies within the file, and holds that byte.
    private static func checkPlace(_ offset: Int, _ form: EncryptedForm) {
        let chunks = form.chunks(of: offset..<offset + 1)
        require(chunks.count == 1 && chunks.upperBound <= form.lastChunk, "No chunk has that byte")
        let place = form.place(of: chunks)
        let held = place.count - ChunkCipher.tagSizeBytes
        let start = chunks.lowerBound * EncryptedForm.chunkSizeBytes
        require((start..<start + held).contains(offset), "Another chunk has that byte")
        require(held <= EncryptedForm.chunkSizeBytes, "A chunk is longer than chunks are")
    }

    /// Six bytes with the number of the chunk, one that is odd for the last, two with the byte that
    /// is changed; the chunk.
    @Sendable
    private static func checkChunk(_ input: [UInt8]) throws {
        guard input.count >= 9 else { return }
        let (place, isLast, chunk) = (number(input[0..<6]), input[6] & 1 == 1, input[9...])
        let cipher = key.cipher(salt: Array(repeating: input[6], count: 32))
        let sealed = try cipher.seal(chunk, number: place, isLast: isLast)
        require(
            cipher.open(sealed[...], number: place, isLast: isLast)?.elementsEqual(chunk) == true,
            "A chunk is not what was encrypted")
        var changed = sealed
        changed[number(input[7..<9]) % sealed.count] ^= 1 << (input[6] >> 5)
        require(
            cipher.open(changed[...], number: place, isLast: isLast) == nil
                && cipher.open(sealed[...], number: place + 1, isLast: isLast) == nil
                && cipher.open(sealed[...], number: place, isLast: !isLast) == nil
                && cipher.open(sealed.dropLast(), number: place, isLast: isLast) == nil,
            "A chunk that was changed or moved was taken")
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
