public import LetheRecords
internal import LetheStorage

extension Registry {
    /// How many of the newest versions are looked at for parts that need not be sent again.
    private static let heldVersionCount = 8

    /// The objects that the files of a model's newest versions consist of, with their lengths in
    /// bytes.
    ///
    /// Revoked versions do not count: nobody may bring their weights back by naming them.
    ///
    /// - Returns: nothing for a model that does not exist.
    public func heldParts(of model: String) throws(LetheError) -> [Digest: Int] {
        guard try hasModel(model) else { return [:] }
        var held: [Digest: Int] = [:]
        var version = try tip(of: model)
        for _ in 0..<Self.heldVersionCount {
            guard let current = version else { break }
            let isGiven = (try? refuseUnreleased(current, allowingUncertified: true)) != nil
            for file in isGiven ? current.manifest.files : [] {
                for part in (try? storage.objects.parts(of: file.stored)) ?? [] {
                    held[part.digest] = part.length
                }
            }
            version = try current.parent.mapping(version(at:))
        }
        return held.filter { storage.objects.sizeBytes(of: $0.key) == $0.value }
    }

    /// Hands over an object piece by piece, and verifies it at the end.
    ///
    /// - Throws: `notFound`, `integrity`; what `body` throws.
    public func readPart(
        _ digest: Digest, _ body: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        try storage.objects.stream(digest, body)
    }
}
