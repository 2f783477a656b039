internal import CSHA256
internal import LetheRecords

/// Hashes bytes that arrive in pieces; two hashers at once cost little more than one.
///
/// With the processor's SHA instructions it has a state that can be remembered; without them it is
/// `DigestHasher`, one stream after the other (docs/decisions/0039-two-hashes-at-once.md).
struct StreamHasher: Sendable {
    /// Whether this processor has the instructions.
    static let hasInstructions = lethe_sha256_is_available() != 0

    private enum Work: Sendable {
        case ours(HashState)
        case library(DigestHasher)
    }
    private var work: Work

    /// Starts with no bytes.
    init() { self.init(hasInstructions: Self.hasInstructions) }

    /// Starts with no bytes, by the library if told to.
    init(hasInstructions: Bool) {
        work = hasInstructions ? .ours(HashState()) : .library(DigestHasher())
    }

    /// Goes on from a state; nil where there are no instructions.
    init?(resuming state: HashState) {
        guard Self.hasInstructions else { return nil }
        work = .ours(state)
    }

    /// What the bytes so far have come to; nil where there are no instructions.
    var state: HashState? {
        if case .ours(let state) = work { state } else { nil }
    }

    /// Adds bytes.
    mutating func update(_ bytes: [UInt8]) {
        switch work {
        case .ours(var state):
            unsafe bytes.withUnsafeBytes { unsafe state.take($0) }
            work = .ours(state)
        case .library(var hasher):
            hasher.update(bytes)
            work = .library(hasher)
        }
    }

    /// Adds bytes to two hashers, which may be the same bytes.
    static func update(
        _ one: inout StreamHasher, _ bytes: [UInt8], _ other: inout StreamHasher,
        _ otherBytes: [UInt8]
    ) {
        guard case .ours(var first) = one.work, case .ours(var second) = other.work else {
            one.update(bytes)
            return other.update(otherBytes)
        }
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe otherBytes.withUnsafeBytes { otherBytes in
                unsafe HashState.take(&first, bytes, &second, otherBytes)
            }
        }
        one.work = .ours(first)
        other.work = .ours(second)
    }

    /// The digest of everything added so far.
    func finalize() -> Digest {
        switch work {
        case .ours(let state): state.digest
        case .library(let hasher): hasher.finalize()
        }
    }
}

extension HashState {
    /// Adds bytes.
    fileprivate mutating func take(_ bytes: UnsafeRawBufferPointer) {
        let rest = unsafe fillBlock(bytes)
        let count = rest.count / Self.blockSizeBytes
        unsafe compress(rest, count)
        unsafe keep(rest, from: count * Self.blockSizeBytes)
    }

    /// Adds bytes to two states, as many blocks as both have at once.
    fileprivate static func take(
        _ one: inout HashState, _ bytes: UnsafeRawBufferPointer, _ other: inout HashState,
        _ otherBytes: UnsafeRawBufferPointer
    ) {
        let rest = unsafe one.fillBlock(bytes)
        let otherRest = unsafe other.fillBlock(otherBytes)
        let count = min(rest.count, otherRest.count) / blockSizeBytes
        if count > 0, let start = rest.baseAddress,
            let otherStart = otherRest.baseAddress
        {
            unsafe withUnsafeMutableBytes(of: &one.words) { words in
                unsafe withUnsafeMutableBytes(of: &other.words) { otherWords in
                    unsafe lethe_sha256_compress_two(
                        words.baseAddress, start, otherWords.baseAddress, otherStart, count)
                }
            }
        }
        let taken = count * blockSizeBytes
        one.lengthBytes += taken
        other.lengthBytes += taken
        unsafe one.take(UnsafeRawBufferPointer(rebasing: rest[taken...]))
        unsafe other.take(UnsafeRawBufferPointer(rebasing: otherRest[taken...]))
    }

    /// Takes bytes into a block that has begun.
    ///
    /// - Returns: the bytes that are left; none unless the block is whole.
    private mutating func fillBlock(
        _ bytes: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        let pending = pendingCount
        if pending == 0 { return unsafe bytes }
        let count = min(bytes.count, Self.blockSizeBytes - pending)
        for place in 0..<count { unsafe block[pending + place] = bytes[place] }
        lengthBytes += count
        if pendingCount == 0 {
            let whole = block
            unsafe withUnsafeBytes(of: whole) { unsafe compress($0, 1) }
            // The length was counted already.
            lengthBytes -= Self.blockSizeBytes
            block = SIMD64()
        }
        return unsafe UnsafeRawBufferPointer(rebasing: bytes[count...])
    }

    private mutating func compress(_ bytes: UnsafeRawBufferPointer, _ count: Int) {
        guard count > 0, let start = bytes.baseAddress else { return }
        unsafe withUnsafeMutableBytes(of: &words) { words in
            unsafe lethe_sha256_compress(words.baseAddress, start, count)
        }
        lengthBytes += count * Self.blockSizeBytes
    }

    /// Keeps the bytes after the last whole block.
    private mutating func keep(_ bytes: UnsafeRawBufferPointer, from start: Int) {
        for place in start..<bytes.count { unsafe block[place - start] = bytes[place] }
        lengthBytes += bytes.count - start
    }

    /// The digest of the bytes so far, after the padding (FIPS 180-4, section 5.1.1).
    fileprivate var digest: Digest {
        var last = self
        let zeros = (2 * Self.blockSizeBytes - 9 - pendingCount) % Self.blockSizeBytes
        let bits = UInt64(lengthBytes) << 3
        let length = stride(from: 56, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: bits >> UInt64($0))
        }
        let padding = [0x80] + [UInt8](repeating: 0, count: zeros) + length
        unsafe padding.withUnsafeBytes { unsafe last.take($0) }
        guard let digest = Digest(hex: Hex.encode(last.wordBytes)) else {
            preconditionFailure("Thirty-two bytes are a digest.")
        }
        return digest
    }
}
